"""Print what a run came to: the comparison of the two models, and how long each stage took."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from stages.common.errors import TIMES, InputError, run
from stages.evaluate.power import caution
from stages.evaluate.table import HEADER, comparison_rows

COMPARISON = Path("metrics/comparison.json")
NARROW = (0, 1, 2, 3, 4, 7)  # columns of the comparison, without interval and headroom


def comparison(values: Mapping[str, Any]) -> Table:
    """Baseline, fine-tuned and human reference, in the width of a terminal."""
    table = Table(HEADER[0], title="baseline against fine-tuned", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for place in NARROW[1:]:
        table.add_column(HEADER[place], justify="right", no_wrap=True)
    for row in comparison_rows(values):
        table.add_row(*(row[place] for place in NARROW))
    return table


def times(folder: Path) -> Table:
    """Seconds of each stage's last run, in the order in which they ran."""
    table = Table("stage", title="time of each stage's last run")
    table.add_column("seconds", justify="right")
    files = sorted(folder.glob("*"), key=lambda file: file.stat().st_mtime_ns)
    seconds = {file.name: float(file.read_text()) for file in files}
    for name, value in seconds.items():
        table.add_row(name, f"{value:.1f}")
    table.add_row("all", f"{sum(seconds.values()):.1f}")
    return table


def main() -> None:
    """Print the comparison and the time of each stage."""
    if not COMPARISON.exists():
        raise InputError(f"{COMPARISON}: no such file; run `dvc repro`")
    console = Console()
    found = json.loads(COMPARISON.read_text(encoding="utf-8"))
    console.print(comparison(found))
    if warning := caution(found):
        console.print(warning)
    console.print(times(TIMES))


if __name__ == "__main__":
    run(main)
