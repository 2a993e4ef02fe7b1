"""Scores of each row: the candidate's as CSV, small enough for Git, so that the gate pairs two revisions by row without any
data at hand; all systems' for the report."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from stages.common.errors import InputError
from stages.evaluate.statistics import Matrix, Scores


def scores_csv(ids: Sequence[str], scores: Mapping[str, Matrix]) -> str:
    """A line a row, a column a metric; four digits, without zeros that say nothing."""
    lines = [",".join(["id", *scores])]
    lines += [",".join([name, *(f"{scores[key][row]:.4g}" for key in scores)]) for row, name in enumerate(ids)]
    return "\n".join(lines) + "\n"


def row_lines(ids: Sequence[str], scores: Mapping[str, Scores]) -> Iterator[dict[str, Any]]:
    """A mapping a row: its id, and for each system its scores by metric."""
    for row, name in enumerate(ids):
        by_system = {
            system: {key: round(float(values[row]), 4) for key, values in found.items()} for system, found in scores.items()
        }
        yield {"id": name, **by_system}


def read_scores(text: str, where: str) -> tuple[list[str], Scores]:
    """Ids and scores; raises InputError naming `where` and the line that is no row of numbers."""
    rows = list(csv.DictReader(io.StringIO(text)))
    keys = [key for key in (rows[0] if rows else {}) if key != "id"]
    scores: Scores = {key: np.zeros(len(rows)) for key in keys}
    for number, row in enumerate(rows):
        for key in keys:
            try:
                scores[key][number] = float(row[key])
            except (TypeError, ValueError):
                raise InputError(f"{where}:{number + 2}: column '{key}': {row[key]!r} is no number") from None
    return [row["id"] for row in rows], scores
