"""What makes two exams the same: their questions and references, wherever and in whatever order they were read."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from stages.common.json_line import json_line
from stages.common.records import Record


def exam_identity(records: Sequence[Record]) -> dict[str, Any]:
    """Rows, and a hash of what is asked and what is right: a line number or a label that moves makes no other exam."""
    asked = sorted(json_line({"id": row.id, "prompt": row.prompt, "response": row.response}) for row in records)
    return {"rows": len(records), "sha256": sha256("".join(asked).encode()).hexdigest()}
