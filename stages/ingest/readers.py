"""What every reader gives, and the readers of tables and JSON: a path in, (row number, fields by their name in the file) out.

A reader knows the format and nothing of records. What it cannot read as a whole is an error; a single
unreadable row is yielded as an `Unreadable`, so that the caller keeps it with its reason.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from stages.common.errors import InputError
from stages.common.records import parse_json


@dataclass(frozen=True, slots=True)
class Unreadable:
    detail: str
    text: str


DEEPEST = 50  # levels of a row; deeper is no table of texts
Fields: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = Iterator[tuple[int, Fields | Unreadable]]


def decoded(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not UTF-8 ({error.reason}); save the file as UTF-8") from None


def read_csv(path: Path, delimiter: str = ",") -> Rows:
    csv.field_size_limit(10_000_000)
    header: list[str] | None = None
    line = 1
    with path.open(encoding="utf-8-sig", newline="") as text:
        table = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            for row in table:
                if header is None and any(row):
                    header = row
                    named = [name for name in header if name]  # spreadsheets leave nameless columns behind
                    if len(set(named)) < len(named):
                        raise InputError(f"{path}:{line}: a column name stands twice in the header: {header}")
                elif header and any(row) and len(row) == len(header):
                    yield line, dict(zip(header, row, strict=True))
                elif header and any(row):
                    detail = f"{len(row)} columns where the header has {len(header)}"
                    yield line, Unreadable(detail, delimiter.join(row))
                line = table.line_num + 1
        except UnicodeDecodeError:
            decoded(path)  # says in which line
            raise
        except csv.Error as error:
            raise InputError(
                f"{path}:{line}: a quote is not closed or stands alone ({error}); double it inside a quoted field"
            ) from None


def read_tsv(path: Path) -> Rows:
    return read_csv(path, delimiter="\t")


def read_jsonl(path: Path) -> Rows:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, json_object(line.rstrip(b"\n"), str(path))


def json_object(text: bytes, where: str) -> Fields | Unreadable:
    try:
        value = parse_json(text, where)
        if isinstance(value, dict) and text.count(b"[") + text.count(b"{") <= DEEPEST:  # every level opens one
            return value
        return row_of(value, text.decode("utf-8", "backslashreplace"))
    except InputError as error:
        return Unreadable(str(error), text.decode("utf-8", "backslashreplace"))


def row_of(value: Any, text: str) -> Fields | Unreadable:
    """`value` if it is an object of texts and lists."""
    if not isinstance(value, dict):
        return Unreadable("not a JSON object", text)
    return value if depth(value) <= DEEPEST else Unreadable(f"nested deeper than {DEEPEST} levels", text)


def depth(value: Any) -> int:
    """Levels of lists and objects in `value`, without recursion."""
    levels, layer = 0, [value]
    while layer := [
        item for node in layer if isinstance(node, dict | list) for item in (node.values() if isinstance(node, dict) else node)
    ]:
        levels += 1
    return levels


def read_json(path: Path) -> Rows:
    items = parse_json(path.read_bytes(), str(path))
    if not isinstance(items, list):
        raise InputError(f"{path}: must hold a JSON list of objects, holds a {type(items).__name__}")
    for number, item in enumerate(items, 1):
        yield number, row_of(item, str(item)[:1000])
