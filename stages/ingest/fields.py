"""What our fields are called in the files that teams have: as the source says, else by the usual names."""

from collections.abc import Sequence
from typing import Any

from stages.common.errors import InputError
from stages.common.steps import render_steps
from stages.ingest.readers import Fields
from stages.params.ingest import Name, SourceParams

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
}
IGNORED = "ignored fields"  # of a row: the names in its file that nothing was read from
WANTED: tuple[Name, ...] = ("prompt", "response", "domain", "task_type", "language", "register")
ANSWERS = ("response", "edited")
NEEDED: dict[str, tuple[Name, ...]] = {
    "faq": WANTED,
    "draft": WANTED,
    "paraphrase": ("prompt", "paraphrase"),
    "review": ("draft_id", "verdict"),
}


def refuse_absent_fields(source: SourceParams, rows: Sequence[Fields]) -> None:
    """A field that no row of a source has is misnamed or forgotten: better said once than of every row."""
    found = {str(key) for fields in rows for key in fields}
    asked = dict.fromkeys([*(name for name in NEEDED[source.kind] if name not in source.fill), *source.rename])
    absent = [keys_of(source, name) for name in asked if not found & set(keys_of(source, name))]
    if rows and absent:
        looked_for = ", nor ".join(" or ".join(map(repr, keys)) for keys in absent)
        raise InputError(
            f"{source.path}: no row has a field {looked_for}; its fields are {', '.join(map(repr, sorted(found)))}. "
            "Say in params.yaml, ingest.sources, what is called how there (rename) or the same in every row (fill)"
        )


def keys_of(source: SourceParams, name: Name) -> tuple[str, ...]:
    return (source.rename[name],) if name in source.rename else ALIASES[name]


def named(source: SourceParams, fields: Fields) -> Fields:
    """The row under our field names: as the source says, else as `ALIASES`, else the source's fill-in."""
    row: dict[str, Any] = {}
    used: set[str] = set()
    for name in ALIASES:
        keys = keys_of(source, name)
        value = next((fields[key] for key in keys if fields.get(key) not in (None, "")), source.fill.get(name))
        if value is not None:
            row[name] = text_of(value) if name in ANSWERS else value
        used |= set(keys)
    return row | ({IGNORED: sorted(map(str, fields.keys() - used))} if fields.keys() - used else {})


def text_of(value: Any) -> Any:
    """An answer given as a list of steps, as text."""
    if isinstance(value, list) and all(isinstance(step, str) for step in value):
        return render_steps(value)
    return value
