"""Exact match and token F1, as SQuAD defines them, for text of any script."""

from collections import Counter
from collections.abc import Callable

import evaluate

from stages.evaluate.metrics.tokens import info, words


class Exact(evaluate.Metric):
    """Equality of the words, and the F1 of the bags of words."""

    def _info(self) -> evaluate.MetricInfo:
        return info("Exact match and token F1.", "Rajpurkar et al. 2016")

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, list[float]]:
        pairs = [(words(text), words(truth)) for text, truth in zip(predictions, references, strict=True)]
        return {
            "exact_match": [exact_match(text, truth) for text, truth in zip(predictions, references, strict=True)],
            "token_f1": [token_f1(text, truth) for text, truth in pairs],
        }

    def signature(self) -> str:
        return "unicode words, without case, punctuation and step marks kept apart"


def exact_match(text: str, truth: str, form: Callable[[str], object] = words) -> float:
    """1 where both texts have the same `form`."""
    return float(form(text) == form(truth))


def token_f1(text: list[str], truth: list[str]) -> float:
    """2PR / (P + R) over the multiset of words; two empty texts agree."""
    shared = (Counter(text) & Counter(truth)).total()
    return 2 * shared / (len(text) + len(truth)) if text or truth else 1.0
