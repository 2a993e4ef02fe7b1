"""The drafts that nobody has given a verdict on, read as `ingest` reads them."""

from typing import Any

from stages.common.records import Source
from stages.ingest.kinds import by_draft
from stages.ingest.readers import Fields, Unreadable
from stages.ingest.sources import read
from stages.params.ingest import Kind, Params


def rows_of(params: Params, kind: Kind) -> list[tuple[Source, Fields]]:
    rows = (row for source in params.sources if source.kind == kind for row in read(source))
    return [(source, fields) for source, fields in rows if not isinstance(fields, Unreadable)]


def unreviewed(params: Params) -> list[dict[str, Any]]:
    """Drafts without a verdict, as the page shows them; one that has no answer or no id of its own is left to `ingest`."""
    reviews = by_draft(rows_of(params, "review"))
    shown = {}
    for source, fields in rows_of(params, "draft"):
        name, answer = str(fields.get("draft_id", "")), fields.get("response")
        if name and name not in reviews and isinstance(answer, str) and answer.strip():
            labels = (fields.get(key) for key in ("domain", "task_type", "language", "register"))
            shown[name] = {
                "draft_id": name,
                "question": str(fields.get("prompt", "")),
                "answer": answer,
                "language": str(fields.get("language", "")),
                "facts": ", ".join(str(label) for label in labels if label),
                "source": str(source),
            }
    return list(shown.values())
