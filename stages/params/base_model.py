"""`base_model`: which model is fine-tuned, and how the embedded one is made."""

from typing import Literal

from pydantic import Field, model_validator

from stages.params.section import Section


class Embedded(Section):
    seed: int = Field(ge=0, lt=2**32)  # as NumPy's
    vocab_size: int = Field(ge=300, le=65536)  # byte-level BPE: 256 bytes and the special tokens at least
    hidden_size: int = Field(ge=64, le=2048, multiple_of=64)  # NF4 packs weights in blocks of 64
    layers: int = Field(ge=1, le=32)
    heads: int = Field(ge=1, le=32)
    key_value_heads: int = Field(ge=1, le=32)
    intermediate_size: int = Field(ge=64, le=8192, multiple_of=64)
    context: int = Field(ge=64, le=8192)  # tokens
    epochs: int = Field(ge=0, le=100)
    batch_size: int = Field(ge=1, le=1024)  # blocks of `block` tokens
    block: int = Field(ge=16, le=2048)
    learning_rate: float = Field(gt=0, lt=1)

    @model_validator(mode="after")
    def heads_divide(self) -> "Embedded":
        if self.hidden_size % self.heads or self.heads % self.key_value_heads:
            raise ValueError("hidden_size must be a multiple of heads, and heads of key_value_heads")
        return self


class Params(Section):
    source: Literal["embedded", "hub", "local"]
    id: str  # hub: owner/name; local: a folder; embedded: not used
    revision: str = Field(pattern=r"^([0-9a-f]{40})?$")  # hub: the full commit hash
    system_prompt: str  # empty: none
    template: Literal["own", "mistral-v0.2", "mistral-v0.3", "zephyr"]  # own: the tokenizer's
    precision: Literal["auto", "bf16", "fp16"]  # of the products on a GPU; a CPU takes fp32
    embedded: Embedded

    @model_validator(mode="after")
    def names_a_model(self) -> "Params":
        if self.source != "embedded" and not self.id:
            raise ValueError(f"source '{self.source}' needs an id")
        if self.source == "hub" and not self.revision:
            raise ValueError("source 'hub' needs a revision: the 40 hexadecimal digits of a commit, not a branch")
        return self
