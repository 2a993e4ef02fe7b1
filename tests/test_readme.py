from pathlib import Path

import pytest

from stages.readme import BLOCKS, PAGES, filled


@pytest.mark.parametrize("path", PAGES, ids=str)
def test_the_tables_of_the_readme_are_those_of_the_metrics(path: Path) -> None:
    assert filled(path.read_text(encoding="utf-8")) == path.read_text(encoding="utf-8"), "run `make readme`"


def test_every_table_stands_somewhere() -> None:
    pages = "".join(path.read_text(encoding="utf-8") for path in PAGES)
    assert all(f"<!-- {name} -->" in pages and f"<!-- /{name} -->" in pages for name in BLOCKS)
