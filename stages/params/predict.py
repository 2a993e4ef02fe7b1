"""`predict`: how answers are generated. Greedy: the same model gives the same answer."""

from pydantic import Field

from stages.params.section import Section


class Params(Section):
    batch_size: int = Field(ge=1, le=1024)  # part of the result: on real models greedy output changes with it
    max_new_tokens: int = Field(ge=1, le=4096)
    repetition_penalty: float = Field(ge=1, le=2)  # 1: none
