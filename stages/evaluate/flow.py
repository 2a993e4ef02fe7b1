"""Rows through the data stages, from the counts that each writes: one table for the report and the README."""

import json
from collections.abc import Mapping
from pathlib import Path

STAGES = ("ingest", "normalize", "mask_pii", "augment", "split")
HEADER = ("stage", "rows in", "added", "refused", "rows out")


def read_counts(folder: Path) -> dict[str, dict[str, int]]:
    """The counts of every data stage that wrote some."""
    files = {stage: folder / f"{stage}.json" for stage in STAGES}
    return {stage: json.loads(file.read_text(encoding="utf-8")) for stage, file in files.items() if file.exists()}


def refused(counts: Mapping[str, int]) -> dict[str, int]:
    """Rows by the reason for which they were refused."""
    found = {key.removeprefix("dropped_").replace("_", " "): n for key, n in counts.items() if key.startswith("dropped_")}
    return dict(sorted(found.items()))


def flow_row(stage: str, counts: Mapping[str, int]) -> list[str]:
    return [
        stage,
        *(str(n) for n in (counts["rows_in"], counts["rows_added"], sum(refused(counts).values()), counts["rows_out"])),
    ]


def flow_rows(stages: Mapping[str, Mapping[str, int]]) -> list[list[str]]:
    return [flow_row(stage, counts) for stage, counts in stages.items()]


def reasons(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{reason} {n}" for reason, n in refused(counts).items()) or "none"
