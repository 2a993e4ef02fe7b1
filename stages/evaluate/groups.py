"""Scores by domain, task type, language and register, and the worst group of each headline metric."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from stages.common.records import Record
from stages.evaluate.keys import QUALITY
from stages.evaluate.statistics import Scores

FIELDS = ("domain", "task_type", "language", "register")
Groups = dict[str, dict[str, Any]]  # value of a field -> {"n": rows, system: {metric: mean}}


def by_group(scores: Mapping[str, Scores], records: Sequence[Record], field: str) -> Groups:
    """Means of the quality metrics for each value of a field."""
    values = np.array([getattr(record, field) for record in records])
    return {
        value: {
            "n": int((values == value).sum()),
            **{system: {key: float(found[key][values == value].mean()) for key in QUALITY} for system, found in scores.items()},
        }
        for value in sorted(set(values.tolist()))
    }


def big_enough(groups: Mapping[str, Groups], minimum: int) -> dict[str, Groups]:
    """Only groups of `minimum` rows and more: a mean of three rows says nothing."""
    return {field: {value: group for value, group in found.items() if group["n"] >= minimum} for field, found in groups.items()}


def worst(groups: Mapping[str, Groups], system: str, headline: Sequence[str]) -> dict[str, dict[str, Any]]:
    """For each headline metric the group, over all fields, where `system` has the lowest mean; none where all are equal."""
    found = [(f"{field}: {value}", group) for field, values in groups.items() for value, group in values.items()]
    differing = [key for key in headline if len({group[system][key] for _, group in found}) > 1]
    lowest = {key: min(found, key=lambda item: item[1][system][key]) for key in differing}
    return {key: {"group": name, "n": group["n"], "mean": group[system][key]} for key, (name, group) in lowest.items()}


def group_csv(groups: Mapping[str, Groups], systems: Sequence[str], headline: Sequence[str]) -> str:
    """Every group, however small, with both systems' means of the headline metrics."""
    header = ["field", "value", "n", *(f"{system}.{key}" for key in headline for system in systems)]
    return "\n".join([",".join(header), *group_lines(groups, systems, headline)]) + "\n"


def group_lines(groups: Mapping[str, Groups], systems: Sequence[str], headline: Sequence[str]) -> Iterator[str]:
    for field, values in groups.items():
        for value, group in values.items():
            numbers = [f"{group[system][key]:.4f}" for key in headline for system in systems]
            yield ",".join([field, value, str(group["n"]), *numbers])


def plot_csv(groups: Groups, systems: Sequence[str], headline: Sequence[str]) -> str:
    """Scores by domain in long form, for `dvc plots`: baseline and fine-tuned side by side."""
    lines = [
        f"{metric},{value},{system},{group[system][metric]:.4f}"
        for metric in headline
        for value, group in groups.items()
        for system in systems
    ]
    return "\n".join(["metric,domain,model,score", *lines]) + "\n"
