"""`ingest`: which files are read, and what stands where in them."""

from typing import Literal

from pydantic import Field, field_validator

from stages.params.section import Section

Name = Literal[
    "prompt", "response", "domain", "task_type", "language", "register", "paraphrase", "draft_id", "verdict", "reason", "edited"
]
Kind = Literal["faq", "draft", "paraphrase", "review"]


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


class Params(Section):
    sources: list[SourceParams] = Field(min_length=1)
