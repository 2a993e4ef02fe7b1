"""Sentence chrF by sacrebleu: character n-grams, so that an inflected word is not a wrong one."""

import evaluate
from sacrebleu.metrics import CHRF

from stages.evaluate.metrics.tokens import info


class Chrf(evaluate.Metric):
    """chrF2 of each row: six orders of characters, no words, recall counted twice."""

    scorer = CHRF()

    def _info(self) -> evaluate.MetricInfo:
        return info("Sentence chrF2.", "Popovic 2015; Post 2018")

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, list[float]]:
        pairs = zip(predictions, references, strict=True)
        return {"chrf": [min(1.0, self.scorer.sentence_score(text, [truth]).score / 100) for text, truth in pairs]}

    def signature(self) -> str:
        return f"sacrebleu, mean of sentence scores, {self.scorer.get_signature()}"
