"""What people say of both systems: who wins, mark by mark, how far raters agree, and which metric goes with them.

The unit is the test row: several raters' views of one row are averaged first, because they are not independent.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from stages.common.ratings import CRITERIA
from stages.evaluate.opinions.agreement import alpha, matrix, self_consistency
from stages.evaluate.opinions.ratings import ASPECTS, Judgement, mean_marks

Floats = NDArray[np.float64]
MINIMUM = 3  # rows that an interval or a correlation needs


def present(values: Mapping[str, float | None]) -> dict[str, float]:
    """Without what is undefined: a metrics file has no null."""
    return {name: float(value) for name, value in values.items() if value is not None and np.isfinite(value)}


def interval(values: Floats, seed: int, resamples: int) -> dict[str, float]:
    """95 % of the mean, by percentile bootstrap over rows."""
    if len(values) < MINIMUM:
        return {}
    rng = np.random.default_rng(seed)
    found = stats.bootstrap((values,), np.mean, n_resamples=resamples, method="percentile", rng=rng).confidence_interval
    return {"low": float(found.low), "high": float(found.high)}


def win_rate(preferences: Sequence[float], seed: int, resamples: int) -> dict[str, float]:
    """The fine-tuned system against the baseline, from one value a row: 1 won, 0 lost, 0.5 tie, between where raters differ.

    `win_rate` is the mean, a tie being half a win; the p-value is that of the two-sided sign test over the rows that
    more raters gave to one system than to the other, ties left out.
    """
    values = np.array(preferences, dtype=np.float64)
    wins, losses = int((values > 0.5).sum()), int((values < 0.5).sum())
    test = stats.binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    counts = {"n": len(values), "wins": wins, "losses": losses, "ties": len(values) - wins - losses}
    return {**counts, "win_rate": float(values.mean()), **interval(values, seed, resamples), "p_value": float(test)}


def by_row(judgements: Sequence[Judgement]) -> dict[str, float]:
    """Mean preference of each row over its raters."""
    rows: dict[str, list[float]] = {}
    for found in judgements:
        if found.preference is not None:
            rows.setdefault(found.record, []).append(found.preference)
    return {record: sum(values) / len(values) for record, values in sorted(rows.items())}


def aspect_summary(judgements: Sequence[Judgement], aspect: str, seed: int, resamples: int) -> dict[str, float]:
    """Mean mark of both systems, their paired difference with its interval, and the raters' agreement."""
    pairs = np.array(list(mean_marks(judgements, aspect).values()))
    if not len(pairs):
        return {}
    deltas = pairs[:, 1] - pairs[:, 0]
    agreed = alpha(matrix(judgements, aspect), "nominal" if aspect == "acceptable" else "ordinal")
    means = {"baseline": pairs[:, 0].mean(), "finetuned": pairs[:, 1].mean(), "difference": deltas.mean()}
    return {"n": len(pairs), **means, **interval(deltas, seed, resamples), **present({"alpha": agreed})}


def human_deltas(judgements: Sequence[Judgement]) -> dict[str, float]:
    """By row, how much better the fine-tuned answer is marked, as the mean over the criteria that were rated."""
    rows: dict[str, list[float]] = {}
    for aspect in CRITERIA:
        for record, (base, tuned) in mean_marks(judgements, aspect).items():
            rows.setdefault(record, []).append(tuned - base)
    return {record: sum(values) / len(values) for record, values in sorted(rows.items())}


def correlations(
    deltas: Mapping[str, float], ids: Sequence[str], scores: Mapping[str, Mapping[str, Floats]]
) -> dict[str, dict[str, float]]:
    """Spearman and Kendall (tau-b) of each metric's paired difference with the human one; none where it never differs."""
    rows = [row for row, name in enumerate(ids) if name in deltas]
    people = np.array([deltas[ids[row]] for row in rows])
    found = {}
    if len(rows) < MINIMUM or len(set(people)) == 1:
        return {}
    for metric, tuned in scores["finetuned"].items():
        change = (tuned - scores["baseline"][metric])[rows]
        if len(set(change)) > 1:
            rank = {
                "spearman": stats.spearmanr(change, people).statistic,
                "kendall": stats.kendalltau(change, people).statistic,
            }
            found[metric] = {"n": len(rows), **present(rank)}
    return found


def human(
    judgements: Sequence[Judgement],
    stale: int,
    ids: Sequence[str],
    scores: Mapping[str, Mapping[str, Floats]],
    seed: int,
    resamples: int,
) -> dict[str, Any]:
    """The section `human` of metrics/comparison.json. `scores`: system -> metric -> one value a row, in the order of `ids`."""
    firsts = [found for found in judgements if not found.repeat]
    raters, rows = {found.rater for found in judgements}, {found.record for found in judgements}
    section: dict[str, Any] = {"ratings": {"raters": len(raters), "rows": len(rows), "n": len(judgements), "stale": stale}}
    if preferences := list(by_row(firsts).values()):
        agreed = alpha(matrix(firsts, "preference"), "nominal")
        section["preference"] = {**win_rate(preferences, seed, resamples), **present({"alpha": agreed})}
    for aspect in ASPECTS:
        if summary := aspect_summary(firsts, aspect, seed, resamples):
            section[aspect] = summary
    if any(found.repeat for found in judgements):
        section["self_consistency"] = self_consistency(judgements)
    if related := correlations(human_deltas(firsts), ids, scores):
        section["correlation"] = related
    return section
