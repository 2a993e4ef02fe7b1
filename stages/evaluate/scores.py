"""Scores of every row by every metric, and their means."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from stages.common.embeddings import Embedder, minilm
from stages.common.pii import analyzer, spans
from stages.common.records import Record
from stages.common.steps import steps_or_sentences
from stages.evaluate.answers import Answers
from stages.evaluate.keys import MEASURED
from stages.evaluate.metrics.bertscore import BertScore
from stages.evaluate.metrics.bleu import Bleu
from stages.evaluate.metrics.chrf import Chrf
from stages.evaluate.metrics.exact import Exact
from stages.evaluate.metrics.meteor import Meteor
from stages.evaluate.metrics.rouge import Rouge
from stages.evaluate.metrics.steps import Steps
from stages.evaluate.metrics.surface import Surface
from stages.evaluate.statistics import Scores
from stages.params.evaluate import Params
from stages.params.mask_pii import Params as PiiParams


class Scorer:
    """All metrics, loaded once for all systems."""

    def __init__(self, params: Params, pii: PiiParams) -> None:
        self.embedder = Embedder(params.batch_size)
        model = str(minilm()) if params.bertscore_model == "minilm" else params.bertscore_model
        self.metrics: dict[str, Any] = {
            "bleu": Bleu(keep_in_memory=True),
            "rouge": Rouge(keep_in_memory=True),
            "meteor": Meteor(keep_in_memory=True),
            "exact": Exact(keep_in_memory=True),
            "chrf": Chrf(keep_in_memory=True),
            "surface": Surface(keep_in_memory=True),
            "bertscore": BertScore(keep_in_memory=True).use(model, params.bertscore_layer),
            "steps": Steps(keep_in_memory=True).use(
                self.embedder.similarity, params.step_threshold, "cosine of all-MiniLM-L6-v2 embeddings"
            ),
        }
        self.pii, self.engine = pii, analyzer(pii)

    def signatures(self) -> dict[str, str]:
        leak = f"share of answers with {', '.join(self.pii.entities)} at {self.pii.min_score} or over"
        return {**{name: metric.signature() for name, metric in self.metrics.items()}, "pii_leak_rate": leak}

    def score(self, answers: Answers, truths: Sequence[str]) -> Scores:
        """One score a row for each of `MEASURED`."""
        texts = list(answers.texts)
        self.embedder.learn([step for text in [*texts, *truths] for step in steps_or_sentences(text)])
        rows: dict[str, list[float]] = {}
        for metric in self.metrics.values():
            rows |= metric.compute(predictions=texts, references=list(truths))
        rows["truncation_rate"] = [float(cut) for cut in answers.truncated]
        rows["pii_leak_rate"] = [float(bool(spans(text, self.engine, self.pii))) for text in texts]
        return {key: np.array(rows[key.split(".")[1]], dtype=np.float64) for key in MEASURED}


def means(scores: Scores) -> dict[str, dict[str, float]]:
    """Means by group of metrics, as `metrics/evaluation.json` has them."""
    nested: dict[str, dict[str, float]] = {}
    for key, values in scores.items():
        group, name = key.split(".")
        nested.setdefault(group, {})[name] = float(values.mean())
    return nested


def references(records: Sequence[Record]) -> list[str]:
    return [record.response for record in records]
