"""Scores of each row as CSV, small enough for Git: the gate pairs two revisions by row without any data at hand."""

import csv
import io
from collections.abc import Mapping, Sequence

import numpy as np

from stages.common.errors import InputError
from stages.evaluate.statistics import Matrix, Scores


def scores_csv(ids: Sequence[str], scores: Mapping[str, Matrix]) -> str:
    """A line a row, a column a metric; four digits, without zeros that say nothing."""
    lines = [",".join(["id", *scores])]
    lines += [",".join([name, *(f"{scores[key][row]:.4g}" for key in scores)]) for row, name in enumerate(ids)]
    return "\n".join(lines) + "\n"


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
