"""Metric files shaped for `dvc metrics diff`: finite numbers, few digits, no clock."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeAlias

from stages.common.files import write_text
from stages.common.records import DIMENSIONS, Dropped, Record

Metrics: TypeAlias = Mapping[str, Any]  # numbers, strings, and such mappings


def rounded(metrics: Metrics, digits: int = 4) -> dict[str, Any]:
    return {
        name: rounded(value, digits)
        if isinstance(value, Mapping)
        else round(value, digits)
        if isinstance(value, float)
        else value
        for name, value in metrics.items()
    }


def write_metrics(path: Path, metrics: Metrics) -> None:
    """Write `metrics` as JSON; a number that is not finite is an error, never a result."""
    write_text(path, json.dumps(rounded(metrics), indent=2, sort_keys=True, allow_nan=False) + "\n")


# What records are counted by: each of `DIMENSIONS`, and the kind of source.
labels: Callable[[Record], tuple[str, ...]] = attrgetter(*DIMENSIONS, "source.kind")


def counts(kept: Mapping[tuple[str, ...], int]) -> dict[str, dict[str, int]]:
    by_field: dict[str, Counter[str]] = {name: Counter() for name in (*DIMENSIONS, "source")}
    for values, count in kept.items():
        for name, value in zip(by_field, values, strict=True):
            by_field[name][value] += count
    return {name: dict(by_value) for name, by_value in by_field.items()}


def stage_metrics(rows_in: int, kept: Sequence[Record], dropped: Sequence[Dropped], rows_added: int = 0) -> dict[str, Any]:
    """The counts that every data stage reports."""
    return balanced(rows_in, Counter(map(labels, kept)), Counter(row.reason for row in dropped), rows_added)


def balanced(
    rows_in: int, kept: Mapping[tuple[str, ...], int], dropped: Mapping[str, int], rows_added: int = 0
) -> dict[str, Any]:
    """The same of rows that were counted as they passed, by labels and by reason; they must balance."""
    rows_out = sum(kept.values())
    assert rows_in + rows_added == rows_out + sum(dropped.values()), "a row was lost silently"
    reasons = {f"dropped_{reason}": count for reason, count in dropped.items()}
    return {"rows_in": rows_in, "rows_added": rows_added, "rows_out": rows_out, **reasons, **counts(kept)}
