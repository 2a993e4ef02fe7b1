"""How well the masking finds what a labelled set holds, by type and language."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from pydantic import ConfigDict, TypeAdapter

from stages.common.pii.presidio import RecognizerResult


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    entity: str
    start: int
    end: int
    cued: bool = False  # of a name: whether words announce it


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A text and where its personal data stands, in characters."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    language: str
    text: str
    spans: list[Span]


LABELLED = TypeAdapter(Labelled)


def kind(span: Span) -> str:
    if span.entity != "PERSON":
        return span.entity
    return "PERSON_cued" if span.cued else "PERSON_uncued"


def survives(text: str, span: Span, found: Sequence[RecognizerResult]) -> bool:
    """Whether a letter or digit of the span is left: a value is found if none is."""
    covered = {place for result in found for place in range(result.start, result.end)}
    return any(text[place].isalnum() and place not in covered for place in range(span.start, span.end))


def measure(rows: Sequence[Labelled], find: Callable[[str], Sequence[RecognizerResult]]) -> tuple[dict[str, Any], list[str]]:
    """Recall by type and language, precision by type, and each miss and false alarm as a line."""
    held, missed, masked, wrong = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    lines = []
    for row in rows:
        found = find(row.text)
        for span in row.spans:
            name = f"{kind(span)}_{row.language}"
            held[name] += 1
            if survives(row.text, span, found):
                missed[name] += 1
                lines.append(f"missed | {name} | {row.text[span.start : span.end]} | {row.text}")
        for result in found:
            masked[result.entity_type] += 1
            if not any(result.start < span.end and span.start < result.end for span in row.spans):
                wrong[result.entity_type] += 1
                lines.append(
                    f"wrong | {result.entity_type}_{row.language} | {row.text[result.start : result.end]} | {row.text}"
                )
    recall = {name: 1 - missed[name] / count for name, count in sorted(held.items())}
    precision = {name: 1 - wrong[name] / count for name, count in sorted(masked.items())}
    return {"recall": recall, "precision": precision}, lines
