"""The queue of doubtful values that `mask_pii` leaves, as the review page shows it.

The queue holds text of people and never leaves this machine; a verdict names a finding by its hash alone.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import ConfigDict, Field, TypeAdapter

from stages.common.errors import InputError
from stages.common.records import read_rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line of the queue; `start` and `end` count code points in `text`."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    hash: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
    entity: Annotated[str, Field(pattern=r"^[A-Z0-9_]+$")]
    score: Annotated[float, Field(ge=0, le=1)]
    text: str
    start: Annotated[int, Field(ge=0)]
    end: int
    source: str


FINDING = TypeAdapter(Finding)


def read_findings(path: Path) -> list[Finding]:
    found = read_rows(path, FINDING) if path.exists() else []
    for row, finding in enumerate(found, 1):
        if not finding.start < finding.end <= len(finding.text):
            raise InputError(f"{path}: row {row}: field 'end': {finding.start}..{finding.end} is no span of the text")
    return found


def to_review(findings: list[Finding], decided: set[str]) -> list[dict[str, Any]]:
    """Each finding without a verdict once, as the page shows it."""
    first = {finding.hash: finding for finding in reversed(findings) if finding.hash not in decided}
    return [
        {
            "hash": name,
            "entity": finding.entity,
            "score": round(finding.score, 2),
            "source": finding.source,
            "before": finding.text[: finding.start],
            "found": finding.text[finding.start : finding.end],
            "after": finding.text[finding.end :],
        }
        for name, finding in reversed(first.items())
    ]
