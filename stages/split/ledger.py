"""Assignments of earlier data: the rows of a published exam stay where they are.

Without such a list no split can be stratified, independent of the order of rows and unmoved by new rows at once: what does
not change when any row is added depends on the group alone, and a draw by group misses the share of small strata.
"""

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from stages.common.errors import InputError
from stages.split.names import NAMES, Name
from stages.split.rows import Refused, Row


def read_assigned(path: Path) -> dict[str, Name]:
    """Row id to split, of rows that were assigned before: they stay where they are."""
    if not path.exists():
        raise InputError(f"{path}: no such file; an empty list is the line 'id,split' alone")
    assigned: dict[str, Name] = {}
    try:
        rows = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
        if rows.fieldnames != ["id", "split"]:
            raise InputError(f"{path}:1: the header must be 'id,split', got {rows.fieldnames}")
        for row in rows:
            name = next((known for known in NAMES if known == row["split"]), None)
            if name is None or not row["id"] or None in row or assigned.get(row["id"], name) != name:
                raise InputError(f"{path}:{rows.line_num}: needs an id, once, and a split of {', '.join(NAMES)}, got {row}")
            assigned[row["id"]] = name
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{path}: not a CSV file in UTF-8: {error}") from None
    return assigned


def settled(rows: Sequence[Row], assigned: Mapping[str, Name]) -> tuple[list[Row], list[Refused]]:
    """Keep earlier assignments apart: a new row that links two splits is refused, no old row moves."""
    splits: defaultdict[str, set[Name]] = defaultdict(set)
    for row in rows:
        if origin_id(row) in assigned:
            splits[row.group_id].add(assigned[origin_id(row)])
    divided = {group for group, names in splits.items() if len(names) > 1}
    kept, refused = [], []
    for row in rows:
        if row.group_id not in divided:
            kept.append(row)
        elif name := assigned.get(origin_id(row)):
            kept.append(row._replace(group_id=f"{row.group_id}/{name}"))
        else:
            refused.append(Refused(row, "links_two_splits", f"group {row.group_id}"))
    return kept, refused


def origin_id(row: Row) -> str:
    return row.parent_id or row.id
