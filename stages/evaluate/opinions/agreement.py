"""Do raters agree with each other, and with themselves?

Krippendorff's alpha is our own code: the maintained package for it is under the GPL, which this project is not.
"""

from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from stages.evaluate.opinions.ratings import ASPECTS, SYSTEMS, Judgement

Level: TypeAlias = Literal["nominal", "ordinal", "interval", "ratio"]
Floats: TypeAlias = NDArray[np.float64]


def alpha(ratings: Floats, level: Level) -> float | None:
    """Krippendorff's alpha of a matrix raters x units, NaN where a rater did not rate; None where it is undefined.

    Source: Krippendorff, "Content Analysis", 4th edition (2019), chapter 12: 1 - observed / expected disagreement by the
    coincidence matrix. A unit with one rating says nothing; units with some ratings missing count. "ordinal" is
    Krippendorff's own metric, by the ranks between two values, not Gwet's ordinal weights, which give other numbers.
    Undefined where no unit has two ratings or all ratings are the same.
    """
    values, place = np.unique(ratings[~np.isnan(ratings)], return_inverse=True)
    counts = np.zeros((ratings.shape[1], len(values)))  # unit x value: how many raters gave it
    np.add.at(counts, (np.nonzero(~np.isnan(ratings))[1], place), 1)
    counts = counts[counts.sum(axis=1) > 1]
    share = 1 / (counts.sum(axis=1) - 1)
    coincidences = (counts * share[:, None]).T @ counts - np.diag(share @ counts)
    totals = coincidences.sum(axis=1)
    distances = squared_distances(values, totals, level)
    expected = (np.outer(totals, totals) * distances).sum()
    if expected == 0:
        return None
    return float(1 - (totals.sum() - 1) * (coincidences * distances).sum() / expected)


def squared_distances(values: Floats, totals: Floats, level: Level) -> Floats:
    """Krippendorff's squared difference of each two values, which occur `totals` times."""
    one, other = values[:, None], values[None, :]
    match level:
        case "nominal":
            return np.asarray(one != other, dtype=np.float64)
        case "interval":
            return np.square(one - other)
        case "ratio":
            total = one + other
            return np.square(np.divide(one - other, total, out=np.zeros_like(total), where=total != 0))
    middle = np.cumsum(totals) - totals / 2  # of each value's ranks
    return np.square(middle[:, None] - middle[None, :])


def matrix(judgements: Sequence[Judgement], aspect: str) -> Floats:
    """Raters x units for `alpha`; a unit is one answer for an aspect, one test row for "preference"."""
    cells = {
        (found.rater, found.record, system): found.preference if aspect == "preference" else found.marks[system].get(aspect)
        for found in judgements
        for system in (SYSTEMS[:1] if aspect == "preference" else SYSTEMS)
    }
    raters = sorted({rater for rater, _, _ in cells})
    units = sorted({(record, system) for _, record, system in cells})
    rows = [[cells.get((rater, *unit)) for unit in units] for rater in raters]
    return np.array([[np.nan if cell is None else cell for cell in row] for row in rows], dtype=np.float64)


def self_consistency(judgements: Sequence[Judgement]) -> dict[str, float]:
    """A rater's second view of a hidden repeat against the first: share of same preferences, mean distance of marks."""
    first = {(found.rater, found.record): found for found in judgements if not found.repeat}
    pairs = [(first[key], found) for found in judgements if found.repeat and (key := (found.rater, found.record)) in first]
    same = [float(one.preference == two.preference) for one, two in pairs if None not in (one.preference, two.preference)]
    steps = [
        abs(one.marks[system][aspect] - two.marks[system][aspect])
        for one, two in pairs
        for system in SYSTEMS
        for aspect in ASPECTS
        if aspect != "acceptable" and aspect in one.marks[system] and aspect in two.marks[system]
    ]
    found = {"n": float(len(pairs))}
    return (
        found
        | ({"same_preference": float(np.mean(same))} if same else {})
        | ({"distance": float(np.mean(steps))} if steps else {})
    )
