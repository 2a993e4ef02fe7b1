"""Two ways to compute the same training: the plain one of PEFT and TRL, and the fast one for a GPU.

What is trained is the same rows a step, the same adapter under the same names; rounding differs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec

import torch
from accelerate.utils import gather_object
from peft import PeftModel, get_peft_model
from transformers import PreTrainedModel

from stages.common.errors import InputError
from stages.params.qlora_train import Params
from stages.qlora_train.adapter import config_for, with_adapter
from stages.qlora_train.fast.layers import install
from stages.qlora_train.fast.plan import Plan, Shape, choose
from stages.qlora_train.memory import BatchSize
from stages.qlora_train.progress import say


@dataclass(frozen=True, slots=True)
class Prepared:
    """A model with its adapter, and the batches that it is to be trained in."""

    model: PeftModel
    params: Params
    size: BatchSize
    offload: bool = False  # the layers' inputs to the host until the backward pass


def prepared(model: PreTrainedModel, params: Params, size: BatchSize, lengths: Sequence[int]) -> Prepared:
    """Lay the adapter on the base by the path that `qlora_train.path` names; rows of the training have these `lengths`."""
    if params.path == "plain" or params.sharding != "none" or (params.path == "auto" and model.device.type == "cpu"):
        return Prepared(with_adapter(model, params), params, size)
    if reason := unsupported(model, params, max(lengths)):
        if params.path == "fast":
            raise InputError(f"qlora_train.path: the fast path {reason}; set it to plain")
        say(f"plain path: the fast one {reason}")
        return Prepared(with_adapter(model, params), params, size)
    # Unlike PEFT's preparation for k-bit training, what isn't quantised stays in 16 bits: half the bytes, as in TRL.
    laid = get_peft_model(model.requires_grad_(False), config_for(model, params))
    plan = plan_for(laid, params, size, lengths)
    install(laid, cache=plan.cache)
    say(f"fast path: {plan}")
    batches = params.model_copy(update={"packing": True, "gradient_checkpointing": plan.recompute})
    return Prepared(laid, batches, BatchSize(plan.rows, plan.accumulation), plan.offload)


def unsupported(model: PreTrainedModel, params: Params, longest: int) -> str:
    """Why the fast path would not compute this training as asked for; empty: it would."""
    window = getattr(model.config, "sliding_window", None)
    if model.config.model_type != "mistral":
        return f"is written for mistral, not {model.config.model_type}"
    if window and window < longest:
        return f"has no sliding window, and a row of {longest} tokens is longer than this model's {window}"
    if params.neftune_alpha:
        return "has no rows to scale the noise of neftune_alpha by"
    if model.device.type == "cpu":
        return ""
    if model.get_input_embeddings().weight.dtype != torch.bfloat16 or torch.cuda.get_device_capability() < (8, 0):
        return "needs a GPU with bf16, and base_model.precision auto or bf16"
    return "" if find_spec("triton") else "needs triton, which is not installed"


def plan_for(model: PeftModel, params: Params, size: BatchSize, lengths: Sequence[int]) -> Plan:
    """As asked for on a CPU; on a GPU the fastest that fits into the memory of the fullest one."""
    if model.device.type == "cpu":
        return Plan(
            rows=size.rows, accumulation=size.passes, recompute=params.gradient_checkpointing, offload=False, cache=False
        )
    step = size.rows * size.passes
    ran_out = size.passes > params.gradient_accumulation  # then the pass was halved, and the plan keeps to that
    free = torch.cuda.mem_get_info()[0] + torch.cuda.memory_reserved()  # the weights lie in it already
    shape = Shape.of(model.config, model.get_nb_trainable_parameters()[0])
    return choose(shape, lengths, step, size.rows if ran_out else step, min(gather_object([free])))
