"""The noise floor: how far each metric moves between two runs of the baseline that should be the same."""

from typing import Any

from stages.evaluate.answers import Answers
from stages.evaluate.statistics import Scores


def noise_floor(first: Answers, second: Answers, scores: Scores, again: Scores) -> dict[str, Any]:
    """Rows whose answer changed, and by metric how far the mean moved; `scores` are those of `first`, `again` of `second`."""
    return {
        "rows_changed": sum(text != other for text, other in zip(first.texts, second.texts, strict=True)),
        "floor": {key: abs(float((again[key] - values).mean())) for key, values in scores.items()},
    }
