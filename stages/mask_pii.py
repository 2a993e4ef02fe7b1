"""Replace personal data by typed, numbered placeholders, before any model or split sees the text.

Reads the normalised records, the contradicting answers and people's verdicts on doubtful values; writes the records
masked, with a count by type, the doubtful values for a person to judge, and the page of contradictions, the first text of
the pipeline that may stand in Git. With STEPWISE_PII_KEY in the environment a value has one pseudonym in the whole corpus.
Rows are written as they are masked: held are the ids, the counts and the doubtful values.
"""

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.progress import track

from stages.common.errors import run
from stages.common.files import write_lines
from stages.common.flatten import flattened
from stages.common.json_line import json_line
from stages.common.metrics import balanced, labels, write_metrics
from stages.common.parallel import spread
from stages.common.pii import analyzer, mask
from stages.common.pii.engine import Engine, digest
from stages.common.pii.presidio import RecognizerResult
from stages.common.pii.verdicts import read_verdicts
from stages.common.records import CONFLICT, Conflict, Record, count_rows, lines_of, once_each, record_of, rows_of, write_jsonl
from stages.common.tables import escape
from stages.params.mask_pii import Params
from stages.params.normalize import Params as NormalizeParams
from stages.params.section import load_params

SECOND = "## Two like questions, two answers"
KEY = "STEPWISE_PII_KEY"
BANDS = ("sure", "doubtful", "unlikely")


class Found(NamedTuple):
    """What was found in a record."""

    counts: Counter[str]  # values masked, by type
    bands: Counter[tuple[str, str]]  # values found, by band and type
    doubts: list[dict[str, Any]]  # doubtful values, each with the text that it was found in


class Row(NamedTuple):
    """A record on its way from the process that masked it: as it is written and as it is counted."""

    id: str
    labels: tuple[str, ...]
    line: str
    found: Found | None


@dataclass
class Met:
    """What was met on the way, beside the records."""

    kept: Counter[tuple[str, ...]] = field(default_factory=Counter)  # by labels
    masked: Counter[str] = field(default_factory=Counter)  # values, by type
    bands: Counter[tuple[str, str]] = field(default_factory=Counter)
    doubts: dict[str, dict[str, Any]] = field(default_factory=dict)  # by hash, with the text that each was first found in
    rows_masked: int = 0

    def add(self, row: Row) -> None:
        self.kept[row.labels] += 1
        if row.found:
            self.rows_masked += bool(row.found.counts)
            self.masked.update(row.found.counts)
            self.bands.update(row.found.bands)
            for doubt in row.found.doubts:
                self.doubts.setdefault(doubt["hash"], doubt)


def masked(record: Record, engine: Engine, key: bytes = b"") -> tuple[Record, Found | None]:
    """The record without personal data, and what was found in it."""
    texts = (record.prompt, record.response)
    found = [(text, result, band(result.score, engine.params)) for text in texts for result in engine.find(text)]
    if not found:
        return record, None
    (prompt, response), counts = mask(texts, engine, engine.params, key)
    bands = Counter((name, result.entity_type) for _, result, name in found)
    doubts = [doubt(text, result, record) for text, result, name in found if name == "doubtful"]
    return replace(record, prompt=prompt, response=response), Found(counts, bands, doubts)


def band(score: float, params: Params) -> str:
    return "sure" if score >= params.sure else "doubtful" if score >= params.doubtful else "unlikely"


def doubt(text: str, found: RecognizerResult, record: Record) -> dict[str, Any]:
    key = digest(found.entity_type, text[found.start : found.end])
    place = {"text": text, "start": found.start, "end": found.end, "source": str(record.source)}
    return {"hash": key, "entity": found.entity_type, "score": found.score, **place}


def masked_all(records: Sequence[Record], engine: Engine, key: bytes) -> list[tuple[Record, Found | None]]:
    engine.read([text for record in records for text in (record.prompt, record.response)])
    return [masked(record, engine, key) for record in records]


def masked_lines(
    lines: Sequence[tuple[int, bytes]], source: Path, engine: Engine, key: bytes, form: NormalizeParams
) -> list[Row]:
    """From line to line: what travels between processes is text."""
    records = [record_of(line, source, number) for number, line in lines]
    return [
        Row(record.id, labels(record), json_line(plain(record, form)), found)
        for record, found in masked_all(records, engine, key)
    ]


def masked_conflicts(conflicts: Sequence[Conflict], engine: Engine, key: bytes) -> list[Conflict]:
    rows = [row for conflict in conflicts for row in (conflict.kept, conflict.lost)]
    texts = iter(row for row, _ in masked_all(rows, engine, key))
    return [replace(conflict, kept=next(texts), lost=next(texts)) for conflict in conflicts]


def counted(rows: Iterable[Row], met: Met) -> Iterator[str]:
    """The lines to write, each counted as it passes."""
    for row in rows:
        met.add(row)
        yield row.line


def by_band(found: Mapping[tuple[str, str], int]) -> dict[str, dict[str, int]]:
    """How many values of each type were found in each band."""
    return {name: {entity: found[own, entity] for own, entity in sorted(found) if own == name} for name in BANDS}


def plain(record: Record, form: NormalizeParams) -> Record:
    """The record in the form asked for; last, because the recognisers need case and punctuation."""
    if not (form.lowercase or form.strip_punctuation):
        return record
    prompt, response = (flattened(text, form.lowercase, form.strip_punctuation) for text in (record.prompt, record.response))
    return replace(record, prompt=prompt, response=response)


def conflict_page(conflicts: Iterable[Conflict]) -> Iterator[str]:
    """The lines about questions with contradicting answers, for a person to settle."""
    yield "# One question, two answers\n\nKept first, refused second. Settle each at its source.\n\n"
    second = False
    for conflict in conflicts:
        if conflict.both_stay and not second:
            second = True
            yield f"\n{SECOND}\n\nBoth rows stay. Do they ask the same, which answer is right?\n\n"
        yield f"- **{escape(conflict.kept.prompt)}**\n"
        for row in (conflict.kept, conflict.lost):
            yield f"  - {escape(str(row.source))} ({row.origin}, {row.review}): {escape(row.response)}\n"


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
    form = load_params("normalize", NormalizeParams)
    conflicts = spread(partial(masked_conflicts, engine=engine, key=key), rows_of(disputed, CONFLICT))
    write_lines(page, conflict_page(conflicts))
    work = partial(masked_lines, source=source, engine=engine, key=key, form=form)
    rows, met = once_each(spread(work, lines_of(source)), attrgetter("id"), source), Met()
    total = count_rows(source)
    write_lines(target, counted(track(rows, "Masking", total=total), met))
    write_jsonl(refused, [])
    write_jsonl(queue, met.doubts.values())
    found = {"rows_masked": met.rows_masked, "masked": dict(sorted(met.masked.items())), **by_band(met.bands)}
    write_metrics(report, {**balanced(total, met.kept, {}), **found})


if __name__ == "__main__":
    run(main)
