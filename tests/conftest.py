"""A base model made once a test run, small enough to be trained in a second or two.

torch is imported by those who ask for one: it takes longer than most tests.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

settings.register_profile("fuzz", max_examples=2_000, deadline=None)


@pytest.fixture(scope="session")
def made_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from stages.base_model import embed  # noqa: PLC0415
    from tests.tiny import BASE, ROWS  # noqa: PLC0415

    target = tmp_path_factory.mktemp("base") / "base"
    embed(ROWS, BASE, target)
    return target


@pytest.fixture(scope="module")
def base_folder(made_base: Path) -> Iterator[Path]:
    """For the tests of a module, which then compute in one thread.

    Of so small a model, threads wait for each other longer than they compute, most of all on many cores or busy ones.
    """
    import torch  # noqa: PLC0415

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield made_base
    torch.set_num_threads(before)
