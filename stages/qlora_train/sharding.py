"""The base shared out among the processes (FSDP2), where it leaves too little room in each GPU; the plain path only.

Each layer is put together while it is at work. Only numbers are shared out, and 4-bit weights are bytes: they are declared to
be numbers of the products' type, which alters no bit of them.
"""

from pathlib import Path
from typing import Any

import torch
from bitsandbytes.nn.modules import Params4bit
from peft import PeftModel
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.distributed.tensor import DTensor, distribute_tensor
from transformers import PreTrainedModel

from stages.common.errors import InputError
from stages.params.qlora_train import Params
from stages.qlora_train.processes import this_process


def refuse_what_cannot_be_shared(params: Params) -> None:
    if params.sharding == "none":
        return
    if this_process().num_processes == 1:
        raise InputError("qlora_train.sharding: fsdp shares the base out among several devices; set qlora_train.devices")
    if params.path == "fast":
        raise InputError(
            "qlora_train.path: the fast path needs the whole base in each process; set it to plain, or sharding to none"
        )


def trainer_options(params: Params) -> dict[str, Any]:
    if params.sharding == "none":
        return {}
    policy = {"auto_wrap_policy": "TRANSFORMER_BASED_WRAP", "reshard_after_forward": True}
    return {"fsdp": True, "fsdp_config": {"version": 2, "cpu_ram_efficient_loading": False, **policy}}


def shareable(model: PreTrainedModel, dtype: torch.dtype) -> PreTrainedModel:
    for parameter in model.parameters():
        if isinstance(parameter, Params4bit):
            parameter.data = parameter.data.flatten().view(dtype)[:, None]
            parameter.quant_storage = dtype
    return model


def whole_adapter(model: PeftModel) -> dict[str, Tensor]:
    """Put together from its parts, which takes all processes at once."""
    return {name: whole(weight.detach()) for name, weight in trained(model).items()}


@torch.no_grad()
def load_adapter(model: PeftModel, checkpoint: Path) -> None:
    """Each process takes its parts of what `whole_adapter` put together."""
    saved = load_file(checkpoint / "adapter_model.safetensors")
    for name, weight in trained(model).items():
        found = saved[name.replace(".default.", ".")].to(weight.device)
        weight.copy_(distribute_tensor(found, weight.device_mesh, weight.placements, src_data_rank=None))


def trained(model: nn.Module) -> dict[str, Any]:
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}


def whole(weight: Tensor) -> Tensor:
    return weight.full_tensor() if isinstance(weight, DTensor) else weight
