"""Metric files shaped for `dvc metrics diff`: finite numbers, few digits, no clock."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
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


def counts(records: Sequence[Record]) -> dict[str, dict[str, int]]:
    """Rows by each of `DIMENSIONS`, and by kind of source."""
    by_field = {name: dict(Counter(getattr(record, name) for record in records)) for name in DIMENSIONS}
    return by_field | {"source": dict(Counter(record.source.kind for record in records))}


def stage_metrics(rows_in: int, kept: Sequence[Record], dropped: Sequence[Dropped], rows_added: int = 0) -> dict[str, Any]:
    """The counts that every data stage reports; they must balance."""
    assert rows_in + rows_added == len(kept) + len(dropped), "a row was lost silently"
    reasons = Counter(f"dropped_{row.reason}" for row in dropped)
    return {"rows_in": rows_in, "rows_added": rows_added, "rows_out": len(kept), **reasons, **counts(kept)}
