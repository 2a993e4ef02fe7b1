"""What metrics/comparison.json holds: three systems on one exam, their paired differences, and where they are weak."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from stages.common.records import Record
from stages.evaluate.answers import Answers
from stages.evaluate.groups import FIELDS, Groups, big_enough, worst
from stages.evaluate.human import headroom, measured_rows
from stages.evaluate.keys import SYSTEMS
from stages.evaluate.noise import noise_floor
from stages.evaluate.statistics import Scores, compare, means
from stages.params.evaluate import Params


def comparison(scores: Mapping[str, Scores], noise: Mapping[str, Any], params: Params) -> dict[str, Any]:
    """The systems' means, and fine-tuned minus baseline with everything that tells whether to believe it."""
    difference = compare(
        scores["baseline"], scores["finetuned"], seed=params.seed, resamples=params.resamples, noise=noise["floor"]
    )
    return {
        "systems": {system: means(found) for system, found in scores.items()},
        "difference": {key: asdict(found) for key, found in difference.items()},
        "headroom": headroom(scores),
        "noise": noise,
    }


def weaknesses(groups: Mapping[str, Groups], params: Params) -> dict[str, Any]:
    """Groups of enough rows, how many have too few, and the candidate's worst ones."""
    kept = big_enough(groups, params.group_minimum)
    return {
        "groups": kept,
        "small_groups": {field: len(groups[field]) - len(kept[field]) for field in FIELDS},
        "worst_group": worst(kept, params.candidate, params.headline),
    }


def measured(
    answers: Mapping[str, Answers], scores: Mapping[str, Scores], records: Sequence[Record], params: Params
) -> dict[str, Any]:
    """The comparison without its groups."""
    noise = noise_floor(answers["baseline"], answers["repeat"], scores["baseline"], scores["repeat"])
    return {
        "headline": params.headline,
        **comparison({system: scores[system] for system in SYSTEMS}, noise, params),
        "human_reference": {"rows": len(records), "leave_one_out": measured_rows(records)},
    }
