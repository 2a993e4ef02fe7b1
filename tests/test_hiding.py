import importlib
import json
import sys

import pytest

from stages.common.hiding import without


def test_a_hidden_library_looks_absent_and_can_be_imported_again_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    with without("colorsys"), pytest.raises(ImportError):
        importlib.import_module("colorsys")
    assert importlib.import_module("colorsys").rgb_to_hsv


def test_a_library_that_is_in_use_is_not_hidden() -> None:
    with without("json"):
        assert importlib.import_module("json") is json
