"""What counts as a leak between two splits: joined before the split, refused after it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from stages.common.errors import InputError
from stages.common.near import near_keys
from stages.common.parallel import FEW, spread
from stages.common.text import Groups
from stages.split.names import Name
from stages.split.rows import Corpus, Row

Pairs: TypeAlias = list[tuple[int, int]]


class Alike(NamedTuple):
    """Which wordings are too near. It depends on no group, so that one search serves the grouping and the gate."""

    questions: Pairs
    answers: Pairs


def alike(corpus: Corpus, similarity: float) -> Alike:
    """Questions and answers are searched side by side where there are many."""
    texts = [list(corpus.questions), list(corpus.answers)]

    def searched(which: Sequence[int]) -> list[Pairs]:
        return [[(one, other) for one, other, _ in near_keys(texts[number], similarity)] for number in which]

    return Alike(*spread(searched, [0, 1], few=2 if len(corpus.rows) >= FEW else 3, part=1))


def merged(rows: Sequence[Row], near: Alike) -> list[Row]:
    """Join groups that masking or rewording brought nearer than the leak gate allows."""
    ids = sorted({row.group_id for row in rows})
    number = {group: index for index, group in enumerate(ids)}
    groups = Groups(len(ids))
    for one, other in leaks(rows, [row.group_id for row in rows], near):
        groups.join(number[one.group_id], number[other.group_id])
    moved = {group: ids[first] for index, group in enumerate(ids) if (first := groups.find(index)) != index}
    return [row._replace(group_id=moved[row.group_id]) if row.group_id in moved else row for row in rows]


def leaks(rows: Sequence[Row], groups: Sequence[str], near: Alike) -> Iterator[tuple[Row, Row]]:
    """Every pair of rows of different groups that is too near: in the question, or in the answer, whatever was asked."""
    yield from shared(rows, groups, [row.question for row in rows], near.questions)
    yield from shared(rows, groups, [row.answer for row in rows], near.answers)


def shared(rows: Sequence[Row], groups: Sequence[str], wording: Sequence[int], near: Pairs) -> Iterator[tuple[Row, Row]]:
    """Rows of different groups whose wordings are alike: each row with the first that has its wording, and those first
    ones with one another."""
    first: dict[int, int] = {}
    for place, number in enumerate(wording):
        held = first.setdefault(number, place)
        if groups[held] != groups[place]:
            yield rows[held], rows[place]
    for one, other in near:
        if one in first and other in first and groups[first[one]] != groups[first[other]]:
            yield rows[first[one]], rows[first[other]]


def across(splits: Mapping[Name, Sequence[Row]], near: Alike) -> Iterator[tuple[Row, Row]]:
    """Every leak between two splits: rows of one group, or too near. The splits stand for the groups here, so that nothing
    relies on what was grouped before."""
    rows = [row for part in splits.values() for row in part]
    names = [name for name, part in splits.items() for _ in part]
    first: dict[str, int] = {}
    for place, row in enumerate(rows):
        held = first.setdefault(row.group_id, place)
        if names[held] != names[place]:
            yield rows[held], row
    yield from leaks(rows, names, near)


def gate(splits: Mapping[Name, Sequence[Row]], near: Alike, prompt: Callable[[Row], str]) -> None:
    """Raise InputError if a question of one split, or its answer, or a near copy, stands in another."""
    held = {row.id: name for name, rows in splits.items() for row in rows}
    for one, other in across(splits, near):
        where = f"{one.source} in {held[one.id]} and {other.source} in {held[other.id]}"
        raise InputError(f"leak: {where} are of one group or too near: {prompt(one)!r} / {prompt(other)!r}")
