"""`normalize`: what counts as the same question, and what happens to answers without steps."""

from typing import Annotated, Literal

from pydantic import Field

from stages.common.records import Language
from stages.params.section import Section


class Params(Section):
    languages: list[Language]  # an answer that is surely in another of these than its row says is refused; empty: unchecked
    unstepped: Literal["keep", "drop", "sentences"]  # answers without a list; sentences: a step each where they command
    grammar: Literal["none", "harper"]
    # Character 4-gram Jaccard similarity, 0..1.
    duplicate_prompt: float = Field(gt=0, le=1)  # at or over both: the same row twice, one goes
    duplicate_response: float = Field(gt=0, le=1)
    group_prompt: float = Field(gt=0, le=1)  # at or over either: one group, kept together by the split
    group_response: float = Field(gt=0, le=1)
    # By language, cosine of two questions' embeddings, 0..1; a language that is not here is not compared.
    semantic_group: dict[Language, Annotated[float, Field(gt=0, le=1)]]
    lowercase: bool  # both applied by mask_pii, once its recognisers have seen case and punctuation
    strip_punctuation: bool
