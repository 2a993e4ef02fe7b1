"""What a row of each kind of source becomes: a record, or a refusal with its reason."""

from collections.abc import Iterable
from dataclasses import replace
from hashlib import sha256

from pydantic import ValidationError

from stages.common.errors import InputError
from stages.common.records import RECORD, Dropped, Record, Source, explain
from stages.ingest.readers import Fields, Unreadable
from stages.ingest.sources import Row

WANTED = ("prompt", "response", "domain", "task_type", "language", "register")


def to_record(source: Source, fields: Fields, **known: str) -> Record | Dropped:
    """A row as a record. Its id is made of file and question: it survives rows added or moved, and answers edited."""
    if not str(fields.get("response", "")).strip():
        row = dict(fields)
        why = row.pop("error", "the row has no answer")
        return Dropped(reason="no_answer", detail=f"field 'response': {why}", source=source, row=row)
    key = f"{source.file}\0{fields.get('prompt')}".encode(errors="backslashreplace")
    row_id = sha256(key).hexdigest()[:12]
    values = {name: fields[name] for name in WANTED if name in fields}
    try:
        return RECORD.validate_python({"id": row_id, "group_id": row_id, "source": source, **values, **known})
    except ValidationError as error:
        return Dropped(reason="invalid_row", detail=explain(error), source=source, row=fields)


def faq(source: Source, fields: Fields) -> Record | Dropped:
    return to_record(source, fields, origin="faq", review="verified")


def draft(source: Source, fields: Fields, review: Fields | None) -> Record | Dropped:
    """A teacher's answer under its review: an edit replaces it, a rejection refuses it."""
    record = to_record(source, fields, origin="draft", review="unreviewed")
    if review is None or isinstance(record, Dropped):
        return record
    match review:
        case {"verdict": "accepted"}:
            return replace(record, review="verified")
        case {"verdict": "edited", "edited": str(answer)} if answer.strip():
            return to_record(source, {**fields, "response": answer}, origin="draft", review="edited")
        case {"verdict": "rejected"}:
            return Dropped.record(record, "rejected_in_review", str(review.get("reason", "")))
    return Dropped.record(record, "invalid_review", f"neither accepted, rejected nor edited with 'edited': {review}")


def paraphrase(source: Source, fields: Fields, parent: Record | None) -> Record | Dropped:
    """A teacher's rewording of a question: it takes the answer and the labels of the question's own row."""
    if parent is None:
        return Dropped(reason="paraphrase_of_unknown", detail="no row has this question", source=source, row=fields)
    known = {name: getattr(parent, name) for name in WANTED} | {"prompt": fields.get("paraphrase")}
    known["register"] = fields.get("register", parent.register)
    return to_record(source, known, origin="paraphrase", review=parent.review, parent_id=parent.id)


def by_draft(rows: Iterable[Row]) -> dict[str, tuple[Source, Fields]]:
    """The reviews, by the draft that they name."""
    reviews: dict[str, tuple[Source, Fields]] = {}
    for source, fields in rows:
        if isinstance(fields, Unreadable):
            raise InputError(f"{source}: a review that cannot be read would let its draft pass: {fields.detail}")
        name = str(fields.get("draft_id", ""))
        if name in reviews:
            raise InputError(f"{source}: field 'draft_id': {name!r} is reviewed twice")
        reviews[name] = source, fields
    return reviews
