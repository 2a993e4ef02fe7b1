"""Score the answers of both models against the references, compare them question by question, and report.

Reads the splits, the predictions, and what the data stages and the training left in metrics/. Writes the candidate's
scores for `dvc metrics diff`, the comparison, the report in two forms, and every row's scores: the candidate's in Git for
`python -m stages.gate`, all systems' beside the predictions.
"""

from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer

from stages.common.errors import run
from stages.common.files import write_text
from stages.common.metrics import write_metrics
from stages.common.records import Record, read_records, write_jsonl
from stages.evaluate.answers import read_answers, references
from stages.evaluate.comparison import MODELS, measured, weaknesses
from stages.evaluate.distribution import distribution_csv
from stages.evaluate.groups import FIELDS, by_group, group_csv, plot_csv
from stages.evaluate.report.findings import Block, read_findings
from stages.evaluate.report.markdown import markdown
from stages.evaluate.report.page import page
from stages.evaluate.row_scores import scores_csv
from stages.evaluate.scores import Scorer, means
from stages.evaluate.statistics import Scores
from stages.params.evaluate import Params
from stages.params.mask_pii import Params as PiiParams
from stages.params.section import load_params


def row_scores(records: Sequence[Record], scores: Mapping[str, Scores]) -> Iterator[dict[str, Any]]:
    for row, record in enumerate(records):
        by_system = {
            name: {key: round(float(values[row]), 4) for key, values in found.items()} for name, found in scores.items()
        }
        yield {"id": record.id, **by_system}


def main(
    splits: Annotated[Path, typer.Argument(help="Folder of train.jsonl and test.jsonl.")],
    predictions: Annotated[Path, typer.Argument(help="Folder of baseline.jsonl, finetuned.jsonl and repeat.jsonl.")],
    metrics: Annotated[Path, typer.Argument(help="Folder of metrics: those of other stages are read, ours written.")],
    row_file: Annotated[Path, typer.Argument(help="Scores of each row and system, JSONL.")],
) -> None:
    """Score, compare and report."""
    params, pii = load_params("evaluate", Params), load_params("mask_pii", PiiParams)
    test = splits / "test.jsonl"
    records, train = read_records(test), read_records(splits / "train.jsonl")
    answers = {system: read_answers(predictions / f"{system}.jsonl", records) for system in (*MODELS, "repeat")}
    exam = {"rows": len(records), "sha256": sha256(test.read_bytes()).hexdigest()}
    found, scores = measured(Scorer(params, pii), answers, records, params)
    groups = {field: by_group({system: scores[system] for system in MODELS}, records, field) for field in FIELDS}
    people: list[Block] = []  # the ratings' place, as `human` of the comparison is
    comparison = {**found, **weaknesses(groups, params), "test_set": exam}
    candidate = scores[params.candidate]
    write_metrics(metrics / "evaluation.json", {"candidate": params.candidate, "test_set": exam, **means(candidate)})
    write_metrics(metrics / "comparison.json", comparison)
    write_text(metrics / "scores.csv", scores_csv([record.id for record in records], candidate))
    write_text(metrics / "groups.csv", group_csv(groups, MODELS))
    write_text(metrics / "distribution.csv", distribution_csv({"train": train, "test": records}))
    write_text(metrics / "plots" / "domains.csv", plot_csv(groups["domain"], MODELS))
    write_jsonl(row_file, row_scores(records, scores))
    texts = {**{system: answers[system].texts for system in MODELS}, "reference": references(records)}
    findings = read_findings(metrics, comparison, records, texts, scores, people, params.examples)
    write_text(metrics / "report.md", markdown(findings))
    write_text(metrics / "report.html", page(findings))


if __name__ == "__main__":
    run(main)
