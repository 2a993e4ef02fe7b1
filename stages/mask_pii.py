"""Replace personal data by typed, numbered placeholders, before any model or split sees the text.

Reads the normalised records, the contradicting answers and people's verdicts on doubtful values; writes the records
masked, with a count by type, the doubtful values for a person to judge, and the page of contradictions, the first text of
the pipeline that may stand in Git. With STEPWISE_PII_KEY in the environment a value has one pseudonym in the whole corpus.
"""

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.progress import track

from stages.common.errors import run
from stages.common.files import write_text
from stages.common.flatten import flattened
from stages.common.metrics import stage_metrics, write_metrics
from stages.common.parallel import spread
from stages.common.pii import analyzer, mask
from stages.common.pii.engine import Engine, digest
from stages.common.pii.presidio import RecognizerResult
from stages.common.pii.verdicts import read_verdicts
from stages.common.records import CONFLICT, Conflict, Record, read_records, read_rows, write_jsonl
from stages.common.tables import escape
from stages.params.mask_pii import Params
from stages.params.normalize import Params as NormalizeParams
from stages.params.section import load_params

SECOND = "## Two like questions, two answers"
KEY = "STEPWISE_PII_KEY"
BANDS = ("sure", "doubtful", "unlikely")


class Masked(NamedTuple):
    """A question and its answer without personal data, and what was found in them."""

    prompt: str
    response: str
    counts: Counter[str]  # values masked, by type
    bands: Counter[tuple[str, str]]  # values found, by band and type
    doubts: list[dict[str, Any]]  # doubtful values, each with the text that it was found in

    def record(self, original: Record) -> Record:
        return replace(original, prompt=self.prompt, response=self.response)


def masked(texts: Sequence[str], engine: Engine, key: bytes = b"") -> Masked:
    (prompt, response), counts = mask(texts, engine, engine.params, key)
    found = [(text, result, band(result.score, engine.params)) for text in texts for result in engine.find(text)]
    bands = Counter((name, result.entity_type) for _, result, name in found)
    return Masked(prompt, response, counts, bands, [doubt(text, one) for text, one, name in found if name == "doubtful"])


def band(score: float, params: Params) -> str:
    return "sure" if score >= params.sure else "doubtful" if score >= params.doubtful else "unlikely"


def doubt(text: str, found: RecognizerResult) -> dict[str, Any]:
    key = digest(found.entity_type, text[found.start : found.end])
    place = {"text": text, "start": found.start, "end": found.end}
    return {"hash": key, "entity": found.entity_type, "score": found.score, **place}


def masked_all(rows: Iterable[Sequence[str]], engine: Engine, key: bytes) -> list[Masked]:
    rows = list(rows)
    engine.read([text for texts in rows for text in texts])
    return [masked(texts, engine, key) for texts in rows]


def masked_conflict(conflict: Conflict, engine: Engine, key: bytes) -> Conflict:
    kept, lost = (masked((row.prompt, row.response), engine, key).record(row) for row in (conflict.kept, conflict.lost))
    return replace(conflict, kept=kept, lost=lost)


def queue_of(records: Iterable[Record], results: Iterable[Masked]) -> list[dict[str, Any]]:
    """Each doubtful value once, with the text that it was first found in."""
    first: dict[str, dict[str, Any]] = {}
    for record, result in zip(records, results, strict=True):
        for item in result.doubts:
            first.setdefault(item["hash"], {**item, "source": str(record.source)})
    return list(first.values())


def bands_of(results: Iterable[Masked]) -> dict[str, dict[str, int]]:
    """How many values of each type were found in each band."""
    found = sum((result.bands for result in results), Counter[tuple[str, str]]())
    return {name: {entity: found[own, entity] for own, entity in sorted(found) if own == name} for name in BANDS}


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
    key = os.environ.get(KEY, "").encode()
    engine = analyzer(load_params("mask_pii", Params), read_verdicts(reviews))
    records = read_records(source)
    work = partial(masked_all, engine=engine, key=key)
    texts = [(record.prompt, record.response) for record in records]
    results = list(track(spread(work, texts), "Masking", total=len(records)))
    conflicts = [masked_conflict(item, engine, key) for item in read_rows(disputed, CONFLICT)]
    form = load_params("normalize", NormalizeParams)
    kept = [plain(result.record(record), form) for record, result in zip(records, results, strict=True)]
    write_jsonl(target, kept)
    write_jsonl(refused, [])
    write_jsonl(queue, queue_of(records, results))
    write_text(page, conflict_page(conflicts))
    found = sum((result.counts for result in results), Counter[str]())
    totals = {"rows_masked": sum(bool(result.counts) for result in results), "masked": dict(sorted(found.items()))}
    write_metrics(report, {**stage_metrics(len(records), kept, []), **totals, **bands_of(results)})


if __name__ == "__main__":
    run(main)
