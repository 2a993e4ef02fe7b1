"""What metrics/comparison.json holds: three systems on one exam, their paired differences, and where they are weak."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from stages.common.records import Record
from stages.evaluate.answers import Answers, Exam, references
from stages.evaluate.groups import FIELDS, Groups, big_enough, worst
from stages.evaluate.human import by_row, headroom, human_exam, measured_rows
from stages.evaluate.keys import SYSTEMS
from stages.evaluate.noise import noise_floor
from stages.evaluate.scores import Scorer, means
from stages.evaluate.statistics import Scores, compare
from stages.params.evaluate import Params


def all_scores(scorer: Scorer, answers: Mapping[str, Answers], records: Sequence[Record]) -> dict[str, Scores]:
    """Scores by row of each of `answers`, and of the human reference."""
    exams = {system: Exam(answers=found, truths=references(records)) for system, found in answers.items()}
    scores = scorer.score({**exams, "reference": human_exam(records)})
    return {**scores, "reference": by_row(scores["reference"], records)}


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
        "worst_group": worst(kept, params.candidate),
    }


def measured(
    scorer: Scorer, answers: Mapping[str, Answers], records: Sequence[Record], params: Params
) -> tuple[dict[str, Any], dict[str, Scores]]:
    """The comparison without its groups, and the scores of the three systems."""
    scores = all_scores(scorer, answers, records)
    noise = noise_floor(answers["baseline"], answers["repeat"], scores["baseline"], scores["repeat"])
    systems = {system: scores[system] for system in SYSTEMS}
    found = {
        **comparison(systems, noise, params),
        "human_reference": {"rows": len(records), "leave_one_out": measured_rows(records)},
        "signatures": scorer.signatures(),
    }
    return found, systems
