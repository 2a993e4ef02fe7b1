"""`augment`: how a question is reworded, how near the result must stay, and how far rare tasks are lifted."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from stages.params.section import Section

Augmenter = Literal["phrases", "casual", "formal", "typos"]


class Params(Section):
    seed: int = Field(ge=0)
    augmenters: list[Augmenter]
    contextual_model: str  # the folder of a BERT-like masked language model; empty: no contextual substitution
    per_row: int = Field(ge=0, le=10)  # rewordings tried for each original question
    similarity: Literal["embedding", "characters"]  # cosine of MiniLM embeddings | Jaccard of character 4-grams
    # A rewording less similar to its question than this has drifted: by language, and one that is not named needs the most.
    min_embedding: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(min_length=1)
    min_characters: float = Field(ge=0, le=1)
    max_similarity: float = Field(ge=0, le=1)  # over it, by either measure: a copy
    oversample_to: int = Field(ge=0)  # task types with fewer rows than this are repeated up to it ...
    oversample_factor: int = Field(ge=1, le=20)  # ... but no row more often than this
    sample_rows: int = Field(ge=0, le=1000)  # rewordings shown in metrics/data/augment_sample.md

    @model_validator(mode="after")
    def some_rewording_is_inside_the_band(self) -> "Params":
        lowest = max(self.min_embedding.values()) if self.similarity == "embedding" else self.min_characters
        if lowest > self.max_similarity:
            raise ValueError(
                f"max_similarity must not be below the least similarity, {lowest}: every rewording would be refused"
            )
        return self
