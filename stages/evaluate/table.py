"""The comparison as rows of text: one table, shown by the report, the README, the terminal and the page."""

from collections.abc import Mapping
from typing import Any

from stages.evaluate.keys import MEASURED, SYSTEMS, lower_is_better

HEADER = ("metric", "baseline", "fine-tuned", "human", "change", "95 % interval", "headroom closed", "verdict")


def label(key: str) -> str:
    """The key with an arrow where lower is better."""
    return f"{key} ↓" if lower_is_better(key) else key


def comparison_rows(comparison: Mapping[str, Any]) -> list[list[str]]:
    """Baseline, fine-tuned and human reference, metric by metric; `comparison` is metrics/comparison.json."""
    return [comparison_row(comparison, key) for key in MEASURED if key in comparison["difference"]]


def comparison_row(comparison: Mapping[str, Any], key: str) -> list[str]:
    group, name = key.split(".")
    means = [comparison["systems"][system][group][name] for system in SYSTEMS]
    found = comparison["difference"][key]
    closed = comparison["headroom"].get(key)
    return [
        label(key),
        *(f"{mean:.4f}" for mean in means),
        f"{found['mean']:+.4f}",
        f"{found['low']:+.4f} .. {found['high']:+.4f}",
        "" if closed is None else f"{closed:.1%}",
        found["verdict"],
    ]
