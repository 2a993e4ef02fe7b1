"""What counts as a leak between two splits: joined before the split, refused after it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from stages.common.errors import InputError
from stages.common.near import near_pairs
from stages.common.records import Record
from stages.common.text import Groups, match_key
from stages.split.names import Name


class Wordings:
    """The distinct wordings of texts, and which two of them are too near."""

    def __init__(self, texts: Iterable[str], similarity: float) -> None:
        keys = list(dict.fromkeys(map(match_key, texts)))
        self.number = {key: number for number, key in enumerate(keys)}
        self.pairs = [(one, other) for one, other, _ in near_pairs(keys, similarity)]

    def shared(self, records: Sequence[Record], texts: Iterable[str]) -> Iterator[tuple[Record, Record]]:
        """Pairs of different groups whose texts are alike: each wording counts once, for all groups that have it."""
        holders: dict[int, dict[str, Record]] = {}
        for row, text in zip(records, texts, strict=True):
            holders.setdefault(self.number[match_key(text)], {}).setdefault(row.group_id, row)
        first = {number: next(iter(groups.values())) for number, groups in holders.items()}
        for number, groups in holders.items():
            yield from ((first[number], other) for other in list(groups.values())[1:])
        for one, other in self.pairs:  # other holders of these two are paired with them above
            if one in first and other in first and first[one].group_id != first[other].group_id:
                yield first[one], first[other]


class Alike(NamedTuple):
    """The wordings of all rows. Who is near whom depends on no group, so that one search serves the grouping and the gate."""

    questions: Wordings
    answers: Wordings


def alike(records: Sequence[Record], similarity: float) -> Alike:
    return Alike(Wordings((row.prompt for row in records), similarity), Wordings((row.response for row in records), similarity))


def merged(records: Sequence[Record], wordings: Alike) -> list[Record]:
    """Join groups that masking or rewording brought nearer than the leak gate allows."""
    ids = sorted({row.group_id for row in records})
    number = {group: index for index, group in enumerate(ids)}
    groups = Groups(len(ids))
    for one, other in leaks(records, wordings):
        groups.join(number[one.group_id], number[other.group_id])
    return [replace(row, group_id=ids[groups.find(number[row.group_id])]) for row in records]


def leaks(records: Sequence[Record], wordings: Alike) -> Iterator[tuple[Record, Record]]:
    """Every pair of rows of different groups that is too near: in the question, or in the answer, whatever was asked."""
    yield from wordings.questions.shared(records, (row.prompt for row in records))
    yield from wordings.answers.shared(records, (row.response for row in records))


def across(splits: Mapping[Name, Sequence[Record]], wordings: Alike) -> Iterator[tuple[Record, Record]]:
    """Every leak between two splits: rows of one group, or too near. Groups are named by split, so that nothing relies on
    what was grouped before."""
    first: dict[str, tuple[Name, Record]] = {}
    for name, rows in splits.items():
        for row in rows:
            held = first.setdefault(row.group_id, (name, row))
            if held[0] != name:
                yield held[1], row
    rows = [replace(row, group_id=name) for name, part in splits.items() for row in part]
    yield from leaks(rows, wordings)


def gate(splits: Mapping[Name, Sequence[Record]], wordings: Alike) -> None:
    """Raise InputError if a question of one split, or its answer, or a near copy, stands in another."""
    held = {row.id: name for name, rows in splits.items() for row in rows}
    for one, other in across(splits, wordings):
        where = f"{one.source} in {held[one.id]} and {other.source} in {held[other.id]}"
        raise InputError(f"leak: {where} are of one group or too near: {one.prompt!r} / {other.prompt!r}")
