"""Records and reference data for the tests."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from stages.common.records import Conflict, Dropped, Record, Source
from stages.common.steps import render_steps
from stages.normalize.duplicates import deduplicated
from stages.normalize.groups import grouped
from stages.normalize.rows import Row
from stages.normalize.wordings import searched
from stages.params.normalize import Params

SHARED = Path(__file__).resolve().parents[2] / "shared" / "testdata"
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="the public reference data (../shared/testdata) is not here")

SOURCE = Source(file="data/raw/faqs/a.csv", line=2, kind="faq", licence="Apache-2.0")
PLAIN = Record(
    id="a",
    group_id="a",
    prompt="How do I freeze my card?",
    response="1. Open Cards.\n2. Tap Freeze.\n3. Enter your PIN.",
    domain="banking",
    task_type="freeze_card",
    language="en",
    register="formal",
    source=SOURCE,
    origin="faq",
    review="verified",
)


def row(row_id: str, prompt: str = "", steps: list[str] | None = None, **fields: str) -> Record:
    """A record with its own id and group; its texts are its own too unless given."""
    words = {
        "id": row_id,
        "group_id": row_id,
        "prompt": prompt or f"How do I reach {row_id * 3} today?",
        "response": render_steps(steps or [f"Open the {row_id * 4} page.", f"Tap {row_id * 5} now."]),
    }
    return replace(PLAIN, **{**words, **fields})  # type: ignore[arg-type]


def without_duplicates(records: Sequence[Record], params: Params) -> tuple[list[Record], list[Dropped], list[Conflict]]:
    rows = [Row.of(record) for record in records]
    kept, dropped, conflicts = deduplicated(rows, searched(rows, params)[0], params)
    return [row.record for row in kept], dropped, conflicts


def group_ids(records: Sequence[Record], params: Params, alike: Sequence[tuple[int, int]] = ()) -> list[str]:
    rows = [Row.of(record) for record in records]
    return grouped(rows, searched(rows, params), alike)
