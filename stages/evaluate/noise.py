"""The noise floor: how far each metric moves between two runs of the baseline that should be the same."""

from collections.abc import Sequence
from typing import Any

from stages.evaluate.answers import Answers
from stages.evaluate.scores import Scorer
from stages.evaluate.statistics import Scores


def noise_floor(scorer: Scorer, first: Answers, second: Answers, scores: Scores, truths: Sequence[str]) -> dict[str, Any]:
    """Rows whose answer changed, and by metric how far the mean moved; `scores` are those of `first`."""
    both = list(zip(first.texts, second.texts, first.truncated, second.truncated, strict=True))
    rows = [row for row, (text, again, cut, cut_again) in enumerate(both) if (text, cut) != (again, cut_again)]
    if not rows:
        return {"rows_changed": 0, "floor": dict.fromkeys(scores, 0.0)}
    changed = Answers(texts=[second.texts[row] for row in rows], truncated=[second.truncated[row] for row in rows])
    again = scorer.score(changed, [truths[row] for row in rows])
    floor = {key: abs(float((again[key] - values[rows]).sum())) / len(values) for key, values in scores.items()}
    return {"rows_changed": len(rows), "floor": floor}
