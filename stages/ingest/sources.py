"""Which files a source names, and their rows under our field names."""

import re
from collections.abc import Iterator, Mapping, Set
from glob import glob
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from stages.common.errors import InputError
from stages.common.records import Source
from stages.common.steps import render_steps
from stages.ingest.formats import READERS
from stages.ingest.html import html_text
from stages.ingest.readers import Fields, Unreadable
from stages.params.ingest import Kind, Name, SourceParams

# What our fields are called in the files that teams have.
ALIASES: dict[Name, tuple[str, ...]] = {
    "prompt": ("prompt", "question", "instruction"),
    "response": ("response", "answer", "output", "completion"),
    "domain": ("domain",),
    "task_type": ("task_type",),
    "language": ("language",),
    "register": ("register",),
    "paraphrase": ("paraphrase",),
    "draft_id": ("draft_id",),
    "verdict": ("verdict",),
    "reason": ("reason",),
    "edited": ("edited",),
    "error": ("error",),
}
LABELS: tuple[Name, ...] = ("domain", "task_type", "language", "register")
NEEDED: dict[Kind, tuple[Name, ...]] = {
    "faq": ("prompt", "response", *LABELS),
    "draft": ("prompt", "response", *LABELS),
    "paraphrase": ("prompt", "paraphrase"),
    "review": ("draft_id", "verdict"),
}
ANSWERS = ("response", "edited")
MARKUP = re.compile(r"</?(?:p|div|ol|ul|li|br|b|strong|i|em|span|h[1-6])\b[^<>]*>", re.IGNORECASE)
IGNORED = "ignored fields"  # of a row: the names in its file that nothing was read from
Row: TypeAlias = tuple[Source, Fields | Unreadable]


def files_of(source: SourceParams) -> list[Path]:
    """The files that a source names, in a stable order; naming none, or an empty one, is an error."""
    # glob takes any pattern; Path.glob raises on `**x`.
    files = sorted(Path(name) for name in glob(source.path) if Path(name).is_file())  # noqa: PTH207
    if not files:
        raise InputError(f"params.yaml: ingest.sources: no file matches '{source.path}'")
    for path in files:
        with path.open("rb") as lines:
            if all(line.isspace() for line in lines):
                raise InputError(f"{path}: is empty; fill it or take it out of ingest.sources")
    return files


def read(source: SourceParams) -> Iterator[Row]:
    """The rows of a source, read as they are asked for where the format allows it; at the end its fields are checked."""
    found: set[str] = set()
    names = naming(source)
    for path in files_of(source):
        line = None
        for line, fields in READERS[source.format](path):
            where = Source(file=str(path), line=line, kind=source.kind, licence=source.licence)
            if isinstance(fields, Unreadable):
                yield where, fields
            else:
                found.update(map(str, fields))
                yield where, named(names, fields)
        if line is None:
            raise InputError(f"{path}: holds no row that the format '{source.format}' can read")
    refuse_absent_fields(source, found)


def refuse_absent_fields(source: SourceParams, found: Set[str]) -> None:
    """A field that no row of a source has is misnamed or forgotten: better said once than of every row."""
    asked = dict.fromkeys([*(name for name in NEEDED[source.kind] if name not in source.fill), *source.rename])
    absent = [keys_of(source, name) for name in asked if found.isdisjoint(keys_of(source, name))]
    if found and absent:
        looked_for = ", nor ".join(" or ".join(map(repr, keys)) for keys in absent)
        raise InputError(
            f"{source.path}: no row has a field {looked_for}; its fields are {', '.join(map(repr, sorted(found)))}. "
            "Say in params.yaml, ingest.sources, what is called how there (rename) or the same in every row (fill)"
        )


def keys_of(source: SourceParams, name: Name) -> tuple[str, ...]:
    return (source.rename[name],) if name in source.rename else ALIASES[name]


class Naming(NamedTuple):
    """What each of our fields may be called in the files of a source, and its value where a row has none."""

    keys: Mapping[Name, tuple[str, ...]]
    fill: Mapping[Name, str]
    used: frozenset[str]


def naming(source: SourceParams) -> Naming:
    keys = {name: keys_of(source, name) for name in ALIASES}
    return Naming(keys, source.fill, frozenset(chain.from_iterable(keys.values())))


def named(naming: Naming, fields: Fields) -> dict[str, Any]:
    """The row under our field names: as the source says, else as `ALIASES`, else the source's fill-in."""
    row: dict[str, Any] = {}
    for name, keys in naming.keys.items():
        for key in keys:
            if fields.get(key) not in (None, ""):
                row[name] = answer_text(fields[key]) if name in ANSWERS else fields[key]
                break
        else:
            if name in naming.fill:
                row[name] = naming.fill[name]
    ignored = fields.keys() - naming.used
    return row | {IGNORED: sorted(map(str, ignored))} if ignored else row


def answer_text(value: Any) -> Any:
    """An answer given as a list of steps, or in the HTML of a help desk's export, as text."""
    if isinstance(value, list) and all(isinstance(step, str) for step in value):
        return render_steps(value)
    if isinstance(value, str) and MARKUP.search(value):
        return html_text(value) or MARKUP.sub(" ", value).strip()  # what the parser gives up on is not lost
    return value
