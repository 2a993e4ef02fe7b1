"""A 4-bit model with an adapter, made ready for the fast path; and TRL's options that belong to a plan."""

from typing import Any

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import PreTrainedModel

from stages.qlora_train.fast.layers import install
from stages.qlora_train.fast.plan import Plan


def adapted(model: PreTrainedModel, config: LoraConfig) -> PeftModel:
    """Unlike PEFT's preparation for k-bit training, what isn't quantised stays in 16 bits: half the bytes, as in TRL."""
    model.requires_grad_(False)
    return get_peft_model(model, config)


def with_adapter(model: PreTrainedModel, config: LoraConfig, plan: Plan) -> PeftModel:
    made = adapted(model, config)
    install(made, cache=plan.cache)
    return made


def trainer_options(plan: Plan) -> dict[str, Any]:
    return {
        "per_device_train_batch_size": plan.rows,
        "per_device_eval_batch_size": plan.rows,
        "gradient_accumulation_steps": plan.accumulation,
        "gradient_checkpointing": plan.recompute,
        "gradient_checkpointing_kwargs": {"use_reentrant": False},
        "activation_offloading": plan.offload,
        "padding_free": True,
        "max_length": None,
    }
