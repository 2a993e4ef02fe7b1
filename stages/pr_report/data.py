"""What a change did to the data: raw lines, rows through the stages, the exam, and how far the training rows moved."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from ruamel.yaml import YAML

from stages.common.revisions import json_at, lines_changed, text_at
from stages.common.tables import escape, table
from stages.evaluate import flow
from stages.evaluate.distribution import total_variation
from stages.evaluate.groups import FIELDS
from stages.gate.judge import moved
from stages.gate.results import read_results

DISTRIBUTION = Path("metrics/distribution.csv")
RAW, LOCK = Path("data/raw"), Path("dvc.lock")
SPLIT = "train"
RAW_HEADER = ("raw file", "lines in", "lines out")
SHIFT_HEADER = ("training rows by", "total variation distance", "moved most")
Counts: TypeAlias = dict[str, dict[str, int]]  # stage or field -> name -> rows


def data_part(base: str) -> str:
    """What is known of the exam, and the tables of what changed, or that nothing did."""
    tables = [
        raw_table(base),
        flow_table(flow_at(base), flow_at(None)),
        shift_table(distribution_at(base), distribution_at(None)),
    ]
    told = [exam_line(base), *filter(None, tables)]
    return "\n".join([*told, *([] if any(tables) else [unmoved(base)])])


def exam_line(base: str) -> str:
    """Whether the same questions were asked."""
    one, other = read_results(base), read_results(None)
    if one is None or other is None:
        return "The exam: not known at both revisions.\n"
    if one.exam == other.exam:
        return f"The exam: the same {len(other.ids)} questions.\n"
    return f"The exam: another one, {moved(one.ids, other.ids)}.\n"


def raw_table(base: str) -> str:
    """What was put in and taken out, by file; "" where nothing was."""
    rows = [[escape(path), added, removed] for added, removed, path in lines_changed(base, RAW)]
    return table(RAW_HEADER, rows) if rows else ""


def unmoved(base: str) -> str:
    """No count differs; the text of the rows may all the same, and then its hash does."""
    before, after = splits_at(base), splits_at(None)
    changed = ", ".join(sorted(Path(path).stem for path in after if before.get(path) != after[path]))
    return f"No row was added, lost or moved{f'; the text of {changed} is another' if changed else ''}.\n"


def splits_at(revision: str | None) -> dict[str, str]:
    """Hash of each split, as dvc.lock has it."""
    lock = YAML(typ="safe").load(text_at(revision, LOCK) or "") or {}
    return {out["path"]: out["md5"] for out in lock.get("stages", {}).get("split", {}).get("outs", [])}


def flow_at(revision: str | None) -> Counts:
    found = {stage: json_at(revision, Path("metrics/data", f"{stage}.json")) for stage in flow.STAGES}
    return {stage: counts for stage, counts in found.items() if counts is not None}


def flow_table(base: Counts, new: Counts) -> str:
    """Stages whose counts differ; "" where none does."""
    rows = [[stage, *changed_cells(stage, base, new)] for stage in flow.STAGES if stage in new]
    differing = [cells for cells in rows if any("→" in cell for cell in cells)]
    return table(flow.HEADER, differing) if differing else ""


def changed_cells(stage: str, base: Counts, new: Counts) -> list[str]:
    """Old → new, or the one number where both are the same."""
    after = flow.flow_row(stage, new[stage])[1:]
    before = flow.flow_row(stage, base[stage])[1:] if stage in base else ["none"] * len(after)
    return [one if one == other else f"{one} → {other}" for one, other in zip(before, after, strict=True)]


def distribution_at(revision: str | None) -> Counts | None:
    """Training rows by field and value; None where the revision didn't count them."""
    text = text_at(revision, DISTRIBUTION)
    if text is None:
        return None
    counts: Counts = {field: {} for field in FIELDS}
    for row in csv.DictReader(io.StringIO(text)):
        if row["split"] == SPLIT:
            counts.setdefault(row["field"], {})[row["value"]] = int(row["rows"])
    return counts


def shift_table(base: Counts | None, new: Counts | None) -> str:
    """The distance of the training rows' distributions, and the value that moved most; "" where nothing moved."""
    if base is None or new is None:
        return "The distribution of the training rows was not counted at both revisions.\n"
    rows = [shift_row(field, base[field], new[field]) for field in FIELDS if base[field] != new[field]]
    return table(SHIFT_HEADER, rows) if rows else ""


def shift_row(field: str, base: Mapping[str, int], new: Mapping[str, int]) -> list[str]:
    sizes = sum(base.values()) or 1, sum(new.values()) or 1
    moves = {value: new.get(value, 0) / sizes[1] - base.get(value, 0) / sizes[0] for value in {*base, *new}}
    most = max(sorted(moves), key=lambda value: abs(moves[value]))
    moved = f"{most} {base.get(most, 0) / sizes[0]:.2%} → {new.get(most, 0) / sizes[1]:.2%}"
    return [field, f"{total_variation(base, new):.4f}", escape(moved)]
