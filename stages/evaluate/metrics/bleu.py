"""Sentence BLEU by sacrebleu."""

import evaluate
from sacrebleu.metrics import BLEU

from stages.evaluate.metrics.tokens import info


class Bleu(evaluate.Metric):
    """BLEU of each row, with effective order: an identical answer of three words scores 1, not 0."""

    scorer = BLEU(effective_order=True)

    def _info(self) -> evaluate.MetricInfo:
        return info("Sentence BLEU, effective order, 13a tokens, exponential smoothing.", "Papineni et al. 2002; Post 2018")

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, list[float]]:
        pairs = zip(predictions, references, strict=True)
        return {"bleu": [min(1.0, self.scorer.sentence_score(text, [truth]).score / 100) for text, truth in pairs]}

    def signature(self) -> str:
        return f"sacrebleu, mean of sentence scores, {self.scorer.get_signature()}"
