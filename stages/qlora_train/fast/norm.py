"""The residual sum and its norm in one pass over memory, forwards and backwards, on a GPU; the norm's weight is frozen."""

from typing import Any

import torch
from torch import Tensor, nn


def added_and_normed(x: Tensor, residual: Tensor | None, norm: nn.Module) -> tuple[Tensor, Tensor]:
    """h = x + residual (x alone where that is None) and its RMS norm, all (..., hidden)."""
    flat = (None if part is None else part.reshape(-1, part.shape[-1]) for part in (x, residual))
    hidden, normed = Normed.apply(*flat, norm.weight, norm.variance_epsilon)
    return hidden.view(x.shape), normed.view(x.shape)


class Normed(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, residual: Tensor | None, weight: Tensor, epsilon: float) -> tuple[Tensor, Tensor]:
        from stages.qlora_train.fast import kernels  # noqa: PLC0415 - Triton is there with CUDA only

        hidden, normed, scale = kernels.norm(x, residual, weight, epsilon)
        ctx.added = residual is not None
        ctx.save_for_backward(hidden, weight, scale)
        return hidden, normed

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        from stages.qlora_train.fast import kernels  # noqa: PLC0415

        hidden, weight, scale = ctx.saved_tensors
        of_hidden, of_normed = (gradient.contiguous() for gradient in gradients)
        result = kernels.norm_backward(of_normed, of_hidden, hidden, weight, scale)
        return result, result if ctx.added else None, None, None
