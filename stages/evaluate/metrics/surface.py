"""What can be seen of an answer without understanding it: too long, repeating itself, refusing."""

import re
from collections.abc import Sequence

import evaluate

from stages.evaluate.metrics.tokens import info, words

NGRAM = 4
# How a refusal begins, as in the matching of prefixes of Zou et al. 2023, shortened, with Indonesian added.
REFUSAL = re.compile(
    r"^\W*(?:i'?m sorry|i am sorry|sorry,|i apologi[sz]e|i (?:cannot|can't|can not)|i'?(?: a)?m (?:unable|not able)|"
    r"as an ai\b|i'?(?: a)?m (?:just )?an ai\b|maaf,? (?:saya|kami|aku)|saya (?:tidak (?:bisa|dapat)|mohon maaf)|"
    r"mohon maaf|sebagai (?:model|ai|kecerdasan))",
    re.IGNORECASE,
)


class Surface(evaluate.Metric):
    """Length ratio, repetition and refusal of each answer."""

    def _info(self) -> evaluate.MetricInfo:
        return info("Length ratio, repetition, refusal.", "Welleck et al. 2020 (repetition); Zou et al. 2023 (refusal)")

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, list[float]]:
        pairs = zip(predictions, references, strict=True)
        return {
            "length_ratio": [length_ratio(words(text), words(truth)) for text, truth in pairs],
            "repetition_rate": [repetition(words(text)) for text in predictions],
            "refusal_rate": [float(is_refusal(text)) for text in predictions],
        }

    def signature(self) -> str:
        return (
            "unicode words; length_ratio: the shorter over the longer of answer and reference; "
            f"repetition_rate: seq-rep-{NGRAM}, the share of {NGRAM}-grams that stood before; "
            "refusal_rate: the answer begins with a phrase of refusal, English or Indonesian"
        )


def length_ratio(text: Sequence[str], truth: Sequence[str]) -> float:
    """1 at equal length, falling both ways: an average would let too long and too short cancel out."""
    short, long = sorted((len(text), len(truth)))
    return short / long if long else 1.0


def repetition(text: Sequence[str]) -> float:
    """seq-rep-n: one minus the share of distinct n-grams; 0 for a text that has none."""
    grams = [tuple(text[start : start + NGRAM]) for start in range(len(text) - NGRAM + 1)]
    return 1 - len(set(grams)) / len(grams) if grams else 0.0


def is_refusal(text: str) -> bool:
    return REFUSAL.search(text.replace("’", "'")) is not None
