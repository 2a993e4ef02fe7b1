"""Reword questions and repeat rare tasks, so that the model meets each task often and in several forms.

Reads the masked records; writes them followed by the derived rows, each with its parent and its parent's group. Only
questions change: an answer is copied byte for byte. A rewording that lost a protected span or lies outside the
similarity band goes to the refused rows.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import track

from stages.augment.augmenters import REGISTERS, Tools, augmenters, draw, fitting, reworded
from stages.augment.checks import Similarity, damage, in_band, similarity_of
from stages.augment.oversample import oversampled
from stages.augment.summary import Tried, sample, summary
from stages.common.errors import run
from stages.common.files import write_text
from stages.common.metrics import stage_metrics, write_metrics
from stages.common.records import Dropped, Record, read_records, write_jsonl
from stages.common.text import match_key
from stages.params.augment import Params
from stages.params.section import load_params

BLOCK = 2048  # questions whose rewordings are checked together


@dataclass(frozen=True, slots=True)
class Candidate:
    augmenter: str
    parent: Record
    row: Record
    reason: str | None  # why it is refused before anything is compared


def candidates(record: Record, tools: Tools, params: Params) -> Iterator[Candidate]:
    """The rewordings of one original question, a text at most once; the augmenters take turns, and which comes first is
    the record's own."""
    names = fitting(record, tools)
    first = draw(f"{params.seed}/{record.id}") % max(1, len(names))
    seen: set[str] = set()
    for number, name in enumerate(islice(cycle(names), first, first + params.per_row)):
        row_id = f"{record.id}-{name}{number}"
        text = reworded(record.prompt, tools[name, record.language], f"{params.seed}/{row_id}")
        register = REGISTERS[name][1] if name in REGISTERS else record.register
        row = replace(record, id=row_id, prompt=text, register=register, origin="paraphrase", parent_id=record.id)
        reason = damage(record.prompt, text) or ("repeated_rewording" if match_key(text) in seen else None)
        seen.add(match_key(text))
        yield Candidate(name, record, row, reason)


def rewordings(records: Sequence[Record], tools: Tools, similarity: Similarity, params: Params) -> Iterator[Tried]:
    """Every rewording tried for the original questions, accepted or refused."""
    for start in range(0, len(records), BLOCK):
        made = [made for record in records[start : start + BLOCK] for made in candidates(record, tools, params)]
        whole = [candidate for candidate in made if not candidate.reason]
        values = dict(
            zip(
                (candidate.row.id for candidate in whole),
                similarity([(candidate.parent.prompt, candidate.row.prompt) for candidate in whole]) if whole else [],
                strict=True,
            )
        )
        yield from (judged(candidate, values.get(candidate.row.id, 0.0), params) for candidate in made)


def judged(candidate: Candidate, value: float, params: Params) -> Tried:
    reason = candidate.reason or (None if in_band(value, candidate.row.language, params) else "drifted_rewording")
    detail = f"of: {candidate.parent.prompt}"
    result = Dropped.record(candidate.row, reason, detail) if reason else candidate.row
    return Tried(candidate.augmenter, candidate.parent, result, value)


def main(
    source: Annotated[Path, typer.Argument(help="Masked records, JSONL.")],
    target: Annotated[Path, typer.Argument(help="The records and the derived rows, JSONL.")],
    refused: Annotated[Path, typer.Argument(help="Refused rewordings with their reasons, JSONL.")],
    report: Annotated[Path, typer.Argument(help="Counts, JSON.")],
    examples: Annotated[Path, typer.Argument(help="Some rewordings to read, Markdown.")],
) -> None:
    """Append rewordings of questions and copies of rows of rare tasks."""
    params = load_params("augment", Params)
    records = read_records(source)
    tools = augmenters(params, {record.language for record in records})
    originals = [record for record in records if not record.derived]
    tried = list(rewordings(list(track(originals, "Rewording")), tools, similarity_of(params), params))
    accepted = [item.result for item in tried if isinstance(item.result, Record)]
    dropped = [item.result for item in tried if isinstance(item.result, Dropped)]
    copies = list(oversampled([*records, *accepted], params))
    rows = [*records, *accepted, *copies]
    write_jsonl(target, rows)
    write_jsonl(refused, dropped)
    write_text(examples, sample(tried, params))
    counted = stage_metrics(len(records), rows, dropped, len(tried) + len(copies))
    write_metrics(report, {**counted, **summary(records, rows, tried)})


if __name__ == "__main__":
    run(main)
