"""What a judging model was asked and what it said: one line each, in the form of the teacher's drafts."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from pydantic import ConfigDict, TypeAdapter

from stages.common.ratings import FORBID, System

# The verdict stands alone in the last line of the reply: a model may reason before it.
VERDICT = re.compile(r"(?:^|\n)\W*(?:verdict\W+)?(A|B|TIE)\W*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which answers stood where: fingerprints as in a rater's key."""

    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    record: str
    a: System
    b: System
    a_answer: str
    b_answer: str
    prompt_version: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    __pydantic_config__: ClassVar[ConfigDict] = FORBID
    custom_id: str  # record and system shown first
    metadata: Asked
    request: Mapping[str, Any]
    response: Mapping[str, Any]  # status_code, body: as the endpoint sent it, token counts included
    error: None = None

    @property
    def verdict(self) -> Literal["a", "b", "tie"] | None:
        """None where the reply ends in no verdict."""
        try:
            text = str(self.response["body"]["choices"][0]["message"]["content"])
        except (KeyError, IndexError, TypeError):
            return None
        found = VERDICT.search(text.strip())
        return {"a": "a", "b": "b", "tie": "tie"}[found[1].lower()] if found else None  # type: ignore[return-value]


REPLY = TypeAdapter(Reply)
