"""Divide the rows into train, validation and test so that no question of the exam was ever practised.

Reads the augmented records and the assignments of earlier data; writes the three splits. Groups move whole, validation
and test keep only original rows whose answer a person has checked, and a leak between two splits fails the stage.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from stages.common.errors import InputError, run
from stages.common.metrics import Metrics, stage_metrics, write_metrics
from stages.common.records import Dropped, Record, read_records, write_jsonl
from stages.params.section import load_params
from stages.params.split import Params
from stages.split.leaks import alike, gate, merged
from stages.split.ledger import origin_id, read_assigned, settled
from stages.split.names import NAMES, Name
from stages.split.strata import assign, balance, labels_of, too_rare


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


def stratum_counts(splits: Mapping[Name, Sequence[Record]], params: Params) -> Metrics:
    """Rows of each split, and the labels that no checked original of a split has."""
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
    wordings = alike(records, params.leak_similarity)
    rows, linking = settled(merged(records, wordings), assigned)
    pinned: dict[str, Name] = dict.fromkeys(unreviewed_groups(rows), "train")
    pinned |= {row.group_id: assigned[origin_id(row)] for row in rows if origin_id(row) in assigned}
    labels = labels_of(rows, params)
    names = assign(labels, pinned, params)
    for field, value in too_rare(labels):
        typer.echo(f"warning: {field} '{value}' has fewer than {len(NAMES)} groups: they all go to train", err=True)
    splits, derived = exam_only_checked_originals(rows, names)
    for name, part in splits.items():
        if not part:
            raise InputError(f"split: {name} is empty: {len(records)} rows are too few, or its share is too small")
    gate(splits, wordings)
    for name, part in splits.items():
        write_jsonl(folder / f"{name}.jsonl", part)
    write_jsonl(refused, [*linking, *derived])
    kept = [row for part in splits.values() for row in part]
    counted = stratum_counts(splits, params)
    strata = {**counted["strata"], **balance(labels, names, params)}
    write_metrics(report, {**stage_metrics(len(records), kept, [*linking, *derived]), **counted, "strata": strata})


if __name__ == "__main__":
    run(main)
