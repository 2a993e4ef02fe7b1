"""SwiGLU with its two projections; on a GPU as one step: one product for both, and LoRA added where the product is read.

    [g u] = x [W_g; W_u]^T,    z = d(x) [s A_g; s A_u]^T,    y = SwiGLU([g u] + [z_g B_g^T  z_u B_u^T])

The kernels and their formulas are in `kernels.py`; the gradients of the adapters and of x are those of `linear.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import silu

from stages.qlora_train.fast.linear import WIDEST, Projection, adapter_gradients, drawn, dropped_down, project, scaling, stacked


@dataclass(slots=True)
class Pair:
    """Gate and up, their weights (inner, in) one below the other."""

    parts: tuple[Projection, Projection]
    whole: Tensor | None = None  # dequantised once

    @classmethod
    def of(cls, mlp: Any) -> "Pair":
        return cls((Projection.of(mlp.gate_proj), Projection.of(mlp.up_proj)))

    def cache(self) -> None:
        self.whole = self.weight()
        for part, view in zip(self.parts, self.whole.chunk(2), strict=True):
            part.cached = view

    def weight(self) -> Tensor:
        if self.whole is not None:
            return self.whole
        base = self.parts[0].base
        if not base.weight.is_cuda:  # there bitsandbytes does not write into a tensor that it is given
            return torch.cat([part.weight() for part in self.parts])
        dtype = getattr(base.weight, "quant_state", base.weight).dtype
        whole = torch.empty(2 * base.out_features, base.in_features, dtype=dtype, device=base.weight.device)
        for part, view in zip(self.parts, whole.chunk(2), strict=True):
            part.weight(out=view)
        return whole

    def ups(self, b: Sequence[Tensor]) -> tuple[Tensor | None, Tensor | None]:
        """The B of gate and of up, None for one that has no adapter; `b` may go on with what is no B."""
        rest = iter(b)
        first, second = (None if part.adapter is None else next(rest) for part in self.parts)
        return first, second

    @property
    def fits(self) -> bool:
        return all(part.rank <= WIDEST for part in self.parts)


def gated(x: Tensor, pair: Pair, *, training: bool) -> Tensor:
    """SwiGLU of both projections of x (..., in): (..., inner)."""
    if not (x.is_cuda and pair.fits):
        gate, up = project(x, pair.parts, training=training)
        return silu(gate) * up
    flat: Tensor = Gated.apply(x.reshape(-1, x.shape[-1]), pair, *drawn(pair.parts, training=training))
    return flat.view(*x.shape[:-1], -1)


class Gated(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, pair: Pair, p: float, seeds: Tensor | None, *matrices: Tensor) -> Tensor:
        from stages.qlora_train.fast import kernels  # noqa: PLC0415 - Triton is there with CUDA only

        product = x @ pair.weight().t()
        ctx.pair, ctx.p = pair, p
        if not matrices:
            ctx.save_for_backward(product)
            return kernels.gated(product, None, (None, None))
        a, b = stacked(matrices[0::2], scaling(pair.parts), x.dtype), [matrix.to(x.dtype) for matrix in matrices[1::2]]
        if seeds is not None:
            seeds = seeds.to(x.device, non_blocking=True)
        z = dropped_down(x, a, len(b), p, seeds)
        ctx.save_for_backward(product, x, z, a, *b, *([] if seeds is None else [seeds]))
        return kernels.gated(product, z, pair.ups(b))

    @staticmethod
    def backward(ctx: Any, *dys: Tensor) -> tuple[Any, ...]:
        from stages.qlora_train.fast import kernels  # noqa: PLC0415

        product, *saved = ctx.saved_tensors
        z, b = (saved[1], saved[3:]) if saved else (None, [])
        dproduct = kernels.gated_backward(dys[0].contiguous(), product, z, ctx.pair.ups(b))
        dx = dproduct @ ctx.pair.weight() if ctx.needs_input_grad[0] else None
        if not saved:
            return dx, None, None, None
        return dx, None, None, None, *adapter_gradients(saved, ctx.pair.parts, ctx.p, dproduct.chunk(2, dim=1), dx)
