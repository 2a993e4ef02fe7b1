"""Score every answer of every system against the references: slow, and done once for whatever is asked of the scores later.

Reads the test split and the predictions; writes every row's scores and the signature of each metric. The human reference
is a system among the others.
"""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from stages.common.errors import run
from stages.common.files import write_text
from stages.common.records import Record, read_records, write_jsonl
from stages.evaluate.answers import Answers, Exam, read_answers, references
from stages.evaluate.human import by_row, human_exam
from stages.evaluate.keys import ANSWERING
from stages.evaluate.row_scores import row_lines
from stages.evaluate.scores import Scorer
from stages.evaluate.statistics import Scores
from stages.params.mask_pii import Params as PiiParams
from stages.params.score import Params
from stages.params.section import load_params


def all_scores(scorer: Scorer, answers: Mapping[str, Answers], records: Sequence[Record]) -> dict[str, Scores]:
    """Scores by row of each of `answers`, and of the human reference."""
    exams = {system: Exam(answers=found, truths=references(records)) for system, found in answers.items()}
    scores = scorer.score({**exams, "reference": human_exam(records)})
    return {**scores, "reference": by_row(scores["reference"], records)}


def main(
    test: Annotated[Path, typer.Argument(help="Test split, JSONL.")],
    predictions: Annotated[Path, typer.Argument(help="Folder of baseline.jsonl, finetuned.jsonl and repeat.jsonl.")],
    row_file: Annotated[Path, typer.Argument(help="Scores of each row and system, JSONL.")],
    signatures: Annotated[Path, typer.Argument(help="How each metric was computed, JSON.")],
) -> None:
    """Score all answers."""
    scorer = Scorer(load_params("score", Params), load_params("mask_pii", PiiParams))
    records = read_records(test)
    answers = {system: read_answers(predictions / f"{system}.jsonl", records) for system in ANSWERING}
    scores = all_scores(scorer, answers, records)
    write_jsonl(row_file, row_lines([record.id for record in records], scores))
    write_text(signatures, json.dumps(scorer.signatures(), indent=2, sort_keys=True) + "\n")


if __name__ == "__main__":
    run(main)
