"""Compare both models question by question, from the scores that every answer got.

Reads the splits, the answers and their scores. Writes the candidate's scores for `dvc metrics diff`, its scores by row for
`python -m stages.gate`, and the comparison. `report` shows them.
"""

import json
from pathlib import Path
from typing import Annotated

import typer

from stages.common.errors import run
from stages.common.files import write_text
from stages.common.metrics import write_metrics
from stages.common.records import read_records
from stages.evaluate.answers import read_answers
from stages.evaluate.comparison import measured, weaknesses
from stages.evaluate.distribution import distribution_csv
from stages.evaluate.exam import exam_identity
from stages.evaluate.groups import FIELDS, by_group, group_csv, plot_csv
from stages.evaluate.keys import ANSWERING, MODELS
from stages.evaluate.opinions.join import opinions
from stages.evaluate.row_scores import read_row_lines, scores_csv
from stages.evaluate.statistics import means
from stages.params.evaluate import Params
from stages.params.section import load_params


def main(
    splits: Annotated[Path, typer.Argument(help="Folder of train.jsonl and test.jsonl.")],
    predictions: Annotated[Path, typer.Argument(help="Folder of the answers, their scores and the metrics' signatures.")],
    metrics: Annotated[Path, typer.Argument(help="Folder for metrics.")],
    ratings: Annotated[Path, typer.Argument(help="Folder of people's and judges' ratings.")],
) -> None:
    """Compare."""
    params = load_params("evaluate", Params)
    records, train = (read_records(splits / f"{name}.jsonl") for name in ("test", "train"))
    answers = {system: read_answers(predictions / f"{system}.jsonl", records) for system in ANSWERING}
    ids = [record.id for record in records]
    scores = read_row_lines(predictions / "scores.jsonl", ids)
    signatures = json.loads((predictions / "signatures.json").read_text(encoding="utf-8"))
    exam = exam_identity(records)
    groups = {field: by_group({system: scores[system] for system in MODELS}, records, field) for field in FIELDS}
    candidate = scores[params.candidate]
    texts = {system: answers[system].texts for system in MODELS}
    said, asked = opinions(ratings, ids, texts, scores, params.seed, params.resamples)
    people = {"human": said, "judges": asked}
    found = measured(answers, scores, records, params)
    comparison = {**found, **people, **weaknesses(groups, params), "signatures": signatures, "test_set": exam}
    write_metrics(metrics / "evaluation.json", {"candidate": params.candidate, "test_set": exam, **means(candidate)})
    write_metrics(metrics / "comparison.json", comparison)
    write_text(metrics / "scores.csv", scores_csv(ids, candidate))
    write_text(metrics / "groups.csv", group_csv(groups, MODELS, params.headline))
    write_text(metrics / "distribution.csv", distribution_csv({"train": train, "test": records}))
    write_text(metrics / "plots" / "domains.csv", plot_csv(groups["domain"], MODELS, params.headline))


if __name__ == "__main__":
    run(main)
