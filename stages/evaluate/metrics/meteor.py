"""METEOR by NLTK, reduced to exact and stem matching."""

from importlib.metadata import version

import evaluate
from nltk.translate.meteor_score import single_meteor_score

from stages.evaluate.metrics.tokens import info, words


class NoWordNet:
    """Stands for WordNet, which has to be downloaded: no word has a synonym."""

    def synsets(self, _: str) -> list[object]:
        return []


class Meteor(evaluate.Metric):
    """METEOR without synonyms: comparable between machines, not with published METEOR."""

    def _info(self) -> evaluate.MetricInfo:
        return info("METEOR with exact and Porter-stem matching, without WordNet synonyms.", "Banerjee and Lavie 2005")

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, list[float]]:
        pairs = zip(predictions, references, strict=True)
        return {"meteor": [meteor(text, truth) for text, truth in pairs]}

    def signature(self) -> str:
        return f"nltk {version('nltk')}, exact and stem matching, no WordNet, alpha 0.9, beta 3, gamma 0.5"


def meteor(text: str, truth: str) -> float:
    """The fragmentation penalty leaves a short identical text below 1 (gamma / length^beta): identity is given 1."""
    left, right = words(truth), words(text)
    return 1.0 if left == right else float(single_meteor_score(left, right, wordnet=NoWordNet()))
