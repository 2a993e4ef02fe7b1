"""What an exam of few questions could not have shown: said beside the comparison, wherever that is shown."""

from collections.abc import Mapping
from itertools import count
from typing import Any

from stages.evaluate.statistics import ALPHA

ENOUGH = 200  # questions that show a true change of 0.03


def caution(comparison: Mapping[str, Any]) -> str:
    """A line on an exam of fewer than `ENOUGH` questions, "" on another; `comparison` is metrics/comparison.json."""
    rows, difference = comparison["test_set"]["rows"], comparison["difference"]
    if rows < least(len(difference)):
        return (
            f"Only {rows} questions: the test, corrected for {len(difference)} metrics, can find no difference in so few, "
            f"whatever the models answer. It takes {least(len(difference))} at least."
        )
    halves = {key: (difference[key]["high"] - difference[key]["low"]) / 2 for key in comparison["headline"]}
    smallest = ", ".join(f"{half:.3f} ({key})" for key, half in halves.items() if half)
    if rows >= ENOUGH or not smallest:
        return ""
    return (
        f"Only {rows} questions: a change smaller than {smallest}, half the width of its interval, "
        f"could not be told from none; corrected for {len(difference)} metrics, one somewhat larger neither."
    )


def least(metrics: int) -> int:
    """The fewest questions that can show anything: of 2^n ways to swap the two systems, two are as extreme as any result."""
    return next(rows for rows in count(1) if metrics * 2 ** (1 - rows) < ALPHA)
