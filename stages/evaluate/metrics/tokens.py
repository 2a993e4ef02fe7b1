"""The words that all word-based metrics count: of any script, without case and punctuation."""

import re
from typing import Any

import evaluate
from datasets import Features, Value


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def info(description: str, citation: str) -> evaluate.MetricInfo:
    """What `evaluate` wants to know of a metric of one prediction against one reference."""
    texts: dict[str, Any] = {"predictions": Value("string"), "references": Value("string")}
    return evaluate.MetricInfo(
        description=description, citation=citation, inputs_description="Texts, pair by pair.", features=Features(texts)
    )
