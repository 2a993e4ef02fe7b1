"""Reword questions and repeat rare tasks, so that the model meets each task often and in several forms.

Reads the masked records; writes them followed by the derived rows, each with its parent and its parent's group. Only
questions change: an answer is copied byte for byte. A rewording that lost a protected span or lies outside the
similarity band goes to the refused rows.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.progress import track

from stages.augment.augmenters import REGISTERS, Tools, augmenters, draw, fitting, reworded
from stages.augment.checks import Similarity, damage, in_band, similarity_of
from stages.augment.oversample import oversampled
from stages.augment.summary import Tried, sample, summary
from stages.common.errors import run
from stages.common.files import write_text
from stages.common.metrics import stage_metrics, write_metrics
from stages.common.parallel import spread
from stages.common.records import Dropped, Record, read_records, write_jsonl
from stages.common.text import match_key
from stages.params.augment import Params
from stages.params.section import load_params

BLOCK = 2048  # questions whose rewordings are checked together


class Candidate(NamedTuple):
    augmenter: str
    id: str
    text: str
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
        reason = damage(record.prompt, text) or ("repeated_rewording" if match_key(text) in seen else None)
        seen.add(match_key(text))
        yield Candidate(name, row_id, text, reason)


def candidates_of(records: Iterable[Record], tools: Tools, params: Params) -> list[list[Candidate]]:
    return [list(candidates(record, tools, params)) for record in records]


def rewordings(records: Sequence[Record], tools: Tools, similarity: Similarity, params: Params) -> Iterator[Tried]:
    """Every rewording tried for the original questions, accepted or refused."""
    found = spread(partial(candidates_of, tools=tools, params=params), records)
    for start in range(0, len(records), BLOCK):
        block = zip(records[start : start + BLOCK], found, strict=False)
        made = [(parent, one) for parent, ones in block for one in ones]
        whole = [(parent, one) for parent, one in made if not one.reason]
        values = similarity([(parent.prompt, one.text) for parent, one in whole]) if whole else []
        value_of = {one.id: value for (_, one), value in zip(whole, values, strict=True)}
        yield from (judged(parent, one, value_of.get(one.id, 0.0), params) for parent, one in made)


def judged(parent: Record, made: Candidate, value: float, params: Params) -> Tried:
    register = REGISTERS[made.augmenter][1] if made.augmenter in REGISTERS else parent.register
    row = replace(parent, id=made.id, prompt=made.text, register=register, origin="paraphrase", parent_id=parent.id)
    reason = made.reason or (None if in_band(value, row.language, params) else "drifted_rewording")
    result = Dropped.record(row, reason, f"of: {parent.prompt}") if reason else row
    return Tried(made.augmenter, parent, result, value)


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
    found = rewordings(originals, tools, similarity_of(params), params)
    tried = list(track(found, "Rewording", total=len(originals) * params.per_row))
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
