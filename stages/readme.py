"""Put the tables of metrics/ into README.md and data/README.md, between their marks; a test holds them together."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from stages.common.errors import run
from stages.common.files import write_text
from stages.common.tables import table
from stages.evaluate import flow
from stages.evaluate.table import HEADER, comparison_rows

PAGES = (Path("README.md"), Path("data/README.md"))
METRICS = Path("metrics")


def read(name: str) -> Any:
    return json.loads((METRICS / name).read_text(encoding="utf-8"))


def comparison() -> str:
    """Baseline, fine-tuned and human reference with the interval of the paired difference."""
    return table(HEADER, comparison_rows(read("comparison.json")))


def rows_by_stage() -> str:
    """Rows through the data stages."""
    return table(flow.HEADER, flow.flow_rows(flow.read_counts(METRICS / "data")))


def refused() -> str:
    """Why rows were refused, stage by stage."""
    rows = [
        [stage, key.removeprefix("dropped_").replace("_", " "), str(value)]
        for stage in flow.STAGES
        for key, value in read(f"data/{stage}.json").items()
        if key.startswith("dropped_")
    ]
    return table(["stage", "reason", "rows"], rows, right=2)


def composition() -> str:
    """The cleaned rows by domain, language, register and origin."""
    counts: Mapping[str, Mapping[str, int]] = {
        key: read("data/normalize.json")[key] for key in ("domain", "language", "register", "origin")
    }
    rows = [[field, value, str(n)] for field, values in counts.items() for value, n in sorted(values.items())]
    return table(["field", "value", "rows"], rows, right=2)


BLOCKS = {"comparison": comparison, "flow": rows_by_stage, "refused": refused, "composition": composition}


def filled(page: str) -> str:
    """`page` with each block `<!-- NAME -->...<!-- /NAME -->` made anew."""
    for name, make in BLOCKS.items():
        page = re.sub(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", rf"\g<1>{make()}\g<2>", page, flags=re.DOTALL)
    return page


def main() -> None:
    """Write the tables of metrics/ into the README files."""
    for path in PAGES:
        write_text(path, filled(path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    run(main)
