"""`predict`: how answers are generated. Greedy: the same model gives the same answer."""

from typing import Literal

from pydantic import Field, model_validator

from stages.params.section import Section


class Served(Section):
    """The names under which an endpoint serves the two models; empty where none does."""

    baseline: str
    finetuned: str


class Params(Section):
    backend: Literal["generate", "engine", "openai"]
    served: Served  # openai
    batch_size: int = Field(ge=1, le=1024)  # part of the result: on real models greedy output changes with it
    max_new_tokens: int = Field(ge=1, le=4096)
    repetition_penalty: float = Field(ge=1, le=2)  # 1: none

    @model_validator(mode="after")
    def can_be_asked_of_an_endpoint(self) -> "Params":
        if self.backend == "openai" and not (self.served.baseline and self.served.finetuned):
            raise ValueError("backend 'openai' needs served.baseline and served.finetuned, the endpoint's names of both models")
        if self.backend == "openai" and self.repetition_penalty != 1:
            raise ValueError("backend 'openai' needs repetition_penalty 1: OpenAI's chat API has none")
        return self
