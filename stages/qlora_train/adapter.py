"""The adapter: how it is laid on the base, and how it is saved."""

import json
from pathlib import Path

from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from torch import Tensor
from transformers import PreTrainedModel

from stages.common.errors import InputError
from stages.common.files import whole_folder, write_text
from stages.params.qlora_train import Params
from stages.qlora_train.config import lora_config


def with_adapter(model: PreTrainedModel, params: Params) -> PeftModel:
    config = config_for(model, params)
    prepared = prepare_model_for_kbit_training(
        model,
        use_gradient_checkpointing=params.gradient_checkpointing,
        gradient_checkpointing_kwargs={"use_reentrant": False},
    )
    return get_peft_model(prepared, config)


def config_for(model: PreTrainedModel, params: Params) -> LoraConfig:
    layers = model.config.num_hidden_layers
    if params.frozen_layers >= layers:
        raise InputError(f"qlora_train.frozen_layers: the base has {layers} layers; {params.frozen_layers} would leave none")
    return lora_config(params, layers)


def save_adapter(model: PeftModel, target: Path, card: str, weights: dict[str, Tensor] | None = None) -> None:
    """Weights, configuration and card only, in an order of their own: the same training gives the same bytes."""
    with whole_folder(target) as folder:
        model.save_pretrained(folder, safe_serialization=True, state_dict=weights)
        write_text(folder / "README.md", card)
        config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
        config["target_modules"] = sorted(config["target_modules"])
        write_text(folder / "adapter_config.json", json.dumps(config, indent=2, sort_keys=True) + "\n")
