"""`score`: what the similarity of texts is measured with."""

from pydantic import Field, model_validator

from stages.params.section import Section

MINILM_LAYERS = 6


class Params(Section):
    bertscore_model: str = Field(min_length=1)
    bertscore_layer: int = Field(ge=1, le=48)
    step_threshold: float = Field(gt=0, le=1)
    batch_size: int = Field(ge=1, le=4096)

    @model_validator(mode="after")
    def layer_exists(self) -> "Params":
        if self.bertscore_model == "minilm" and self.bertscore_layer > MINILM_LAYERS:
            raise ValueError(f"bertscore_layer: minilm has {MINILM_LAYERS} layers")
        return self
