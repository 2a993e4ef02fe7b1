"""Replace personal data by typed, numbered placeholders, before any model or split sees the text.

Reads the normalised records and the contradicting answers; writes the records masked, with a count by type, and the
page of contradictions, the first text of the pipeline that may stand in Git.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from presidio_analyzer import AnalyzerEngine
from rich.progress import track

from stages.common.errors import run
from stages.common.files import write_text
from stages.common.flatten import flattened
from stages.common.metrics import stage_metrics, write_metrics
from stages.common.pii import analyzer, mask
from stages.common.records import CONFLICT, Conflict, Record, read_records, read_rows, write_jsonl
from stages.common.tables import escape
from stages.params.mask_pii import Params
from stages.params.normalize import Params as NormalizeParams
from stages.params.section import load_params

SECOND = "## Two like questions, two answers"


def masked(record: Record, engine: AnalyzerEngine, params: Params) -> tuple[Record, Counter[str]]:
    (prompt, response), counts = mask([record.prompt, record.response], engine, params)
    return replace(record, prompt=prompt, response=response), counts


def plain(record: Record, form: NormalizeParams) -> Record:
    """The record in the form asked for; last, because the recognisers need case and punctuation."""
    prompt, response = (flattened(text, form.lowercase, form.strip_punctuation) for text in (record.prompt, record.response))
    return replace(record, prompt=prompt, response=response)


def conflict_page(conflicts: Iterable[Conflict]) -> str:
    """The questions with contradicting answers, for a person to settle."""
    lines = ["# One question, two answers", "", "Kept first, refused second. Settle each at its source.", ""]
    for conflict in conflicts:
        if conflict.both_stay and SECOND not in lines:
            lines += ["", SECOND, "", "Both rows stay. Do they ask the same, which answer is right?", ""]
        lines.append(f"- **{escape(conflict.kept.prompt)}**")
        lines += [
            f"  - {escape(str(row.source))} ({row.origin}, {row.review}): {escape(row.response)}"
            for row in (conflict.kept, conflict.lost)
        ]
    return "\n".join(lines) + "\n"


def main(
    source: Annotated[Path, typer.Argument(help="Normalised records, JSONL.")],
    disputed: Annotated[Path, typer.Argument(help="Questions with contradicting answers, JSONL.")],
    target: Annotated[Path, typer.Argument(help="Masked records, JSONL.")],
    refused: Annotated[Path, typer.Argument(help="Refused rows, JSONL: a row is masked, never refused.")],
    report: Annotated[Path, typer.Argument(help="Counts, JSON.")],
    page: Annotated[Path, typer.Argument(help="Contradicting answers, Markdown.")],
) -> None:
    """Mask personal data in questions and answers."""
    params = load_params("mask_pii", Params)
    engine = analyzer(params)
    records = read_records(source)
    results = [masked(record, engine, params) for record in track(records, "Masking")]
    kept = [record for record, _ in results]
    conflicts = [
        replace(item, kept=masked(item.kept, engine, params)[0], lost=masked(item.lost, engine, params)[0])
        for item in read_rows(disputed, CONFLICT)
    ]
    form = load_params("normalize", NormalizeParams)
    kept = [plain(record, form) for record in kept]
    write_jsonl(target, kept)
    write_jsonl(refused, [])
    write_text(page, conflict_page(conflicts))
    found = sum((counts for _, counts in results), Counter[str]())
    totals = {"rows_masked": sum(bool(counts) for _, counts in results), "masked": dict(found)}
    write_metrics(report, {**stage_metrics(len(records), kept, []), **totals})


if __name__ == "__main__":
    run(main)
