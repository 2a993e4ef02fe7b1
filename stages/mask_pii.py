"""Replace personal data by typed, numbered placeholders, before any model or split sees the text.

Reads the normalised records, the contradicting answers and people's verdicts on doubtful values; writes the records
masked, with a count by type, the doubtful values for a person to judge, and the page of contradictions, the first text of
the pipeline that may stand in Git. With STEPWISE_PII_KEY in the environment a value has one pseudonym in the whole corpus.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import track

from stages.common.errors import run
from stages.common.files import write_text
from stages.common.flatten import flattened
from stages.common.metrics import stage_metrics, write_metrics
from stages.common.pii import analyzer, mask
from stages.common.pii.engine import Engine, digest
from stages.common.pii.verdicts import read_verdicts
from stages.common.records import CONFLICT, Conflict, Record, read_records, read_rows, write_jsonl
from stages.common.tables import escape
from stages.params.mask_pii import Params
from stages.params.normalize import Params as NormalizeParams
from stages.params.section import load_params

SECOND = "## Two like questions, two answers"
KEY = "STEPWISE_PII_KEY"


def masked(record: Record, engine: Engine, params: Params, key: bytes = b"") -> tuple[Record, Counter[str]]:
    (prompt, response), counts = mask([record.prompt, record.response], engine, params, key)
    return replace(record, prompt=prompt, response=response), counts


def band(score: float, params: Params) -> str:
    return "sure" if score >= params.sure else "doubtful" if score >= params.doubtful else "unlikely"


def doubts(records: Iterable[Record], engine: Engine, params: Params) -> Iterator[dict[str, Any]]:
    """Each doubtful value once, with the text that it was first found in."""
    seen: set[str] = set()
    for record in records:
        for text in (record.prompt, record.response):
            for found in engine.find(text):
                key = digest(found.entity_type, text[found.start : found.end])
                if band(found.score, params) == "doubtful" and key not in seen:
                    seen.add(key)
                    place = {"text": text, "start": found.start, "end": found.end, "source": str(record.source)}
                    yield {"hash": key, "entity": found.entity_type, "score": found.score, **place}


def bands(records: Iterable[Record], engine: Engine, params: Params) -> dict[str, dict[str, int]]:
    """How many values of each type were found in each band."""
    counts = {"sure": Counter[str](), "doubtful": Counter[str](), "unlikely": Counter[str]()}
    for record in records:
        for text in (record.prompt, record.response):
            for found in engine.find(text):
                counts[band(found.score, params)][found.entity_type] += 1
    return {name: dict(sorted(found.items())) for name, found in counts.items()}


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
    reviews: Annotated[Path, typer.Argument(help="Folder of people's verdicts, pii-*.jsonl.")],
    target: Annotated[Path, typer.Argument(help="Masked records, JSONL.")],
    refused: Annotated[Path, typer.Argument(help="Refused rows, JSONL: a row is masked, never refused.")],
    queue: Annotated[Path, typer.Argument(help="Doubtful values for a person to judge, JSONL, unmasked.")],
    report: Annotated[Path, typer.Argument(help="Counts, JSON.")],
    page: Annotated[Path, typer.Argument(help="Contradicting answers, Markdown.")],
) -> None:
    """Mask personal data in questions and answers."""
    params = load_params("mask_pii", Params)
    key = os.environ.get(KEY, "").encode()
    engine = analyzer(params, read_verdicts(reviews))
    records = read_records(source)
    results = [masked(record, engine, params, key) for record in track(records, "Masking")]
    kept = [record for record, _ in results]
    conflicts = [
        replace(item, kept=masked(item.kept, engine, params, key)[0], lost=masked(item.lost, engine, params, key)[0])
        for item in read_rows(disputed, CONFLICT)
    ]
    form = load_params("normalize", NormalizeParams)
    kept = [plain(record, form) for record in kept]
    write_jsonl(target, kept)
    write_jsonl(refused, [])
    write_jsonl(queue, doubts(records, engine, params))
    write_text(page, conflict_page(conflicts))
    found = sum((counts for _, counts in results), Counter[str]())
    totals = {"rows_masked": sum(bool(counts) for _, counts in results), "masked": dict(sorted(found.items()))}
    write_metrics(report, {**stage_metrics(len(records), kept, []), **totals, **bands(records, engine, params)})


if __name__ == "__main__":
    run(main)
