"""Reword questions and repeat rare tasks, so that the model meets each task often and in several forms.

Reads the masked records; writes them followed by the derived rows, each with its parent and its parent's group. Only
questions change: an answer is copied byte for byte. A rewording that lost a protected span or lies outside the
similarity band goes to the refused rows. Rows are written as they are read: held are their ids, the questions at work and
the rows of rare tasks; accepted rewordings wait in a file until the last record is written.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Annotated

import typer
from rich.progress import track

from stages.augment.augmenters import augmenters
from stages.augment.checks import similarity_of
from stages.augment.oversample import Rare, oversampled
from stages.augment.rewordings import rewordings
from stages.augment.summary import Tally, Tried, sample, shown
from stages.common.errors import run
from stages.common.files import scratch, whole_file, write_text
from stages.common.json_line import json_line
from stages.common.metrics import write_metrics
from stages.common.records import Dropped, Record, count_rows, with_lines
from stages.params.augment import Params
from stages.params.section import load_params


def originals(rows: Iterable[tuple[Record, str]], out: IO[str], tally: Tally, rare: Rare) -> Iterator[Record]:
    """The records that are no rewordings themselves; the lines of all of them are written, and counted."""
    for record, line in rows:
        out.write(line)
        tally.met(record)
        rare.add(record, rare.read)
        if not record.derived:
            yield record


def sorted_out(
    results: Iterable[Tried], accepted: IO[str], refused: IO[str], choice: IO[str], tally: Tally, rare: Rare
) -> None:
    """Each result to the file where it belongs."""
    for item in results:
        tally.tried(item)
        if isinstance(item.result, Dropped):
            refused.write(json_line(item.result))
        else:
            accepted.write(json_line(item.result))
            choice.write(shown(item, item.result))
            rare.add(item.result, rare.made)


def main(
    source: Annotated[Path, typer.Argument(help="Masked records, JSONL.")],
    target: Annotated[Path, typer.Argument(help="The records and the derived rows, JSONL.")],
    refused: Annotated[Path, typer.Argument(help="Refused rewordings with their reasons, JSONL.")],
    report: Annotated[Path, typer.Argument(help="Counts, JSON.")],
    examples: Annotated[Path, typer.Argument(help="Some rewordings to read, Markdown.")],
) -> None:
    """Append rewordings of questions and copies of rows of rare tasks."""
    params = load_params("augment", Params)
    tally, rare = Tally(), Rare(params.oversample_to)
    records = track(with_lines(source), "Rewording", total=count_rows(source))
    with whole_file(target) as out, whole_file(refused) as bad, scratch(target) as accepted, scratch(target) as choice:
        results = rewordings(originals(records, out, tally, rare), augmenters(params), similarity_of(params), params)
        sorted_out(results, accepted, bad, choice, tally, rare)
        accepted.seek(0)
        out.writelines(accepted)
        copies = list(oversampled(rare.rows(), params))
        out.writelines(map(json_line, copies))
        choice.seek(0)
        write_text(examples, sample(choice, tally.accepted.total(), params))
    write_metrics(report, tally.summary(copies))


if __name__ == "__main__":
    run(main)
