"""The decoder layer of the fast path: PEFT's modules and parameters, other arithmetic around them.

Rows lie end to end without padding (TRL's padding-free batches); attention is block-diagonal, so that no row sees
another. On a GPU the norms and SwiGLU are the kernels of `kernels.py`, and the rotary embedding is Liger's where Liger is
installed; on a CPU, for tests, torch's own.
"""

from importlib.util import find_spec
from types import MethodType
from typing import Any, cast

from torch import Tensor, nn
from torch.nn.functional import silu
from transformers import PreTrainedModel
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS
from transformers.models.mistral.modeling_mistral import MistralDecoderLayer, apply_rotary_pos_emb

from stages.qlora_train.fast.attention import block_diagonal
from stages.qlora_train.fast.gated import Pair, gated
from stages.qlora_train.fast.linear import Projection, project
from stages.qlora_train.fast.norm import added_and_normed

ATTENTION = "block_diagonal"


def install(model: Any, *, cache: bool) -> None:
    """Put the fast forward passes into every decoder layer of a Mistral model, with or without PEFT around it."""
    base: PreTrainedModel = model.get_base_model() if hasattr(model, "get_base_model") else model
    ALL_ATTENTION_FUNCTIONS.register(ATTENTION, block_diagonal)
    base.config._attn_implementation = ATTENTION  # no mask is registered for it: none is built
    on_gpu = base.device.type == "cuda"
    for layer in base.model.layers:
        attention, mlp = layer.self_attn, layer.mlp
        attention.inputs = projections(attention, "q_proj", "k_proj", "v_proj")
        attention.output = projections(attention, "o_proj")
        mlp.inputs, mlp.output = Pair.of(mlp), projections(mlp, "down_proj")
        attention.forward = MethodType(attention_forward, attention)
        mlp.forward = MethodType(gpu_mlp_forward if on_gpu and mlp.inputs.fits else mlp_forward, mlp)
        if on_gpu:
            layer.__class__ = GpuLayer
        if cache:
            for part in (*attention.inputs, *attention.output, mlp.inputs, *mlp.output):
                part.cache()


def projections(module: nn.Module, *names: str) -> list[Projection]:
    return [Projection.of(getattr(module, name)) for name in names]


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
    if query.is_cuda and find_spec("liger_kernel"):
        from liger_kernel.ops.rope import LigerRopeFunction  # noqa: PLC0415 - an optional package

        query, key = LigerRopeFunction.apply(query, key, *position_embeddings)
    else:
        query, key = apply_rotary_pos_emb(query, key, *position_embeddings)
    mixed, _ = block_diagonal(self, query, key, value, attention_mask, **kwargs)
    (output,) = project(mixed.reshape(*hidden_states.shape[:-1], -1), self.output, training=self.training)
    return output, None


def mlp_forward(self: Any, x: Tensor) -> Tensor:
    gate, up = project(x, self.inputs.parts, training=self.training)
    (output,) = project(silu(gate) * up, self.output, training=self.training)
    return output


def gpu_mlp_forward(self: Any, x: Tensor) -> Tensor:
    (output,) = project(gated(x, self.inputs, training=self.training), self.output, training=self.training)
    return output


class GpuLayer(MistralDecoderLayer):
    """A class, for transformers wraps the recomputation around a class's forward pass."""

    def forward(self, hidden_states: Tensor, **kwargs: Any) -> Tensor:
        hidden, normed = added_and_normed(hidden_states, None, self.input_layernorm)
        mixed, _ = self.self_attn(normed, **kwargs)
        hidden, normed = added_and_normed(hidden, mixed, self.post_attention_layernorm)
        return hidden + cast(Tensor, self.mlp(normed))
