"""Are they the right steps, all of them, in the right order, in a clean list?"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TypeAlias

import evaluate
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from stages.common.steps import is_canonical, steps_or_sentences
from stages.evaluate.metrics.exact import token_f1
from stages.evaluate.metrics.tokens import info, words

Matrix: TypeAlias = NDArray[np.float64]
# (n texts, m texts) -> similarities in -1..1, shape (n, m)
Similarity: TypeAlias = Callable[[Sequence[str], Sequence[str]], Matrix]
KEYS = ("accuracy", "order", "completeness", "format")


@dataclass(frozen=True, slots=True)
class StepScores:
    accuracy: float
    order: float
    completeness: float
    format: float


def word_overlap(left: Sequence[str], right: Sequence[str]) -> Matrix:
    return np.array([[token_f1(words(one), words(other)) for other in right] for one in left], dtype=np.float64)


def matched(predicted: Sequence[str], truth: Sequence[str], similarity: Similarity, threshold: float) -> list[tuple[int, int]]:
    """Pairs (reference step, predicted step) of the assignment with the largest total similarity, one to one,
    those below `threshold` left out; ordered by reference step."""
    if not predicted or not truth:
        return []
    scores = similarity(truth, predicted)
    rows, columns = linear_sum_assignment(scores, maximize=True)
    return [
        (row, column) for row, column in zip(rows.tolist(), columns.tolist(), strict=True) if scores[row, column] >= threshold
    ]


def order(pairs: Sequence[tuple[int, int]], steps: int) -> float:
    """Kendall's tau (1938) over the matched steps, scaled to 0..1: 1 in the right order, 0 reversed.

    A single matched step has no order: that counts as right only where the reference has one step.
    """
    if len(pairs) < 2:
        return float(len(pairs) == steps)
    concordant = sum(one[1] < other[1] for one, other in combinations(pairs, 2))
    return concordant / (len(pairs) * (len(pairs) - 1) / 2)


def step_scores(text: str, truth: str, similarity: Similarity, threshold: float) -> StepScores:
    """Scores of one answer. An answer without a list is read sentence by sentence: it loses format, not content."""
    predicted, reference = steps_or_sentences(text), steps_or_sentences(truth)
    pairs = matched(predicted, reference, similarity, threshold)
    return StepScores(
        accuracy=2 * len(pairs) / (len(predicted) + len(reference)) if reference else 0.0,
        order=order(pairs, len(reference)),
        completeness=len(pairs) / len(reference) if reference else 0.0,
        format=float(is_canonical(text)),
    )


class Steps(evaluate.Metric):
    """Step accuracy (F1 of matched steps), order, completeness and format; by word overlap unless told otherwise."""

    similarity: Similarity = staticmethod(word_overlap)
    threshold = 0.5
    name = "word overlap F1"

    def use(self, similarity: Similarity, threshold: float, name: str) -> "Steps":
        self.similarity, self.threshold, self.name = similarity, threshold, name
        return self

    def _info(self) -> evaluate.MetricInfo:
        return info("Step accuracy, order, completeness and format.", "Kuhn 1955 (assignment); Kendall 1938 (tau)")

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, list[float]]:
        pairs = zip(predictions, references, strict=True)
        rows = [step_scores(text, truth, self.similarity, self.threshold) for text, truth in pairs]
        return {key: [getattr(row, key) for row in rows] for key in KEYS}

    def signature(self) -> str:
        return f"optimal assignment on {self.name}, a match at {self.threshold} or over"
