"""A base model made once a test run, small enough to be trained in a second or two."""

from pathlib import Path

import pytest

from stages.base_model import embed
from tests.tiny import BASE, ROWS


@pytest.fixture(scope="session")
def base_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("base") / "base"
    embed(ROWS, BASE, target)
    return target
