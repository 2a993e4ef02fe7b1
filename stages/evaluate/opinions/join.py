"""What people and judging models say of the present answers: all that stands in data/raw/ratings."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stages.evaluate.opinions.judges import judges
from stages.evaluate.opinions.people import Floats, by_row, human
from stages.evaluate.opinions.ratings import read_ratings


def opinions(
    folder: Path,
    ids: Sequence[str],
    answers: Mapping[str, Sequence[str]],
    scores: Mapping[str, Mapping[str, Floats]],
    seed: int,
    resamples: int,
) -> tuple[dict[str, Any], dict[str, dict[str, float]]]:
    """The sections `human` and `judges` of metrics/comparison.json.

    `answers` and `scores` (by metric) have one value a test row, in the order of `ids`, by system.
    """
    by_id = {system: dict(zip(ids, texts, strict=True)) for system, texts in answers.items()}
    judgements, stale = read_ratings(folder, by_id)
    people = by_row([found for found in judgements if not found.repeat])
    return human(judgements, stale, ids, scores, seed, resamples), judges(folder, by_id, people, seed, resamples)
