"""`pii_model`: the small recogniser of names and its training."""

from pydantic import Field

from stages.params.section import Section


class Params(Section):
    seed: int = Field(ge=0, lt=2**32)  # as NumPy's
    sentences: int = Field(ge=20, le=100_000)
    width: int = Field(ge=8, le=256)
    depth: int = Field(ge=1, le=8)
    epochs: int = Field(ge=1, le=100)
    batch_size: int = Field(ge=1, le=1024)
    learning_rate: float = Field(gt=0, lt=1)
    dropout: float = Field(ge=0, lt=1)
