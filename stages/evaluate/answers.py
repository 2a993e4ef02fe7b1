"""The answers of one system to the exam, in the order of the exam."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from stages.common.errors import InputError
from stages.common.records import Record, json_lines


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    texts: Sequence[str]
    truncated: Sequence[bool]  # the answer reached the length limit

    @classmethod
    def written(cls, texts: Sequence[str]) -> "Answers":
        """What people wrote is never cut off."""
        return cls(texts=texts, truncated=[False] * len(texts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Exam:
    """What one system answered, and the reference that each answer is held against."""

    answers: Answers
    truths: Sequence[str]


def references(records: Sequence[Record]) -> list[str]:
    return [record.response for record in records]


def read_answers(path: Path, records: Sequence[Record]) -> Answers:
    """The predictions of `path`; they must answer exactly the questions of the exam, in its order."""
    rows = [row for _, row in json_lines(path)]
    if [row.get("id") for row in rows] != [record.id for record in records]:
        raise InputError(f"{path}: answers other questions than the test split; run `dvc repro`")
    return Answers(texts=[str(row["answer"]) for row in rows], truncated=[bool(row["truncated"]) for row in rows])
