"""All that both forms of the report are made from."""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stages.common.records import Record, json_lines, parse_json, read_records
from stages.common.steps import steps_or_sentences
from stages.evaluate.answers import read_answers, references
from stages.evaluate.flow import read_counts
from stages.evaluate.keys import MEASURED, MODELS, SYSTEMS
from stages.evaluate.statistics import Matrix, Scores
from stages.report.people import Block, blocks

LOSSES = ("train_loss", "validation_loss")
SHOWN = {"baseline": "baseline", "finetuned": "fine-tuned", "reference": "human"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    comparison: Mapping[str, Any]  # as metrics/comparison.json has it
    records: Sequence[Record]
    texts: Mapping[str, Sequence[str]]  # system -> its answers, the reference among them
    scores: Mapping[str, Scores]
    flow: Mapping[str, Mapping[str, int]]  # data stage -> its counts
    losses: Mapping[str, Sequence[tuple[float, float]]]  # curve -> (step, loss)
    people: Sequence[Block]
    pii: Sequence[tuple[str, str]]  # measured elsewhere, shown here
    examples: int

    def steps(self, system: str) -> list[int]:
        """Number of steps of each answer."""
        return [len(steps_or_sentences(text)) for text in self.texts[system]]

    def words(self, system: str) -> list[int]:
        return [len(text.split()) for text in self.texts[system]]

    def change(self, key: str) -> Matrix:
        """The fine-tuned score minus the baseline's, row by row."""
        return self.scores["finetuned"][key] - self.scores["baseline"][key]


def read_findings(test: Path, predictions: Path, metrics: Path, examples: int) -> Findings:
    """What `evaluate`, the data stages, the training and the measurement of the masking left behind."""
    comparison = read_json(metrics / "comparison.json")
    records = read_records(test)
    rows = [row for _, row in json_lines(predictions / "scores.jsonl")]
    texts = {system: read_answers(predictions / f"{system}.jsonl", records).texts for system in MODELS}
    return Findings(
        comparison=comparison,
        records=records,
        texts={**texts, "reference": references(records)},
        scores={system: {key: np.array([row[system][key] for row in rows]) for key in MEASURED} for system in SYSTEMS},
        flow=read_counts(metrics / "data"),
        losses={name: read_curve(metrics / "plots" / f"{name}.csv") for name in LOSSES},
        people=blocks(comparison["human"], comparison["judges"]),
        pii=flat(read_json(metrics / "pii.json")) if (metrics / "pii.json").exists() else [],
        examples=examples,
    )


def read_json(path: Path) -> Any:
    return parse_json(path.read_bytes(), str(path))


def read_curve(path: Path) -> list[tuple[float, float]]:
    """(step, loss) pairs; [] where no training left any."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return [(float(row["step"]), float(row["loss"])) for row in csv.DictReader(lines)]


def flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested mappings as dotted names."""
    return [
        item
        for name, value in values.items()
        for item in (flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else [(f"{prefix}{name}", str(value))])
    ]
