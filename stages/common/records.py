"""The one record type that flows between the data stages, and its JSONL form."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NoReturn, TypeAlias, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from stages.common.errors import InputError
from stages.common.files import write_lines
from stages.common.json_line import json_line

Register: TypeAlias = Literal["formal", "informal"]
Origin: TypeAlias = Literal["faq", "draft", "paraphrase", "oversample"]
Review: TypeAlias = Literal["verified", "edited", "unreviewed"]
Language: TypeAlias = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Label: TypeAlias = Annotated[str, Field(pattern=r"^[a-z0-9_]+$")]
Text: TypeAlias = Annotated[str, Field(pattern=r"\S")]

# The fields whose balance is watched from stage to stage.
DIMENSIONS = ("domain", "language", "register", "origin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where a row was read: `line` counts from 1; for JSON and HTML files it is the item's number."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    file: str
    line: int
    kind: str
    licence: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    id: str
    group_id: str  # what the row descends from; a split never separates a group
    prompt: Text
    response: Text
    domain: Label
    task_type: Label
    language: Language
    register: Register
    source: Source
    origin: Origin
    review: Review
    parent_id: str = ""  # of a derived row: the row that it was derived from

    @property
    def derived(self) -> bool:
        return self.parent_id != ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dropped:
    """A row that a stage refused: nothing is lost silently."""

    reason: str  # a short key, counted as `dropped_<reason>`
    detail: str
    source: Source
    row: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def record(cls, record: Record, reason: str, detail: str = "") -> "Dropped":
        return cls(reason=reason, detail=detail, source=record.source, row=RECORD.dump_python(record))


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """Two answers to one question: `kept` won, `lost` was refused, or `both_stay`: the questions may differ."""

    kept: Record
    lost: Record
    both_stay: bool = False


RECORD = TypeAdapter(Record)
CONFLICT = TypeAdapter(Conflict)


def explain(error: ValidationError) -> str:
    """Each fault of a pydantic error as `field 'x': what is wrong (got ...)`, on one line."""
    faults = []
    for fault in error.errors(include_url=False):
        name = ".".join(str(part) for part in fault["loc"])
        got = "" if fault["type"] == "missing" else f" (got {fault['input']!r:.80})"
        faults.append(f"field '{name}': {fault['msg']}{got}")
    return "; ".join(faults)


def lines_of(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, line) of a file, read as it is asked for; blank lines are skipped."""
    if not path.exists():
        raise InputError(f"{path}: no such file")
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.isspace():
                yield number, line


def json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield (line number from 1, value) of a JSONL file, read as it is asked for."""
    for number, line in lines_of(path):
        yield number, parse_json(line.rstrip(b"\n"), f"{path}:{number}")


def parse_json(text: bytes, where: str) -> Any:
    """Strict JSON: Python's own reader also takes NaN, and has more ways to fail than it documents."""
    try:
        return from_json(text, allow_inf_nan=False)
    except ValueError:  # or what only the slower reader takes: a byte order mark, half a surrogate pair, numbers beyond range
        pass
    try:
        return json.loads(text.decode("utf-8-sig"), parse_constant=not_json)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not valid JSON: {error}") from None


def not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


T = TypeVar("T")


def rows_of(path: Path, kind: TypeAdapter[T]) -> Iterator[T]:
    """Every line as a `kind`, read as it is asked for; raises InputError naming file, line and field."""
    for number, line in lines_of(path):
        yield row_of(line, f"{path}:{number}", kind)


def row_of(line: bytes, where: str, kind: TypeAdapter[T]) -> T:
    try:
        return kind.validate_python(parse_json(line.rstrip(b"\n"), where))
    except ValidationError as error:
        raise InputError(f"{where}: {explain(error)}") from None


def read_rows(path: Path, kind: TypeAdapter[T]) -> list[T]:
    return list(rows_of(path, kind))


def record_of(line: bytes, path: Path, number: int) -> Record:
    """A line as a record, in one go where it is one; else the usual way says what is wrong with it."""
    try:
        return RECORD.validate_json(line)
    except ValidationError:
        return row_of(line, f"{path}:{number}", RECORD)


def records_of(path: Path) -> Iterator[Record]:
    """The records of a file, read as they are asked for; an id that stands twice and a file without any are errors."""
    rows = (record_of(line, path, number) for number, line in lines_of(path))
    return once_each(rows, attrgetter("id"), path)


def once_each(rows: Iterable[T], name: Callable[[T], str], path: Path) -> Iterator[T]:
    """The rows of a file as they come; held are their ids, as one that stands twice is an error, and so is no row at all."""
    known: set[str] = set()
    for row in rows:
        if name(row) in known:
            raise InputError(f"{path}: field 'id': '{name(row)}' stands twice")
        known.add(name(row))
        yield row
    if not known:
        raise InputError(f"{path}: holds no record")


def read_records(path: Path) -> list[Record]:
    return list(records_of(path))


def count_rows(path: Path) -> int:
    with path.open("rb") as lines:
        return sum(not line.isspace() for line in lines)


def write_jsonl(path: Path, rows: Iterable[Any]) -> None:
    """Write dataclasses or mappings, one sorted line each, as they come."""
    write_lines(path, map(json_line, rows))
