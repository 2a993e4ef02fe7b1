"""Score the answers of both models against the references and compare them question by question.

Reads the splits and the predictions. Writes the candidate's scores for `dvc metrics diff`, the comparison, and every row's
scores: the candidate's in Git for `python -m stages.gate`, all systems' beside the predictions. `report` shows them.
"""

from hashlib import sha256
from pathlib import Path
from typing import Annotated

import typer

from stages.common.errors import run
from stages.common.files import write_text
from stages.common.metrics import write_metrics
from stages.common.records import read_records, write_jsonl
from stages.evaluate.answers import read_answers
from stages.evaluate.comparison import measured, weaknesses
from stages.evaluate.distribution import distribution_csv
from stages.evaluate.groups import FIELDS, by_group, group_csv, plot_csv
from stages.evaluate.keys import MODELS
from stages.evaluate.opinions.join import opinions
from stages.evaluate.row_scores import row_lines, scores_csv
from stages.evaluate.scores import Scorer, means
from stages.params.evaluate import Params
from stages.params.mask_pii import Params as PiiParams
from stages.params.section import load_params


def main(
    splits: Annotated[Path, typer.Argument(help="Folder of train.jsonl and test.jsonl.")],
    predictions: Annotated[Path, typer.Argument(help="Folder of baseline.jsonl, finetuned.jsonl and repeat.jsonl.")],
    metrics: Annotated[Path, typer.Argument(help="Folder for metrics.")],
    row_file: Annotated[Path, typer.Argument(help="Scores of each row and system, JSONL.")],
    ratings: Annotated[Path, typer.Argument(help="Folder of people's and judges' ratings.")],
) -> None:
    """Score and compare."""
    params, pii = load_params("evaluate", Params), load_params("mask_pii", PiiParams)
    test = splits / "test.jsonl"
    records, train = read_records(test), read_records(splits / "train.jsonl")
    answers = {system: read_answers(predictions / f"{system}.jsonl", records) for system in (*MODELS, "repeat")}
    exam = {"rows": len(records), "sha256": sha256(test.read_bytes()).hexdigest()}
    found, scores = measured(Scorer(params, pii), answers, records, params)
    groups = {field: by_group({system: scores[system] for system in MODELS}, records, field) for field in FIELDS}
    candidate, ids = scores[params.candidate], [record.id for record in records]
    texts = {system: answers[system].texts for system in MODELS}
    said, asked = opinions(ratings, ids, texts, scores, params.seed, params.resamples)
    people = {"human": said, "judges": asked}
    comparison = {**found, **people, **weaknesses(groups, params), "test_set": exam}
    write_metrics(metrics / "evaluation.json", {"candidate": params.candidate, "test_set": exam, **means(candidate)})
    write_metrics(metrics / "comparison.json", comparison)
    write_text(metrics / "scores.csv", scores_csv(ids, candidate))
    write_text(metrics / "groups.csv", group_csv(groups, MODELS))
    write_text(metrics / "distribution.csv", distribution_csv({"train": train, "test": records}))
    write_text(metrics / "plots" / "domains.csv", plot_csv(groups["domain"], MODELS))
    write_jsonl(row_file, row_lines(ids, scores))


if __name__ == "__main__":
    run(main)
