"""Both systems' answers, for those who are asked to compare them."""

from collections.abc import Collection
from pathlib import Path

from stages.common.errors import InputError
from stages.common.ratings import Answers
from stages.common.records import json_lines


def read_answers(folder: Path, records: Collection[str]) -> Answers:
    """The predictions; they must answer exactly the test questions, whose ids are `records`."""
    answers: dict[str, dict[str, str]] = {}
    for system in ("baseline", "finetuned"):
        path = folder / f"{system}.jsonl"
        answers[system] = {str(row["id"]): str(row["answer"]) for _, row in json_lines(path)}
        if set(answers[system]) != set(records):
            raise InputError(f"{path}: answers other questions than the test split; run `dvc repro`")
    return answers
