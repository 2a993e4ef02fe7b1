"""What counts as a leak between two splits: joined before the split, refused after it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stages.common.components import Ints, components
from stages.common.errors import InputError
from stages.common.near import Near, near_keys
from stages.common.parallel import FEW, spread
from stages.split.names import Name
from stages.split.rows import Corpus, Row


class Alike(NamedTuple):
    """Which wordings are too near. It depends on no group, so that one search serves the grouping and the gate."""

    questions: Near
    answers: Near


def alike(corpus: Corpus, similarity: float) -> Alike:
    """Questions and answers are searched side by side where there are many."""
    texts = [list(corpus.questions), list(corpus.answers)]

    def searched(which: Sequence[int]) -> list[Near]:
        return [near_keys(texts[number], similarity, similarity) for number in which]

    return Alike(*spread(searched, [0, 1], few=2 if len(corpus.rows) >= FEW else 3, part=1))


def merged(rows: Sequence[Row], near: Alike) -> list[Row]:
    """Join groups that masking or rewording brought nearer than the leak gate allows."""
    ids = sorted({row.group_id for row in rows})
    number = {group: index for index, group in enumerate(ids)}
    own = np.array([number[row.group_id] for row in rows])
    left, right = leaks(rows, own, near)
    into = components(len(ids), own[left], own[right]).tolist()
    moved = {group: ids[first] for group, first in zip(ids, into, strict=True) if ids[first] != group}
    return [row._replace(group_id=moved[row.group_id]) if row.group_id in moved else row for row in rows]


def leaks(rows: Sequence[Row], groups: NDArray[Any], near: Alike) -> tuple[Ints, Ints]:
    """Places of all rows of different groups that are too near: in the question, or in the answer, whatever was asked."""
    questions = shared(np.array([row.question for row in rows]), groups, near.questions)
    answers = shared(np.array([row.answer for row in rows]), groups, near.answers)
    left, right = (np.concatenate(places) for places in zip(questions, answers, strict=True))
    return left, right


def shared(wording: Ints, groups: NDArray[Any], near: Near) -> tuple[Ints, Ints]:
    """Places of different groups whose wordings are alike: each with the first that has its wording, and those first ones
    with one another."""
    absent = len(wording)
    first = np.full(max(wording.max(), near.right.max(initial=0)) + 1, absent)
    first[wording[::-1]] = np.arange(len(wording))[::-1]
    left = np.concatenate([first[wording], first[near.left]])
    right = np.concatenate([np.arange(len(wording)), first[near.right]])
    known = (left != absent) & (right != absent)
    left, right = left[known], right[known]
    apart = groups[left] != groups[right]
    return left[apart], right[apart]


def across(splits: Mapping[Name, Sequence[Row]], near: Alike) -> list[tuple[Row, Row]]:
    """Every leak between two splits: rows of one group, or too near. The splits stand for the groups here, so that nothing
    relies on what was grouped before."""
    rows = [row for part in splits.values() for row in part]
    names = np.repeat(np.arange(len(splits)), [len(part) for part in splits.values()])
    first: dict[str, int] = {}
    held = np.array([first.setdefault(row.group_id, place) for place, row in enumerate(rows)])
    divided = np.flatnonzero(names[held] != names)
    left, right = leaks(rows, names, near)
    pairs = zip([*held[divided].tolist(), *left.tolist()], [*divided.tolist(), *right.tolist()], strict=True)
    return [(rows[one], rows[other]) for one, other in pairs]


def gate(splits: Mapping[Name, Sequence[Row]], near: Alike, prompt: Callable[[Row], str]) -> None:
    """Raise InputError if a question of one split, or its answer, or a near copy, stands in another."""
    held = {row.id: name for name, rows in splits.items() for row in rows}
    for one, other in across(splits, near):
        where = f"{one.source} in {held[one.id]} and {other.source} in {held[other.id]}"
        raise InputError(f"leak: {where} are of one group or too near: {prompt(one)!r} / {prompt(other)!r}")
