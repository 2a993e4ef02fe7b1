"""The decoder layer of the fast path: PEFT's modules and parameters, other arithmetic around them.

Rows lie end to end without padding (TRL's padding-free batches); attention is block-diagonal, so that no row sees
another. Norms, rotary embedding and SwiGLU are Liger's fused kernels where Liger is installed, torch's own otherwise.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from types import MethodType
from typing import Any

from torch import Tensor, nn
from torch.nn.functional import silu
from transformers import PreTrainedModel
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS
from transformers.models.mistral.modeling_mistral import apply_rotary_pos_emb

from stages.qlora_train.fast.attention import block_diagonal
from stages.qlora_train.fast.linear import Projection, project

ATTENTION = "block_diagonal"


def install(model: Any, *, cache: bool) -> None:
    """Put the fast forward passes into every decoder layer of a Mistral model, with or without PEFT around it."""
    base: PreTrainedModel = model.get_base_model() if hasattr(model, "get_base_model") else model
    ALL_ATTENTION_FUNCTIONS.register(ATTENTION, block_diagonal)
    base.config._attn_implementation = ATTENTION  # no mask is registered for it: none is built
    fused = base.device.type == "cuda" and find_spec("liger_kernel") is not None
    for layer in base.model.layers:
        attention, mlp = layer.self_attn, layer.mlp
        attention.inputs = projections(attention, "q_proj", "k_proj", "v_proj")
        attention.output = projections(attention, "o_proj")
        mlp.inputs = projections(mlp, "gate_proj", "up_proj")
        mlp.output = projections(mlp, "down_proj")
        attention.fused = mlp.fused = fused
        attention.forward = MethodType(attention_forward, attention)
        mlp.forward = MethodType(mlp_forward, mlp)
        if cache:
            for projection in (*attention.inputs, *attention.output, *mlp.inputs, *mlp.output):
                projection.cache()
    if fused:
        for norm in norms(base):
            norm.forward = MethodType(norm_forward, norm)


def projections(module: nn.Module, *names: str) -> list[Projection]:
    return [Projection.of(getattr(module, name)) for name in names]


def norms(base: PreTrainedModel) -> Iterator[nn.Module]:
    for layer in base.model.layers:
        yield layer.input_layernorm
        yield layer.post_attention_layernorm
    yield base.model.norm


def attention_forward(
    self: Any,
    hidden_states: Tensor,
    position_embeddings: tuple[Tensor, Tensor],
    attention_mask: Tensor | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    heads = (*hidden_states.shape[:-1], -1, self.head_dim)
    query, key, value = (
        part.view(heads).transpose(1, 2) for part in project(hidden_states, self.inputs, training=self.training)
    )
    if self.fused:
        from liger_kernel.ops.rope import LigerRopeFunction  # noqa: PLC0415 - an optional package

        query, key = LigerRopeFunction.apply(query, key, *position_embeddings)
    else:
        query, key = apply_rotary_pos_emb(query, key, *position_embeddings)
    mixed, _ = block_diagonal(self, query, key, value, attention_mask, **kwargs)
    (output,) = project(mixed.reshape(*hidden_states.shape[:-1], -1), self.output, training=self.training)
    return output, None


def mlp_forward(self: Any, x: Tensor) -> Tensor:
    gate, up = project(x, self.inputs, training=self.training)
    if self.fused:
        from liger_kernel.ops.swiglu import LigerSiLUMulFunction  # noqa: PLC0415

        inner = LigerSiLUMulFunction.apply(gate, up)
    else:
        inner = silu(gate) * up
    (output,) = project(inner, self.output, training=self.training)
    return output


def norm_forward(self: Any, x: Tensor) -> Tensor:
    from liger_kernel.ops.rms_norm import LigerRMSNormFunction  # noqa: PLC0415

    normed: Tensor = LigerRMSNormFunction.apply(x, self.weight, self.variance_epsilon, 0.0, "llama", True)
    return normed
