"""Score the answers of both models against the references, compare them question by question, and report.

Reads the test split, both predictions and the counts of the data stages; writes the candidate's scores for
`dvc metrics diff`, the comparison, the report, the scores by domain for the plot, and every row's scores.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

import typer

from stages.common.errors import InputError, run
from stages.common.files import write_text
from stages.common.metrics import write_metrics
from stages.common.records import Record, json_lines, read_records, write_jsonl
from stages.evaluate.opinions.join import opinions
from stages.evaluate.opinions.section import human_section
from stages.evaluate.report import HEADLINE, report
from stages.evaluate.scores import Scorer, Scores, by_group, differences, means
from stages.params.evaluate import Params
from stages.params.mask_pii import Params as PiiParams
from stages.params.section import load_params

GROUPS = ("domain", "language", "register")


def read_predictions(path: Path, records: Sequence[Record]) -> list[dict[str, Any]]:
    """The predictions in the order of the test split; they must answer exactly its questions."""
    rows = [row for _, row in json_lines(path)]
    if [row.get("id") for row in rows] != [record.id for record in records]:
        raise InputError(f"{path}: answers other questions than the test split; run `dvc repro`")
    return rows


def domain_csv(groups: Mapping[str, Any]) -> str:
    """Scores by domain in long form, for the plot: baseline and fine-tuned side by side."""
    lines = [
        f"{metric},{domain},{system},{group[system][metric]:.4f}"
        for metric in HEADLINE
        for domain, group in groups.items()
        for system in ("baseline", "finetuned")
    ]
    return "\n".join(["metric,domain,model,score", *lines]) + "\n"


def row_scores(records: Sequence[Record], scores: Mapping[str, Scores]) -> Iterator[dict[str, Any]]:
    for row, record in enumerate(records):
        by_system = {
            name: {key: round(float(values[row]), 4) for key, values in found.items()} for name, found in scores.items()
        }
        yield {"id": record.id, **by_system}


def main(
    test: Annotated[Path, typer.Argument(help="Test split, JSONL.")],
    baseline: Annotated[Path, typer.Argument(help="Answers of the base model, JSONL.")],
    finetuned: Annotated[Path, typer.Argument(help="Answers with the adapter, JSONL.")],
    data_metrics: Annotated[Path, typer.Argument(help="Folder of the data stages' counts.")],
    target: Annotated[Path, typer.Argument(help="Folder for metrics and report.")],
    row_file: Annotated[Path, typer.Argument(help="Scores of each row, JSONL.")],
    ratings: Annotated[Path, typer.Argument(help="Folder of people's and judges' ratings.")],
) -> None:
    """Score, compare and report."""
    params, pii = load_params("evaluate", Params), load_params("mask_pii", PiiParams)
    records = read_records(test)
    predictions = {"baseline": read_predictions(baseline, records), "finetuned": read_predictions(finetuned, records)}
    answers = {system: [str(row["answer"]) for row in rows] for system, rows in predictions.items()}
    scorer = Scorer(params, pii)
    scores = {system: scorer.score(texts, records) for system, texts in answers.items()}
    ceiling = scorer.score([record.response for record in records], records)
    changes = differences(scores["baseline"], scores["finetuned"], params)
    groups = {field: by_group(scores, records, field) for field in GROUPS}
    exam = {"rows": len(records), "sha256": sha256(test.read_bytes()).hexdigest()}
    write_metrics(
        target / "evaluation.json", {"candidate": params.candidate, "test_set": exam, **means(scores[params.candidate])}
    )
    said, asked = opinions(ratings, [record.id for record in records], answers, scores, params.seed, params.resamples)
    comparison = {
        "human": said,
        "judges": asked,
        "systems": {system: means(found) for system, found in {**scores, "reference": ceiling}.items()},
        "difference": {key: {**asdict(change), "verdict": change.verdict} for key, change in changes.items()},
        "groups": groups,
        "signatures": scorer.signatures(),
        "test_set": exam,
    }
    write_metrics(target / "comparison.json", comparison)
    write_text(target / "plots" / "domains.csv", domain_csv(groups["domain"]))
    write_jsonl(row_file, row_scores(records, scores))
    truncated = {system: sum(row["truncated"] for row in rows) for system, rows in predictions.items()}
    text = report(records, answers, scores, changes, groups, scorer.signatures(), truncated, data_metrics, params.examples)
    write_text(target / "report.md", f"{text}\n{human_section(said, asked)}")


if __name__ == "__main__":
    run(main)
