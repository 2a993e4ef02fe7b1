"""Print what a run came to: the comparison of the two models, and how long each stage took."""

import json
from pathlib import Path

from rich.console import Console
from rich.table import Table

from stages.common.errors import TIMES, InputError, run
from stages.evaluate.keys import LEAK, QUALITY

COMPARISON = Path("metrics/comparison.json")


def comparison(values: dict[str, dict[str, dict[str, dict[str, float]]]]) -> Table:
    """Baseline against fine-tuned."""
    table = Table("metric", title="baseline against fine-tuned")
    for name in ("baseline", "fine-tuned", "change"):
        table.add_column(name, justify="right")
    for key in (*QUALITY, LEAK):
        group, name = key.split(".")
        old, new = (values["systems"][system][group][name] for system in ("baseline", "finetuned"))
        table.add_row(key, f"{old:.4f}", f"{new:.4f}", f"{new - old:+.4f}")
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
    console.print(comparison(json.loads(COMPARISON.read_text(encoding="utf-8"))))
    console.print(times(TIMES))


if __name__ == "__main__":
    run(main)
