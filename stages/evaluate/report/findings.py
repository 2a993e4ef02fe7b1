"""All that both forms of the report are made from."""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from stages.common.records import Record
from stages.common.steps import steps_or_sentences
from stages.evaluate.flow import read_counts
from stages.evaluate.statistics import Matrix, Scores

LOSSES = ("train_loss", "validation_loss")
Block: TypeAlias = str | tuple[Sequence[str], Sequence[Sequence[str]]]  # a paragraph, or header and rows of a table
SHOWN = {"baseline": "baseline", "finetuned": "fine-tuned", "reference": "human"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    comparison: Mapping[str, Any]  # as metrics/comparison.json has it
    records: Sequence[Record]
    texts: Mapping[str, Sequence[str]]  # system -> its answers, the reference among them
    scores: Mapping[str, Scores]
    flow: Mapping[str, Mapping[str, int]]  # data stage -> its counts
    losses: Mapping[str, Sequence[tuple[float, float]]]  # curve -> (step, loss)
    people: Sequence[Block]  # what people said of the answers; [] where nobody was asked
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


def read_findings(
    folder: Path,
    comparison: Mapping[str, Any],
    records: Sequence[Record],
    texts: Mapping[str, Sequence[str]],
    scores: Mapping[str, Scores],
    people: Sequence[Block],
    examples: int,
) -> Findings:
    """With what other stages left under `folder`: counts, losses and the measurement of the masking."""
    return Findings(
        comparison=comparison,
        records=records,
        texts=texts,
        scores=scores,
        flow=read_counts(folder / "data"),
        losses={name: read_curve(folder / "plots" / f"{name}.csv") for name in LOSSES},
        people=people,
        pii=read_pii(folder / "pii.json"),
        examples=examples,
    )


def read_curve(path: Path) -> list[tuple[float, float]]:
    """(step, loss) pairs; [] where no training left any."""
    if not path.exists():
        return []
    with path.open(encoding="utf-8", newline="") as lines:
        return [(float(row["step"]), float(row["loss"])) for row in csv.DictReader(lines)]


def read_pii(path: Path) -> list[tuple[str, str]]:
    """Every number of metrics/pii.json as (name, value); [] where masking has not been measured."""
    return flat(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []


def flat(values: Mapping[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """Nested mappings as dotted names."""
    return [
        item
        for name, value in values.items()
        for item in (flat(value, f"{prefix}{name}.") if isinstance(value, Mapping) else [(f"{prefix}{name}", str(value))])
    ]
