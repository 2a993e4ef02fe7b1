"""What the split asks of a record. Its texts stay in the file: a row is its place there, its labels, its wordings by number."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple

from stages.common.json_line import json_line
from stages.common.metrics import labels
from stages.common.records import Dropped, Record, Review, Source, as_it_stands, lines_of, record_of
from stages.common.text import match_key
from stages.params.split import Params
from stages.split.names import Labels


class Row(NamedTuple):
    place: int  # in the file, from 0
    id: str
    group_id: str
    parent_id: str
    review: Review
    source: Source
    labels: tuple[str, ...]  # what records are counted by
    strata: Labels
    question: int  # texts have the same number where they count as the same
    answer: int

    @property
    def derived(self) -> bool:
        return self.parent_id != ""


class Refused(NamedTuple):
    row: Row
    reason: str
    detail: str = ""


class Wordings(dict[str, int]):
    """The keys of texts, numbered as they come."""

    def number(self, text: str) -> int:
        return self.setdefault(match_key(text), len(self))


class Corpus(NamedTuple):
    rows: list[Row]
    questions: Wordings
    answers: Wordings


# What labels are made of. They are few: all rows that have the same share one object.
KIND: Callable[[Record], tuple[str, ...]] = attrgetter("domain", "language", "register", "task_type", "origin", "source.kind")
ITSELF: Callable[[Record], tuple[str, str, str, Review, Source]] = attrgetter("id", "group_id", "parent_id", "review", "source")


def corpus(records: Iterable[Record], params: Params) -> Corpus:
    made = Corpus([], Wordings(), Wordings())
    known: dict[tuple[str, ...], tuple[tuple[str, ...], Labels]] = {}
    for place, record in enumerate(records):
        kind = KIND(record)
        if kind not in known:
            known[kind] = labels(record), tuple((name, getattr(record, name)) for name in params.stratify)
        texts = made.questions.number(record.prompt), made.answers.number(record.response)
        made.rows.append(Row(place, *ITSELF(record), *known[kind], *texts))
    return made


def lines_at(source: Path, rows: Iterable[Row]) -> Iterator[tuple[Row, bytes, int]]:
    """Each row with its line and the line's number; the rows come in the order of the file."""
    rest = iter(rows)
    row = next(rest, None)
    for place, (number, line) in enumerate(lines_of(source)):
        if row is None:
            return
        if row.place == place:
            yield row, line, number
            row = next(rest, None)


def whole(source: Path, rows: Iterable[Row]) -> Iterator[Record]:
    """The rows as records, of the groups that they have now."""
    for row, line, number in lines_at(source, rows):
        yield replace(record_of(line, source, number), group_id=row.group_id)


def written(source: Path, rows: Iterable[Row], before: Sequence[Row]) -> Iterator[str]:
    """The rows' lines: as they stand in the file, where the group is still the one before."""
    for row, line, number in lines_at(source, rows):
        if row.group_id == before[row.place].group_id:
            yield as_it_stands(line)
        else:
            yield json_line(replace(record_of(line, source, number), group_id=row.group_id))


def dropped(source: Path, refused: Sequence[Refused]) -> Iterator[Dropped]:
    for refusal, record in zip(refused, whole(source, (refusal.row for refusal in refused)), strict=True):
        yield Dropped.record(record, refusal.reason, refusal.detail)
