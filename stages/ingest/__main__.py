"""Read every raw source into one record type, so that no later stage knows where a row came from.

Reads data/raw/{faqs,drafts,reviews} as listed in params.yaml; writes the records, the refused rows and the counts.
People's reviews are applied here: an edit replaces the draft's answer, a rejection refuses the draft.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from glob import glob
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
from pydantic import ValidationError

from stages.common.errors import InputError, run
from stages.common.metrics import stage_metrics, write_metrics
from stages.common.records import RECORD, Dropped, Record, Source, explain, write_jsonl
from stages.common.text import match_key
from stages.ingest.fields import IGNORED, WANTED, named, refuse_absent_fields
from stages.ingest.readers import READERS, Fields, Unreadable
from stages.params.ingest import Params, SourceParams
from stages.params.section import load_params

Row: TypeAlias = tuple[Source, Fields]


def files_of(source: SourceParams) -> list[Path]:
    """The files that a source names, in a stable order; naming none, or an empty one, is an error."""
    # glob takes any pattern; Path.glob raises on `**x`.
    files = sorted(Path(name) for name in glob(source.path) if Path(name).is_file())  # noqa: PTH207
    if not files:
        raise InputError(f"params.yaml: ingest.sources: no file matches '{source.path}'")
    for path in files:
        if not path.read_bytes().strip():
            raise InputError(f"{path}: is empty; fill it or take it out of ingest.sources")
    return files


def read(source: SourceParams) -> Iterator[tuple[Source, Fields | Unreadable]]:
    rows = [(path, line, fields) for path in files_of(source) for line, fields in rows_of(path, source.format)]
    refuse_absent_fields(source, [fields for _, _, fields in rows if not isinstance(fields, Unreadable)])
    for path, line, fields in rows:
        where = Source(file=str(path), line=line, kind=source.kind, licence=source.licence)
        yield where, fields if isinstance(fields, Unreadable) else named(source, fields)


def rows_of(path: Path, form: str) -> list[tuple[int, Fields | Unreadable]]:
    rows = list(READERS[form](path))
    if not rows:
        raise InputError(f"{path}: holds no row that the format '{form}' can read")
    return rows


def to_record(source: Source, fields: Fields, **known: str) -> Record | Dropped:
    """A row as a record. Its id is made of file and question: it survives rows added or moved, and answers edited."""
    if not str(fields.get("response", "")).strip():
        return Dropped(reason="no_answer", detail="field 'response': the row has no answer", source=source, row=fields)
    key = f"{source.file}\0{fields.get('prompt')}".encode(errors="backslashreplace")
    row_id = sha256(key).hexdigest()[:12]
    values = {name: fields[name] for name in WANTED if name in fields}
    try:
        return RECORD.validate_python({"id": row_id, "group_id": row_id, "source": source, **values, **known})
    except ValidationError as error:
        return Dropped(reason="invalid_row", detail=explain(error), source=source, row=fields)


def faq(row: Row) -> Record | Dropped:
    return to_record(*row, origin="faq", review="verified")


def draft(row: Row, reviews: Mapping[str, Fields]) -> Record | Dropped:
    """A teacher's answer under its review: an edit replaces it, a rejection refuses it."""
    source, fields = row
    record = to_record(source, fields, origin="draft", review="unreviewed")
    review = reviews.get(str(fields["draft_id"])) if "draft_id" in fields else None
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


def paraphrase(row: Row, parents: Mapping[str, Record]) -> Record | Dropped:
    """A teacher's rewording of a question: it takes the answer and the labels of the question's own row."""
    source, fields = row
    parent = parents.get(match_key(str(fields.get("prompt"))))
    if parent is None:
        return Dropped(reason="paraphrase_of_unknown", detail="no row has this question", source=source, row=fields)
    known: dict[str, Any] = {name: getattr(parent, name) for name in WANTED}
    known |= {"prompt": fields.get("paraphrase"), "register": fields.get("register", parent.register)}
    return to_record(source, known, origin="paraphrase", review=parent.review, parent_id=parent.id)


def by_draft(rows: Sequence[Row], drafts: Sequence[Row], *, some_unreadable: bool) -> dict[str, Fields]:
    """The review of each draft. A verdict on no draft is an error, unless its draft may be one that could not be read."""
    reviews: dict[str, Fields] = {}
    known = Counter(str(fields["draft_id"]) for _, fields in drafts if "draft_id" in fields)
    for source, fields in rows:
        name = str(fields.get("draft_id", ""))
        if not name or (name not in known and not some_unreadable):
            raise InputError(f"{source}: field 'draft_id': no draft is called {name!r}")
        if known[name] > 1:
            raise InputError(f"{source}: field 'draft_id': {known[name]} drafts are called {name!r}")
        if name in reviews:
            raise InputError(f"{source}: field 'draft_id': {name!r} is reviewed twice")
        reviews[name] = fields
    return reviews


def numbered(records: Iterable[Record]) -> Iterator[Record]:
    """The n-th repetition of a row in one file gets the suffix -n, so that ids are unique."""
    seen: Counter[str] = Counter()
    for record in records:
        seen[record.id] += 1
        name = record.id if seen[record.id] == 1 else f"{record.id}-{seen[record.id]}"
        yield replace(record, id=name, group_id=name)


def ingest(rows: Sequence[tuple[Source, Fields | Unreadable]]) -> tuple[list[Record], list[Dropped]]:
    kinds: defaultdict[str, list[Row]] = defaultdict(list)
    results: list[Record | Dropped] = []
    for source, fields in rows:
        if isinstance(fields, Unreadable) and source.kind == "review":
            raise InputError(f"{source}: a review that cannot be read would let its draft pass: {fields.detail}")
        if isinstance(fields, Unreadable):
            results.append(Dropped(reason="unreadable", detail=fields.detail, source=source, row={"text": fields.text}))
        else:
            kinds[source.kind].append((source, fields))
    unread = any(isinstance(fields, Unreadable) and source.kind == "draft" for source, fields in rows)
    reviews = by_draft(kinds["review"], kinds["draft"], some_unreadable=unread)
    results += [faq(row) for row in kinds["faq"]] + [draft(row, reviews) for row in kinds["draft"]]
    parents = {match_key(row.prompt): row for row in reversed(results) if isinstance(row, Record)}
    results += [paraphrase(row, parents) for row in kinds["paraphrase"]]
    records = list(numbered(row for row in results if isinstance(row, Record)))
    return records, [row for row in results if isinstance(row, Dropped)]


def main(
    target: Annotated[Path, typer.Argument(help="Records, JSONL.")],
    refused: Annotated[Path, typer.Argument(help="Refused rows with their reasons, JSONL.")],
    report: Annotated[Path, typer.Argument(help="Counts, JSON.")],
) -> None:
    """Read the sources listed in params.yaml into one JSONL file of records."""
    params = load_params("ingest", Params)
    rows = [row for source in params.sources for row in read(source)]
    records, dropped = ingest(rows)
    if not records:
        raise InputError(f"every row was refused; see the first: {dropped[0].source}: {dropped[0].detail}")
    reviews = sum(source.kind == "review" for source, fields in rows if not isinstance(fields, Unreadable))
    counts = stage_metrics(len(rows) - reviews, records, dropped)
    ignored = Counter(name for _, fields in rows if not isinstance(fields, Unreadable) for name in fields.get(IGNORED, ()))
    write_jsonl(refused, dropped)
    write_jsonl(target, records)
    write_metrics(report, {**counts, "ignored_fields": dict(ignored)})


if __name__ == "__main__":
    run(main)
