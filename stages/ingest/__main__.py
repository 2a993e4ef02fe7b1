"""Read every raw source into one record type, so that no later stage knows where a row came from.

Reads data/raw/{faqs,drafts,reviews} as listed in params.yaml; writes the records, the refused rows and the counts.
People's reviews are applied here: an edit replaces the draft's answer, a rejection refuses the draft. Rows are written as
they are read: held are the reviews, the refused rows, the questions that have paraphrases, and every row's id.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from stages.common.errors import InputError, run
from stages.common.metrics import balanced, labels, write_metrics
from stages.common.records import Dropped, Record, Source, write_jsonl
from stages.common.text import match_key
from stages.ingest.kinds import by_draft, draft, faq, paraphrase
from stages.ingest.readers import Fields, Unreadable
from stages.ingest.sources import IGNORED, Row, read
from stages.params.ingest import Kind, Params
from stages.params.section import load_params

Rows: TypeAlias = Callable[[Kind], Iterable[Row]]  # all rows of a kind, read anew at each call
Maker: TypeAlias = Callable[[Source, Fields], Record | Dropped]


@dataclass
class Met:
    """What was met on the way, beside the records."""

    rows: int = 0
    refused: list[Dropped] = field(default_factory=list)
    ignored: Counter[str] = field(default_factory=Counter)
    kept: Counter[tuple[str, ...]] = field(default_factory=Counter)  # by labels


def drafts(rows: Iterable[Row], reviews: Mapping[str, tuple[Source, Fields]], met: Met) -> Iterator[Record | Dropped]:
    """The drafts. A verdict on none of them is an error, unless its draft may be one that could not be read."""
    times: Counter[str] = Counter()
    unreadable = 0

    def reviewed(source: Source, fields: Fields) -> Record | Dropped:
        name = str(fields.get("draft_id", ""))
        times.update([name] if name in reviews else [])
        return draft(source, fields, reviews[name][1] if name in reviews else None)

    for result in made(rows, reviewed, met):
        unreadable += isinstance(result, Dropped) and result.reason == "unreadable"
        yield result
    for name, (source, _) in reviews.items():
        if not name or not (times[name] or unreadable):
            raise InputError(f"{source}: field 'draft_id': no draft is called {name!r}")
        if times[name] > 1:
            raise InputError(f"{source}: field 'draft_id': {times[name]} drafts are called {name!r}")


def made(rows: Iterable[Row], make: Maker, met: Met) -> Iterator[Record | Dropped]:
    """Every row as `make` says, once it could be read."""
    for source, fields in rows:
        met.rows += 1
        if isinstance(fields, Unreadable):
            yield Dropped(reason="unreadable", detail=fields.detail, source=source, row={"text": fields.text})
        else:
            if ignored := fields.get(IGNORED):
                met.ignored.update(ignored)
            yield make(source, fields)


def asked(fields: Fields | Unreadable) -> str:
    """The key of the question that a paraphrase is of."""
    return "" if isinstance(fields, Unreadable) else match_key(str(fields.get("prompt")))


def outcomes(rows: Rows, met: Met) -> Iterator[Record | Dropped]:
    """Every row: FAQs, drafts under their reviews, paraphrases of either."""
    reviews = by_draft(rows("review"))
    met.ignored.update(name for _, fields in reviews.values() for name in fields.get(IGNORED, ()))
    parents: dict[str, Record | None] = {asked(fields): None for _, fields in rows("paraphrase")}
    for result in chain(made(rows("faq"), faq, met), drafts(rows("draft"), reviews, met)):
        if parents and isinstance(result, Record) and (key := match_key(result.prompt)) in parents:
            parents[key] = parents[key] or result
        yield result
    yield from made(rows("paraphrase"), lambda source, fields: paraphrase(source, fields, parents[asked(fields)]), met)


def ingest(rows: Rows, met: Met) -> Iterator[Record]:
    """The records as they are read; the n-th repetition of a row in one file gets the suffix -n, so that ids are unique."""
    seen: Counter[str] = Counter()
    for result in outcomes(rows, met):
        if isinstance(result, Dropped):
            met.refused.append(result)
            continue
        seen[result.id] += 1
        met.kept[labels(result)] += 1
        if seen[result.id] == 1:
            yield result
        else:
            name = f"{result.id}-{seen[result.id]}"
            yield replace(result, id=name, group_id=name)
    if not seen:
        first = met.refused[0]
        raise InputError(f"every row was refused; see the first: {first.source}: {first.detail}")


def main(
    target: Annotated[Path, typer.Argument(help="Records, JSONL.")],
    refused: Annotated[Path, typer.Argument(help="Refused rows with their reasons, JSONL.")],
    report: Annotated[Path, typer.Argument(help="Counts, JSON.")],
) -> None:
    """Read the sources listed in params.yaml into one JSONL file of records."""
    params = load_params("ingest", Params)
    met = Met()
    write_jsonl(
        target, ingest(lambda kind: (row for source in params.sources if source.kind == kind for row in read(source)), met)
    )
    write_jsonl(refused, sorted(met.refused, key=lambda row: row.reason != "unreadable"))
    counts = balanced(met.rows, met.kept, Counter(row.reason for row in met.refused))
    write_metrics(report, {**counts, "ignored_fields": dict(met.ignored)})


if __name__ == "__main__":
    run(main)
