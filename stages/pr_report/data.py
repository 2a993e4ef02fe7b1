"""What a change did to the data: rows through the stages, and how far the training rows moved."""

import csv
import io
from collections.abc import Mapping
from pathlib import Path
from typing import TypeAlias

from stages.common.revisions import json_at, text_at
from stages.common.tables import escape, table
from stages.evaluate import flow
from stages.evaluate.distribution import total_variation
from stages.evaluate.groups import FIELDS

DISTRIBUTION = Path("metrics/distribution.csv")
SPLIT = "train"
Counts: TypeAlias = dict[str, dict[str, int]]  # stage or field -> name -> rows


def data_part(base: str) -> str:
    """Both tables, or that nothing changed."""
    tables = [flow_table(flow_at(base), flow_at(None)), shift_table(distribution_at(base), distribution_at(None))]
    return "\n".join(filter(None, tables)) or "No row was added, lost or moved.\n"


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
    return table(["training rows by", "total variation distance", "moved most"], rows) if rows else ""


def shift_row(field: str, base: Mapping[str, int], new: Mapping[str, int]) -> list[str]:
    sizes = sum(base.values()) or 1, sum(new.values()) or 1
    moves = {value: new.get(value, 0) / sizes[1] - base.get(value, 0) / sizes[0] for value in {*base, *new}}
    most = max(sorted(moves), key=lambda value: abs(moves[value]))
    moved = f"{most} {base.get(most, 0) / sizes[0]:.2%} → {new.get(most, 0) / sizes[1]:.2%}"
    return [field, f"{total_variation(base, new):.4f}", escape(moved)]
