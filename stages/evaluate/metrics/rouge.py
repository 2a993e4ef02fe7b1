"""ROUGE by rouge-score, with a tokenizer that knows more than ASCII."""

from importlib.metadata import version

import evaluate
from rouge_score.rouge_scorer import RougeScorer
from rouge_score.tokenizers import Tokenizer

from stages.evaluate.metrics.tokens import info, words

KEYS = ("rouge1", "rouge2", "rougeL")


class Words(Tokenizer):
    """The library's own tokenizer drops every letter outside a-z: identical Cyrillic or Thai texts scored 0."""

    def tokenize(self, text: str) -> list[str]:
        return words(text)


class Rouge(evaluate.Metric):
    """ROUGE-1, ROUGE-2 and sentence-level ROUGE-L, F1. Not ROUGE-Lsum: that gives 1 to steps in any order."""

    scorer = RougeScorer(list(KEYS), tokenizer=Words())

    def _info(self) -> evaluate.MetricInfo:
        return info("ROUGE-1, ROUGE-2 and ROUGE-L, F1, no stemming.", "Lin 2004")

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, list[float]]:
        rows = [self.scorer.score(truth, text) for text, truth in zip(predictions, references, strict=True)]
        return {key: [float(row[key].fmeasure) for row in rows] for key in KEYS}

    def signature(self) -> str:
        return f"rouge-score {version('rouge-score')}, F1, unicode words, no stemming"
