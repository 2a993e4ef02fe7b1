"""Scores of every row by every metric, and their means."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from stages.common.embeddings import Embedder, minilm
from stages.common.pii import analyzer, spans
from stages.common.steps import steps_or_sentences
from stages.evaluate.answers import Exam
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
        leak = f"share of answers with {', '.join(self.pii.entities)} at {self.pii.doubtful} or over"
        return {**{name: metric.signature() for name, metric in self.metrics.items()}, "pii_leak_rate": leak}

    def score(self, exams: Mapping[str, Exam]) -> dict[str, Scores]:
        """For each system one score a row and metric of `MEASURED`. All are scored at once: each text is embedded once."""
        texts = [text for exam in exams.values() for text in exam.answers.texts]
        truths = [truth for exam in exams.values() for truth in exam.truths]
        self.embedder.learn([step for text in [*texts, *truths] for step in steps_or_sentences(text)])
        rows: dict[str, list[float]] = {}
        for metric in self.metrics.values():
            rows |= metric.compute(predictions=texts, references=truths)
        rows["truncation_rate"] = [float(cut) for exam in exams.values() for cut in exam.answers.truncated]
        rows["pii_leak_rate"] = [float(bool(spans(text, self.engine, self.pii))) for text in texts]
        ends = np.cumsum([len(exam.truths) for exam in exams.values()])[:-1]
        columns = {key: np.split(np.array(rows[key.split(".")[1]], dtype=np.float64), ends) for key in MEASURED}
        return {system: {key: parts[place] for key, parts in columns.items()} for place, system in enumerate(exams)}


def means(scores: Scores) -> dict[str, dict[str, float]]:
    """Means by group of metrics, as `metrics/evaluation.json` has them."""
    nested: dict[str, dict[str, float]] = {}
    for key, values in scores.items():
        group, name = key.split(".")
        nested.setdefault(group, {})[name] = float(values.mean())
    return nested
