"""What counts as a leak between two splits: joined before the split, refused after it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from stages.common.errors import InputError
from stages.common.near import near_pairs
from stages.common.records import Record
from stages.common.text import Groups, match_key
from stages.split.names import Name


def merged(records: Sequence[Record], similarity: float) -> list[Record]:
    """Join groups that masking or rewording brought nearer than the leak gate allows."""
    ids = sorted({row.group_id for row in records})
    number = {group: index for index, group in enumerate(ids)}
    groups = Groups(len(ids))
    for one, other in leaks(records, similarity):
        groups.join(number[one.group_id], number[other.group_id])
    return [replace(row, group_id=ids[groups.find(number[row.group_id])]) for row in records]


def leaks(records: Sequence[Record], similarity: float) -> Iterator[tuple[Record, Record]]:
    """Every pair of rows of different groups that is too near: in the question, or in the answer, whatever was asked."""
    yield from near(records, [row.prompt for row in records], similarity)
    yield from near(records, [row.response for row in records], similarity)


def near(records: Sequence[Record], texts: Sequence[str], similarity: float) -> Iterator[tuple[Record, Record]]:
    """Pairs of different groups whose texts are alike: each wording is compared once, for all groups that have it."""
    holders: dict[str, dict[str, Record]] = {}
    for row, text in zip(records, texts, strict=True):
        holders.setdefault(match_key(text), {}).setdefault(row.group_id, row)
    wordings = [list(groups.values()) for groups in holders.values()]
    for same in wordings:
        yield from ((same[0], other) for other in same[1:])
    for one, other, _ in near_pairs(list(holders), similarity):
        if wordings[one][0].group_id != wordings[other][0].group_id:  # the others are paired with these two above
            yield wordings[one][0], wordings[other][0]


def across(splits: Mapping[Name, Sequence[Record]], similarity: float) -> Iterator[tuple[Record, Record]]:
    """Every leak between two splits: rows of one group, or too near. Groups are named by split, so that the search does not
    rely on what was grouped before."""
    first: dict[str, tuple[Name, Record]] = {}
    for name, rows in splits.items():
        for row in rows:
            held = first.setdefault(row.group_id, (name, row))
            if held[0] != name:
                yield held[1], row
    rows = [replace(row, group_id=name) for name, part in splits.items() for row in part]
    yield from leaks(rows, similarity)


def gate(splits: Mapping[Name, Sequence[Record]], similarity: float) -> None:
    """Raise InputError if a question of one split, or its answer, or a near copy, stands in another."""
    held = {row.id: name for name, rows in splits.items() for row in rows}
    for one, other in across(splits, similarity):
        where = f"{one.source} in {held[one.id]} and {other.source} in {held[other.id]}"
        raise InputError(f"leak: {where} are of one group or too near: {one.prompt!r} / {other.prompt!r}")
