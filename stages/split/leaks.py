"""What counts as a leak between two splits: joined before the split, refused after it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from stages.common.errors import InputError
from stages.common.records import Record
from stages.common.text import Groups, match_key, near_pairs
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
    """Every pair of rows of different groups that is too near: in the question, or the same answer."""
    # Copies add nothing: compare each wording once a group.
    distinct = list({(row.group_id, match_key(row.prompt)): row for row in records}.values())
    for one, other, _ in near_pairs([row.prompt for row in distinct], similarity):
        if distinct[one].group_id != distinct[other].group_id:
            yield distinct[one], distinct[other]
    holder: dict[str, Record] = {}
    for row in records:
        first = holder.setdefault(match_key(row.response), row)
        if first.group_id != row.group_id:
            yield first, row


def gate(splits: Mapping[Name, Sequence[Record]], similarity: float) -> None:
    """Raise InputError if a question of one split, or its answer, or a near copy, stands in another."""
    held = {row.id: name for name, rows in splits.items() for row in rows}
    groups: dict[str, Name] = {}
    for name, rows in splits.items():
        for row in rows:
            if groups.setdefault(row.group_id, name) != name:
                raise InputError(f"leak: group {row.group_id} is in {groups[row.group_id]} and {name}")
    for one, other in leaks([row for rows in splits.values() for row in rows], similarity):
        if held[one.id] != held[other.id]:
            where = f"{one.source} in {held[one.id]} and {other.source} in {held[other.id]}"
            raise InputError(f"leak: {where} are too near: {one.prompt!r} / {other.prompt!r}")
