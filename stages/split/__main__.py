"""Divide the rows into train, validation and test so that no question of the exam was ever practised.

Reads the augmented records and the assignments of earlier data; writes the three splits. Groups move whole, validation
and test keep only original rows whose answer a person has checked, and a leak between two splits fails the stage.
Held are the distinct wordings and what `rows.Row` says of each row: the rows' lines are copied from file to file.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Annotated

import typer

from stages.common.errors import InputError, run
from stages.common.files import write_lines
from stages.common.metrics import Metrics, balanced, write_metrics
from stages.common.records import records_of, write_jsonl
from stages.params.section import load_params
from stages.params.split import Params
from stages.split.leaks import alike, gate, merged
from stages.split.ledger import origin_id, read_assigned, settled
from stages.split.names import NAMES, Name
from stages.split.rows import Refused, Row, corpus, dropped, whole, written
from stages.split.strata import assign, balance, labels_of, too_rare


def unreviewed_groups(rows: Sequence[Row]) -> set[str]:
    """Groups without an original that a person has verified or edited: nothing to examine with, so they go to train."""
    checked = {row.group_id for row in rows if not row.derived and row.review != "unreviewed"}
    return {row.group_id for row in rows} - checked


def exam_only_checked_originals(rows: Sequence[Row], names: Mapping[str, Name]) -> tuple[dict[Name, list[Row]], list[Refused]]:
    """The splits; validation and test keep no derived row, and no answer that nobody has checked."""
    splits: dict[Name, list[Row]] = {name: [] for name in NAMES}
    refused = []
    for row in rows:
        name = names[row.group_id]
        if row.derived and name != "train":
            refused.append(Refused(row, f"derived_in_{name}"))
        elif row.review == "unreviewed" and name != "train":
            refused.append(Refused(row, f"unreviewed_in_{name}"))
        else:
            splits[name].append(row)
    return splits, refused


def stratum_counts(splits: Mapping[Name, Sequence[Row]]) -> Metrics:
    """Rows of each split, and the labels that no checked original of a split has."""
    originals = {name: [row for row in rows if not row.derived] for name, rows in splits.items()}
    counts = {name: {"rows": len(splits[name]), "originals": len(originals[name])} for name in NAMES}
    present = {name: set(chain.from_iterable({row.strata for row in originals[name]})) for name in NAMES}
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
    assigned = read_assigned(earlier) if params.keep_assigned else {}
    read = corpus(records_of(source), params)
    near = alike(read, params.leak_similarity)
    rows, linking = settled(merged(read.rows, near), assigned)
    unreviewed = unreviewed_groups(rows)
    pinned: dict[str, Name] = dict.fromkeys(unreviewed, "train")
    pinned |= {row.group_id: assigned[origin_id(row)] for row in rows if origin_id(row) in assigned}
    labels = labels_of(rows)
    names = assign(labels, pinned, params)
    for field, value in too_rare(labels):
        typer.echo(f"warning: {field} '{value}' has fewer than {len(NAMES)} groups: they all go to train", err=True)
    splits, derived = exam_only_checked_originals(rows, names)
    for name, part in splits.items():
        if not part:
            checked = f"of {len(labels)} groups of rows that belong together {len(labels) - len(unreviewed)} have one"
            raise InputError(f"split: {name} is empty: each needs a question whose answer a person has checked; {checked}")
    gate(splits, near, lambda row: next(whole(source, [row])).prompt)
    for name, part in splits.items():
        write_lines(folder / f"{name}.jsonl", written(source, part, read.rows))
    write_jsonl(refused, chain(dropped(source, linking), dropped(source, derived)))
    kept = Counter(row.labels for part in splits.values() for row in part)
    reasons = Counter(refusal.reason for refusal in (*linking, *derived))
    counted = stratum_counts(splits)
    strata = {**counted["strata"], **balance(labels, names, params)}
    write_metrics(report, {**balanced(len(read.rows), kept, reasons), **counted, "strata": strata})


if __name__ == "__main__":
    run(main)
