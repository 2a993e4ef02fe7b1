"""What a rating is, and the key that says whose answers it is about: shared by those who ask for ratings and who join them.

A rater sees answers A and B under an opaque item id. The key, one file a rater, tells which system wrote which; its
SHA-256 is published before the first rating, so that nobody can choose the key afterwards.
"""

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Annotated, ClassVar, Literal, TypeAlias

from pydantic import ConfigDict, Field, TypeAdapter

from stages.common.errors import InputError

# The rubric, each criterion with the question that the rater answers by 1 (no, not at all) to 5 (yes, fully).
CRITERIA = {
    "accuracy": "Is what it says right?",
    "completeness": "Is every step there that one needs?",
    "clarity": "Can one follow it at first reading?",
    "format": "Is it a clean numbered list, one action a step?",
    "fluency": "Is the language correct and natural?",
    "relevance": "Does it answer this question and no other?",
}
System: TypeAlias = Literal["baseline", "finetuned"]
Mark: TypeAlias = Annotated[int, Field(ge=1, le=5, strict=True)] | None
FORBID = ConfigDict(extra="forbid")


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """One answer's marks; None: not rated."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    accuracy: Mark = None
    completeness: Mark = None
    clarity: Mark = None
    format: Mark = None
    fluency: Mark = None
    relevance: Mark = None
    acceptable: Annotated[bool, Field(strict=True)] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """One line of a rater's file, as the page writes it."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    rater: str
    item: str
    preference: Literal["a", "b", "tie"] | None = None
    a: Marks = field(default_factory=Marks)
    b: Marks = field(default_factory=Marks)
    reference_seen: Annotated[bool, Field(strict=True)] = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyItem:
    """Who wrote what a rater saw as item `item`. Ratings hold for these very answers: hence their fingerprints."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    item: str
    record: str  # id of the test row
    repeat: bool  # a hidden second showing, sides swapped
    a: System
    b: System
    a_answer: str  # fingerprint
    b_answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    rater: str
    seed: str
    items: Sequence[KeyItem]


KEY = TypeAdapter(Key)
RATING = TypeAdapter(Rating)
Answers: TypeAlias = Mapping[str, Mapping[str, str]]  # system -> id of the test row -> answer
COMMITMENTS = "keys.csv"  # beside the ratings: rater and SHA-256 of the key file


def fingerprint(answer: str) -> str:
    return sha256(answer.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def read_commitments(path: Path) -> dict[str, str]:
    """The published hash of each rater's key."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    rows = list(csv.reader(lines))
    for number, row in enumerate(rows, 1):
        if len(row) != 2 or (number == 1 and row != ["rater", "sha256"]):
            raise InputError(f"{path}:{number}: must be `rater,sha256`, is {','.join(row)!r}")
    twice = [rater for rater, count in Counter(rater for rater, _ in rows).items() if count > 1]
    if twice:
        raise InputError(f"{path}: field 'rater': '{twice[0]}' stands twice")
    return {rater: value for rater, value in rows[1:]}  # noqa: C416  # dict() would lose the type
