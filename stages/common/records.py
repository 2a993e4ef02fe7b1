"""The one record type that flows between the data stages, and its JSONL form."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NoReturn, TypeAlias, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import from_json

from stages.common.errors import InputError
from stages.common.files import write_lines

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


def json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield (line number from 1, value) of a JSONL file, read as it is asked for; blank lines are skipped."""
    if not path.exists():
        raise InputError(f"{path}: no such file")
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
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
    for number, value in json_lines(path):
        try:
            yield kind.validate_python(value)
        except ValidationError as error:
            raise InputError(f"{path}:{number}: {explain(error)}") from None


def read_rows(path: Path, kind: TypeAdapter[T]) -> list[T]:
    return list(rows_of(path, kind))


def records_of(path: Path) -> Iterator[Record]:
    """The records of a file, read as they are asked for; an id that stands twice and a file without any are errors."""
    known: set[str] = set()
    for record in rows_of(path, RECORD):
        if record.id in known:
            raise InputError(f"{path}: field 'id': '{record.id}' stands twice")
        known.add(record.id)
        yield record
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


def as_fields(row: Any) -> dict[str, Any]:
    """A dataclass as JSON's encoder asks for it: one level."""
    return {name: getattr(row, name) for name in field_names(row.__class__)}


@cache
def field_names(kind: Any) -> tuple[str, ...]:
    return tuple(item.name for item in fields(kind))


TO_JSON = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=as_fields)
TO_ASCII = json.JSONEncoder(sort_keys=True, default=as_fields)
HALF_A_PAIR = re.compile("[\\ud800-\\udfff]")  # of surrogates: UTF-8 cannot hold it


def json_line(row: Any) -> str:
    """One line of UTF-8, or of ASCII where that could not hold the row."""
    line = TO_JSON.encode(row)
    return (line if line.isascii() or not HALF_A_PAIR.search(line) else TO_ASCII.encode(row)) + "\n"
