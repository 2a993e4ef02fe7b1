"""`ingest`: which files are read, and what stands where in them."""

from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, field_validator

from stages.common.records import Label, Language, Register
from stages.params.section import Section

Name = Literal[
    "prompt", "response", "domain", "task_type", "language", "register",
    "paraphrase", "draft_id", "verdict", "reason", "edited", "error",
]  # fmt: skip
Kind = Literal["faq", "draft", "paraphrase", "review"]

LABELS: dict[str, Any] = {"domain": Label, "task_type": Label, "language": Language, "register": Register}


class SourceParams(Section):
    path: str  # a file or a glob
    kind: Kind
    format: Literal["csv", "tsv", "jsonl", "json", "markdown", "html", "forum", "batch"]
    licence: str = Field(pattern=r"\S")
    rename: dict[Name, str]  # our field name: the file's
    fill: dict[Name, str]  # our field name: the value where the file has none

    @field_validator("path")
    @classmethod
    def below_a_raw_folder(cls, path: str) -> str:
        if not path.startswith(("data/raw/faqs/", "data/raw/drafts/", "data/raw/reviews/")) or ".." in path:
            raise ValueError("must lie in data/raw/faqs, data/raw/drafts or data/raw/reviews: what dvc.yaml watches")
        return path

    @field_validator("fill")
    @classmethod
    def labels_fit_a_record(cls, fill: dict[Name, str]) -> dict[Name, str]:
        for name, value in fill.items():
            try:
                TypeAdapter(LABELS.get(name, str)).validate_python(value)
            except ValidationError as error:
                raise ValueError(f"{name}: {error.errors()[0]['msg']}, got {value!r}") from None
        return fill


class Params(Section):
    sources: list[SourceParams] = Field(min_length=1)
