"""`split`: the shares of train, validation and test, and what counts as a leak between them."""

from typing import Literal

from pydantic import Field, model_validator

from stages.params.section import Section


class Params(Section):
    seed: int = Field(ge=0)
    validation: float = Field(gt=0, lt=0.5)  # share of the groups; train takes the rest
    test: float = Field(gt=0, lt=0.5)
    stratify: list[Literal["domain", "task_type", "language", "register"]] = Field(min_length=1)
    keep_assigned: bool  # rows of data/raw/splits/assigned.csv stay where they are; false: split all anew
    leak_similarity: float = Field(gt=0, le=1)  # character 4-gram Jaccard of two prompts, at or over: a leak

    @model_validator(mode="after")
    def leaves_something_to_train_on(self) -> "Params":
        if self.validation + self.test >= 0.9:
            raise ValueError("validation and test together must leave at least a tenth to train on")
        return self
