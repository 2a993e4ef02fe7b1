"""Scores of every row, their means, and the paired comparison of two systems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from stages.common.embeddings import Embedder, minilm
from stages.common.pii import analyzer, spans
from stages.common.records import Record
from stages.common.steps import steps_or_sentences
from stages.evaluate.keys import ANSWER, LEAK, QUALITY, STEPS
from stages.evaluate.metrics.bertscore import BertScore
from stages.evaluate.metrics.bleu import Bleu
from stages.evaluate.metrics.exact import Exact
from stages.evaluate.metrics.meteor import Meteor
from stages.evaluate.metrics.rouge import Rouge
from stages.evaluate.metrics.steps import Steps
from stages.params.evaluate import Params
from stages.params.mask_pii import Params as PiiParams

SIGNIFICANT = 0.05
MINIMUM = 2  # rows that a resampling needs
Scores = dict[str, NDArray[np.float64]]  # metric key -> one score a row, in the order of the test split


@dataclass(frozen=True, slots=True)
class Difference:
    """The paired difference of two systems on one metric, finetuned minus baseline."""

    mean: float
    low: float  # 95 % interval by percentile bootstrap over rows
    high: float
    p_value: float  # two-sided, by randomisation: signs of the row differences flipped

    @property
    def verdict(self) -> str:
        """In words, once `p_value` is corrected for the number of metrics."""
        if self.p_value >= SIGNIFICANT:
            return "no evidence"
        return "better" if self.mean > 0 else "worse"


class Scorer:
    """All metrics, loaded once for both systems."""

    def __init__(self, params: Params, pii: PiiParams) -> None:
        self.embedder = Embedder(params.batch_size)
        model = str(minilm()) if params.bertscore_model == "minilm" else params.bertscore_model
        self.metrics: dict[str, Any] = {
            "bleu": Bleu(keep_in_memory=True),
            "rouge": Rouge(keep_in_memory=True),
            "meteor": Meteor(keep_in_memory=True),
            "exact": Exact(keep_in_memory=True),
            "bertscore": BertScore(keep_in_memory=True).use(model, params.bertscore_layer),
            "steps": Steps(keep_in_memory=True).use(
                self.embedder.similarity, params.step_threshold, "cosine of all-MiniLM-L6-v2 embeddings"
            ),
        }
        self.pii, self.engine = pii, analyzer(pii)

    def signatures(self) -> dict[str, str]:
        return {name: metric.signature() for name, metric in self.metrics.items()}

    def score(self, answers: Sequence[str], records: Sequence[Record]) -> Scores:
        truths = [record.response for record in records]
        self.embedder.learn([step for text in [*answers, *truths] for step in steps_or_sentences(text)])
        rows: dict[str, list[float]] = {}
        for metric in self.metrics.values():
            rows |= metric.compute(predictions=list(answers), references=truths)
        rows[LEAK] = [float(bool(spans(text, self.engine, self.pii))) for text in answers]
        named = {name: f"answer.{name}" for name in ANSWER} | {name: f"steps.{name}" for name in STEPS}
        return {named.get(name, name): np.array(values, dtype=np.float64) for name, values in rows.items()}


def means(scores: Scores) -> dict[str, dict[str, float]]:
    """Means by group of metrics, as `metrics/evaluation.json` has them."""
    nested: dict[str, dict[str, float]] = {}
    for key, values in scores.items():
        group, name = key.split(".")
        nested.setdefault(group, {})[name] = float(values.mean())
    return nested


def difference(baseline: NDArray[np.float64], finetuned: NDArray[np.float64], params: Params) -> Difference:
    """Compare two systems row by row: the rows are the same, so an unpaired test would be wrong."""
    deltas = finetuned - baseline
    if len(deltas) < MINIMUM or not deltas.any():
        return Difference(0.0, 0.0, 0.0, 1.0)
    sample = (deltas,)
    options = {"n_resamples": params.resamples, "vectorized": True, "batch": 1000}
    interval = stats.bootstrap(
        sample, np.mean, method="percentile", rng=np.random.default_rng(params.seed), **options
    ).confidence_interval
    test = stats.permutation_test(
        sample, np.mean, permutation_type="samples", rng=np.random.default_rng(params.seed), **options
    )
    return Difference(float(deltas.mean()), float(interval.low), float(interval.high), float(test.pvalue))


def differences(baseline: Scores, finetuned: Scores, params: Params) -> dict[str, Difference]:
    """Every quality metric's difference, the p-values corrected for their number (Holm 1979)."""
    raw = {key: difference(baseline[key], finetuned[key], params) for key in QUALITY}
    corrected, floor = {}, 0.0
    for rank, key in enumerate(sorted(raw, key=lambda key: raw[key].p_value)):
        floor = max(floor, min(1.0, (len(raw) - rank) * raw[key].p_value))
        corrected[key] = replace(raw[key], p_value=floor)
    return {key: corrected[key] for key in QUALITY}


def by_group(scores: Mapping[str, Scores], records: Sequence[Record], field: str) -> dict[str, dict[str, dict[str, float]]]:
    """Means of the quality metrics for each value of a field: {value: {system: {metric: mean}}}."""
    values = np.array([getattr(record, field) for record in records])
    return {
        str(value): {
            system: {key: float(found[key][values == value].mean()) for key in QUALITY} for system, found in scores.items()
        }
        | {"rows": {"n": float((values == value).sum())}}
        for value in sorted(set(values.tolist()))
    }
