"""`augment`: how many rewordings of a question, how far from it, and how far rare tasks are lifted."""

from typing import Literal

from pydantic import Field

from stages.params.section import Section

Augmenter = Literal["phrases", "typos"]


class Params(Section):
    seed: int = Field(ge=0)
    augmenters: list[Augmenter]
    per_row: int = Field(ge=0, le=10)  # rewordings tried for each original question
    # A rewording's character 4-gram Jaccard similarity to its question must lie in this band.
    min_similarity: float = Field(ge=0, le=1)
    max_similarity: float = Field(ge=0, le=1)
    oversample_to: int = Field(ge=0)  # task types with fewer rows than this are repeated up to it ...
    oversample_factor: int = Field(ge=1, le=20)  # ... but no row more often than this
