"""The human reference as a third system, and how much of the way to it the fine-tuning went.

Where an exam question has several verified answers, each is scored against the other ones: that is what a person gets.
Where it has one, the reference is scored against itself: the ceiling, by definition.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from stages.common.records import Record
from stages.evaluate.answers import Answers, Exam
from stages.evaluate.keys import SYSTEMS, lower_is_better
from stages.evaluate.statistics import Scores


def peers(records: Sequence[Record]) -> list[list[int]]:
    """For each row, the rows of the other answers to the same question: same group, task and language."""
    rows = defaultdict(list)
    for row, record in enumerate(records):
        rows[record.group_id, record.task_type, record.language].append(row)
    return [
        [other for other in rows[record.group_id, record.task_type, record.language] if other != row]
        for row, record in enumerate(records)
    ]


def human_pairs(records: Sequence[Record]) -> list[tuple[int, int]]:
    """Pairs (row, row of the answer held against it): every peer of a row, or the row itself where it has none."""
    return [(row, other) for row, found in enumerate(peers(records)) for other in found or [row]]


def human_exam(records: Sequence[Record]) -> Exam:
    """The pairs of `human_pairs` as an exam."""
    pairs = human_pairs(records)
    answers = Answers.written([records[other].response for _, other in pairs])
    return Exam(answers=answers, truths=[records[row].response for row, _ in pairs])


def by_row(scores: Scores, records: Sequence[Record]) -> Scores:
    """The scores of `human_exam`, those of one row averaged."""
    place = np.array([row for row, _ in human_pairs(records)])
    count = np.bincount(place, minlength=len(records))
    return {key: np.bincount(place, weights=values, minlength=len(records)) / count for key, values in scores.items()}


def measured_rows(records: Sequence[Record]) -> int:
    """Rows where the human score is measured, and not the ceiling by definition."""
    return sum(bool(found) for found in peers(records))


def headroom_closed(baseline: float, finetuned: float, human: float) -> float | None:
    """Share of the way from the baseline to the human reference; None where the baseline is there already."""
    return (finetuned - baseline) / (human - baseline) if human != baseline else None


def headroom(scores: Mapping[str, Scores]) -> dict[str, float]:
    """`headroom_closed` of the mean of every metric that has any; `scores` is system -> metric -> scores.

    Not of rates: there the baseline and people are near 0 both, and the share of a difference that small says nothing.
    """
    keys = [key for key in scores["baseline"] if not lower_is_better(key)]
    means = {key: [float(scores[system][key].mean()) for system in SYSTEMS] for key in keys}
    shares = {key: headroom_closed(*values) for key, values in means.items()}
    return {key: share for key, share in shares.items() if share is not None}
