"""Divide the rows into train, validation and test so that no question of the exam was ever practised.

Reads the augmented records and the assignments of earlier data; writes the three splits. Groups move whole, validation
and test keep only original rows whose answer a person has checked, and a leak between two splits fails the stage.
"""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Literal, TypeAlias

import typer

from stages.common.errors import InputError, run
from stages.common.metrics import Metrics, stage_metrics, write_metrics
from stages.common.near import near_pairs
from stages.common.records import Dropped, Record, read_records, write_jsonl
from stages.common.text import Groups, match_key
from stages.params.section import load_params
from stages.params.split import Params

Name: TypeAlias = Literal["train", "validation", "test"]
NAMES: tuple[Name, ...] = ("train", "validation", "test")
Label: TypeAlias = tuple[str, str]  # a field and its value
Labels: TypeAlias = tuple[Label, ...]
ALL: Label = ("", "")  # the label that every group has


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


def settled(records: Sequence[Record], assigned: Mapping[str, Name]) -> tuple[list[Record], list[Dropped]]:
    """Keep earlier assignments apart: a new row that links two splits is refused, no old row moves."""
    splits: defaultdict[str, set[Name]] = defaultdict(set)
    for row in records:
        if origin_id(row) in assigned:
            splits[row.group_id].add(assigned[origin_id(row)])
    kept, dropped = [], []
    for row in records:
        if len(splits[row.group_id]) < 2:
            kept.append(row)
        elif name := assigned.get(origin_id(row)):
            kept.append(replace(row, group_id=f"{row.group_id}/{name}"))
        else:
            dropped.append(Dropped.record(row, "links_two_splits", f"group {row.group_id}"))
    return kept, dropped


def origin_id(row: Record) -> str:
    return row.parent_id or row.id


def labels_of(records: Sequence[Record], params: Params) -> dict[str, Labels]:
    """Each group's stratum labels, taken from its smallest original row: independent of the order of rows."""
    heads: dict[str, Record] = {}
    for row in sorted(records, key=lambda row: (row.derived, row.id)):
        heads.setdefault(row.group_id, row)
    return {group: tuple((name, getattr(row, name)) for name in params.stratify) for group, row in heads.items()}


def assign(labels: Mapping[str, Labels], pinned: Mapping[str, Name], params: Params) -> dict[str, Name]:
    """Iterative stratification (after Sechidis et al. 2011) over groups: the rarest label first, each group to the split
    that lacks its labels most. A label of three groups or more stands in every split. Order and ties come from the seed.
    """
    shares = {"train": 1 - params.validation - params.test, "validation": params.validation, "test": params.test}
    size = Counter(label for group in labels.values() for label in (*group, ALL))
    want = {label: {name: shares[name] * n for name in NAMES} for label, n in size.items()}
    held: Counter[tuple[Label, Name]] = Counter()
    result: dict[str, Name] = {}

    def put(group: str, name: Name) -> None:
        result[group] = name
        for label in (*labels[group], ALL):
            want[label][name] -= 1
            held[label, name] += 1

    def lack(group: str, label: Label, name: Name) -> tuple[bool, float]:
        missing = size[label] >= len(NAMES) and not held[label, name]
        return missing, round(sum(want[each][name] / (shares[name] * size[each]) for each in (*labels[group], ALL)), 9)

    for group in sorted(labels.keys() & pinned.keys()):
        put(group, pinned[group])
    shuffled = sorted(labels.keys() - pinned.keys(), key=lambda group: sha256(f"{params.seed}/{group}".encode()).digest())
    for label in sorted(size.keys() - {ALL}, key=lambda label: (size[label], label)):
        for group in shuffled:
            if label in labels[group] and group not in result:
                # Too rare for every split: what is only in the exam is never learnt, what is only in train never asked.
                put(group, "train" if size[label] < len(NAMES) else max(NAMES, key=partial(lack, group, label)))
    return result


def unreviewed_groups(rows: Sequence[Record]) -> set[str]:
    """Groups without an original that a person has verified or edited: nothing to examine with, so they go to train."""
    checked = {row.group_id for row in rows if not row.derived and row.review != "unreviewed"}
    return {row.group_id for row in rows} - checked


def exam_only_checked_originals(
    rows: Sequence[Record], names: Mapping[str, Name]
) -> tuple[dict[Name, list[Record]], list[Dropped]]:
    """The splits; validation and test keep no derived row, and no answer that nobody has checked."""
    splits: dict[Name, list[Record]] = {name: [] for name in NAMES}
    dropped = []
    for row in rows:
        name = names[row.group_id]
        if row.derived and name != "train":
            dropped.append(Dropped.record(row, f"derived_in_{name}"))
        elif row.review == "unreviewed" and name != "train":
            dropped.append(Dropped.record(row, f"unreviewed_in_{name}"))
        else:
            splits[name].append(row)
    return splits, dropped


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


def stratum_counts(splits: Mapping[Name, Sequence[Record]], params: Params) -> Metrics:
    """Original rows of each split by stratum label, and the labels too rare for every split."""
    originals = {name: [row for row in rows if not row.derived] for name, rows in splits.items()}
    counts = {name: {"rows": len(splits[name]), "originals": len(originals[name])} for name in NAMES}
    present = {name: {(key, getattr(row, key)) for row in originals[name] for key in params.stratify} for name in NAMES}
    absent = {f"labels_not_in_{name}": len(set().union(*present.values()) - present[name]) for name in NAMES}
    return {"splits": counts, "strata": absent}


def main(
    source: Annotated[Path, typer.Argument(help="Augmented records, JSONL.")],
    earlier: Annotated[Path, typer.Argument(help="Assignments of earlier rows, CSV: id,split.")],
    folder: Annotated[Path, typer.Argument(help="Folder for train.jsonl, validation.jsonl and test.jsonl.")],
    refused: Annotated[Path, typer.Argument(help="Refused rows with their reasons, JSONL.")],
    report: Annotated[Path, typer.Argument(help="Counts, JSON.")],
) -> None:
    """Split by group, stratified, with a gate against leaks."""
    params = load_params("split", Params)
    records = read_records(source)
    assigned = read_assigned(earlier) if params.keep_assigned else {}
    rows, linking = settled(merged(records, params.leak_similarity), assigned)
    pinned: dict[str, Name] = dict.fromkeys(unreviewed_groups(rows), "train")
    pinned |= {row.group_id: assigned[origin_id(row)] for row in rows if origin_id(row) in assigned}
    splits, derived = exam_only_checked_originals(rows, assign(labels_of(rows, params), pinned, params))
    for name, part in splits.items():
        if not part:
            raise InputError(f"split: {name} is empty: {len(records)} rows are too few, or its share is too small")
    gate(splits, params.leak_similarity)
    for name, part in splits.items():
        write_jsonl(folder / f"{name}.jsonl", part)
    write_jsonl(refused, [*linking, *derived])
    kept = [row for part in splits.values() for row in part]
    write_metrics(report, {**stage_metrics(len(records), kept, [*linking, *derived]), **stratum_counts(splits, params)})


if __name__ == "__main__":
    run(main)
