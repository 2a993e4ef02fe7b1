"""The results of one revision, as Git has them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stages.common.revisions import json_at, text_at
from stages.evaluate.keys import MEASURED
from stages.evaluate.row_scores import read_scores
from stages.evaluate.statistics import Scores

EVALUATION, COMPARISON, ROWS = (Path("metrics", name) for name in ("evaluation.json", "comparison.json", "scores.csv"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    name: str
    candidate: str  # whose scores these are
    exam: str  # hash of the test split
    means: dict[str, float]  # metric key -> mean
    signatures: dict[str, str]  # how each metric was made
    ids: Sequence[str]  # sorted: the order of an exam's rows is no part of it
    scores: Scores  # by row of `ids`; empty for a revision that kept none


def read_results(revision: str | None) -> Results | None:
    """None where the revision has no metrics."""
    evaluation = json_at(revision, EVALUATION)
    if evaluation is None:
        return None
    rows = text_at(revision, ROWS)
    ids, scores = by_id(*read_scores(rows, f"{revision or 'working tree'}:{ROWS}")) if rows else ([], {})
    named = {key: key.split(".") for key in MEASURED}
    return Results(
        name=revision or "working tree",
        candidate=str(evaluation["candidate"]),
        exam=str(evaluation["test_set"]["sha256"]),
        means={
            key: float(evaluation[group][name]) for key, (group, name) in named.items() if name in evaluation.get(group, {})
        },
        signatures=(json_at(revision, COMPARISON) or {}).get("signatures", {}),
        ids=ids,
        scores=scores,
    )


def by_id(ids: Sequence[str], scores: Scores) -> tuple[list[str], Scores]:
    """Both in the order of the ids."""
    order = sorted(range(len(ids)), key=ids.__getitem__)
    return [ids[row] for row in order], {key: values[order] for key, values in scores.items()}
