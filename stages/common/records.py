"""The one record type that flows between the data stages, and its JSONL form."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NoReturn, TypeAlias, TypeVar

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

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
    """Yield (line number from 1, value) of a JSONL file; blank lines are skipped."""
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield number, parse_json(line, f"{path}:{number}")


def parse_json(text: bytes, where: str) -> Any:
    """Strict JSON: Python's own reader also takes NaN, and has more ways to fail than it documents."""
    try:
        return json.loads(text.decode("utf-8-sig"), parse_constant=not_json)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{where}: not valid JSON: {error}") from None


def not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


T = TypeVar("T")


def read_rows(path: Path, kind: TypeAdapter[T]) -> list[T]:
    """Every line as a `kind`; raises InputError naming file, line and field."""
    rows = []
    for number, value in json_lines(path):
        try:
            rows.append(kind.validate_python(value))
        except ValidationError as error:
            raise InputError(f"{path}:{number}: {explain(error)}") from None
    return rows


def read_records(path: Path) -> list[Record]:
    records = read_rows(path, RECORD)
    if not records:
        raise InputError(f"{path}: holds no record")
    twice = [name for name, count in Counter(record.id for record in records).items() if count > 1]
    if twice:
        raise InputError(f"{path}: field 'id': '{twice[0]}' stands twice")
    return records


@cache
def adapter(kind: type) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def write_jsonl(path: Path, rows: Iterable[Any]) -> None:
    """Write dataclasses or mappings, one sorted line each."""
    write_lines(path, (json_line(row if isinstance(row, dict) else adapter(row.__class__).dump_python(row)) for row in rows))


def json_line(row: Mapping[str, Any]) -> str:
    """One line of UTF-8; a row with half a surrogate pair, which UTF-8 cannot hold, is escaped instead."""
    line = json.dumps(row, ensure_ascii=False, sort_keys=True)
    return (line if line.isascii() or not re.search("[\\ud800-\\udfff]", line) else json.dumps(row, sort_keys=True)) + "\n"
