"""`qlora_train`: the adapter, the optimiser, the length of the training."""

from typing import Literal

from pydantic import Field, model_validator

from stages.params.section import Section

Module = Literal["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]


class Params(Section):
    seed: int = Field(ge=0, lt=2**32)  # as NumPy's
    lora_r: int = Field(ge=1, le=512)
    lora_alpha: int = Field(ge=1, le=1024)
    lora_dropout: float = Field(ge=0, lt=1)
    target_modules: list[Module] = Field(min_length=1)
    rank_stabilised: bool  # alpha / sqrt(r) for alpha / r (Kalajdzievski 2023)
    frozen_layers: int = Field(ge=0)  # the first layers that get no adapter
    max_seq_length: int = Field(ge=16, le=32768)  # tokens
    too_long: Literal["drop", "truncate"]  # rows over it: left out, or cut after the last whole step that fits
    epochs: float = Field(gt=0, le=100)
    batch_size: int = Field(ge=1, le=1024)  # rows in one pass
    gradient_accumulation: int = Field(ge=1, le=1024)  # passes to one step
    learning_rate: float = Field(gt=0, lt=1)
    scheduler: Literal["cosine", "linear", "constant_with_warmup"]
    warmup: float = Field(ge=0, lt=1)  # share of the steps
    weight_decay: float = Field(ge=0, lt=1)
    max_grad_norm: float = Field(gt=0)
    optimizer: Literal["adamw_torch", "adamw_torch_fused", "paged_adamw_32bit", "paged_adamw_8bit"]
    gradient_checkpointing: bool
    path: Literal["auto", "plain", "fast"]  # how a step is computed, not what: see stages/qlora_train/path.py
    packing: bool  # rows of a pass end to end, without padding; the training is the same
    class_weighting: Literal["none", "balanced"]  # of a row's loss, inverse to the size of its task type
    neftune_alpha: float = Field(ge=0)  # noise on the embeddings (Jain et al. 2023); 0: none
    evaluations: int = Field(ge=1, le=1000)  # of the validation loss, spread over the training
    early_stopping_patience: int = Field(ge=0)  # evaluations without a better loss; 0: never stop early
    watchdog_factor: float = Field(ge=1)  # a validation loss over this many times that before training ...
    watchdog_patience: int = Field(ge=1)  # ... in so many evaluations ends the training
    devices: int = Field(ge=1, le=64)  # processes, one a GPU; they share batch_size x gradient_accumulation
    sharding: Literal["none", "fsdp"]  # of the base over the processes
    report_to: Literal["none", "dvclive", "tensorboard", "wandb", "mlflow"]

    @model_validator(mode="after")
    def fits_together(self) -> "Params":
        if self.packing and self.neftune_alpha:
            raise ValueError("neftune_alpha needs packing false: its noise is scaled by the length of a row")
        if self.sharding == "fsdp" and self.optimizer == "paged_adamw_8bit":
            raise ValueError("sharding fsdp cannot save the states of paged_adamw_8bit; set optimizer adamw_torch_fused")
        return self
