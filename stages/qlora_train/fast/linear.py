"""LoRA on one or several 4-bit projections of the same input, with as few passes over memory as the mathematics allows.

    y_i = x W_i^T + z_i B_i^T                                W_i: the dequantised 4-bit weight
    z_i = d_i(x) (s A_i)^T                                   d_i: dropout, s: the scaling; kept, (tokens, r): small
    g_i = dy_i B_i                                           the gradient of z_i
    dB_i = dy_i^T z_i    dA_i = s g_i^T d_i(x)    dx = sum_i dy_i W_i + d_i'(g_i s A_i)

Kept for the backward pass: x once for all projections, z and s A. W_i is dequantised when it is needed, or once (`cache`):
dequantising is a function of the stored bits, so both give the same bits. The parameters stay those of PEFT.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, cast

import torch
from bitsandbytes.functional import dequantize_4bit
from torch import Tensor, nn

WIDEST = 64  # rank: a wider tile no longer fits the registers, and torch's own products take the kernels' place


@dataclass(slots=True)
class Projection:
    """A frozen weight (out, in) and, where PEFT put one, its adapter."""

    base: Any  # a linear layer of bitsandbytes or torch
    adapter: Any  # PEFT's layer around it, or None
    cached: Tensor | None = None

    @classmethod
    def of(cls, module: nn.Module) -> "Projection":
        return cls(module.base_layer, module) if hasattr(module, "lora_A") else cls(module, None)

    def weight(self, out: Tensor | None = None) -> Tensor:
        """(out, in); dequantised into `out` where that is given."""
        if self.cached is not None:
            return self.cached
        stored = self.base.weight
        state = getattr(stored, "quant_state", None)
        if state is None:
            return cast(Tensor, stored if out is None else out.copy_(stored))
        return dequantize_4bit(stored, state, out=out)

    def cache(self) -> None:
        self.cached = self.weight()

    def matrices(self) -> tuple[Tensor, Tensor] | None:
        if self.adapter is None:
            return None
        return self.adapter.lora_A["default"].weight, self.adapter.lora_B["default"].weight

    @property
    def rank(self) -> int:
        """0 where there is no adapter."""
        matrices = self.matrices()
        return 0 if matrices is None else matrices[0].shape[0]

    @property
    def scaling(self) -> float:
        return float(self.adapter.scaling["default"])

    @property
    def dropout(self) -> float:
        return float(getattr(self.adapter.lora_dropout["default"], "p", 0.0)) if self.adapter is not None else 0.0


def project(x: Tensor, projections: Sequence[Projection], *, training: bool) -> tuple[Tensor, ...]:
    """Each projection of x (..., in): a tuple of (..., out)."""
    outputs = Adapted.apply(x.reshape(-1, x.shape[-1]), tuple(projections), *drawn(projections, training=training))
    return tuple(output.view(*x.shape[:-1], -1) for output in outputs)


def drawn(projections: Sequence[Projection], *, training: bool) -> tuple[Any, ...]:
    """The share that is dropped, seeds of the masks, and each adapter's A and B in turn."""
    adapted = [projection for projection in projections if projection.adapter is not None]
    p = adapted[0].dropout if adapted and training else 0.0
    # Drawn on the CPU, whose generator checkpoints and recomputation restore: the same masks come again.
    seeds = torch.randint(2**31, (len(adapted), 2), dtype=torch.int64) if p else None
    return p, seeds, *(matrix for projection in adapted for matrix in projection.matrices() or ())


class Adapted(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any, x: Tensor, projections: tuple[Projection, ...], p: float, seeds: Tensor | None, *matrices: Tensor
    ) -> tuple[Tensor, ...]:
        outputs = [x @ projection.weight().t() for projection in projections]
        ctx.projections, ctx.p = projections, p
        if not matrices:
            ctx.save_for_backward()
            return tuple(outputs)
        a, b = stacked(matrices[0::2], scaling(projections), x.dtype), [matrix.to(x.dtype) for matrix in matrices[1::2]]
        if seeds is not None:
            seeds = seeds.to(x.device, non_blocking=True)
        z = dropped_down(x, a, len(b), p, seeds)
        adapted = [index for index, projection in enumerate(projections) if projection.adapter is not None]
        for index, part, up in zip(adapted, z.chunk(len(b), dim=1), b, strict=True):
            outputs[index].addmm_(part, up.t())
        ctx.save_for_backward(x, z, a, *b, *([] if seeds is None else [seeds]))
        return tuple(outputs)

    @staticmethod
    def backward(ctx: Any, *dys: Tensor) -> tuple[Any, ...]:
        saved = ctx.saved_tensors  # once: recomputation hands each out a single time
        dx: Tensor | None = None
        if ctx.needs_input_grad[0]:
            for projection, dy in zip(ctx.projections, dys, strict=True):
                dx = dy @ projection.weight() if dx is None else dx.addmm_(dy, projection.weight())
        if not saved:
            return dx, None, None, None
        return dx, None, None, None, *adapter_gradients(saved, ctx.projections, ctx.p, dys, dx)


def adapter_gradients(
    saved: Sequence[Tensor], projections: Sequence[Projection], p: float, dys: Sequence[Tensor], dx: Tensor | None
) -> Iterator[Tensor]:
    """dA and dB of each adapter in turn, in fp32; what the adapters add to dx is added in place.

    `saved` are x, z, the stacked s A, each B and, where p is not 0, the seeds.
    """
    x, z, a, *b = saved
    seeds = b.pop() if p else None
    adapted = [dy for q, dy in zip(projections, dys, strict=True) if q.adapter is not None]
    g = torch.cat([dy @ up for dy, up in zip(adapted, b, strict=True)], dim=1)
    da = dropped_weight_gradient(x, g, a, len(b), p, seeds).mul_(scaling(projections)).chunk(len(b))
    db = [in_fp32(dy.t(), part) for dy, part in zip(adapted, z.chunk(len(b), dim=1), strict=True)]
    if dx is not None:
        add_dropped_input_gradient(dx, g, a, len(b), p, seeds)
    return chain.from_iterable(zip(da, db, strict=True))


def in_fp32(a: Tensor, b: Tensor) -> Tensor:
    """a b without rounding the sum to 16 bits: what the optimiser sees."""
    return torch.mm(a, b, out_dtype=torch.float32) if a.is_cuda else (a @ b).float()


def stacked(matrices: Sequence[Tensor], scale: float, dtype: torch.dtype) -> Tensor:
    return (torch.cat(list(matrices)) * scale).to(dtype)


def scaling(projections: Sequence[Projection]) -> float:
    """One for all adapters: PEFT gives them the rank and alpha of one configuration."""
    return next(projection.scaling for projection in projections if projection.adapter is not None)


def masks(like: Tensor, n: int, p: float, seeds: Tensor) -> list[Tensor]:
    """The masks of the plain form, already divided by 1 - p; used where there is no GPU kernel."""
    made = []
    for pair in seeds.tolist()[:n]:
        generator = torch.Generator(like.device).manual_seed(pair[0] * 2**31 + pair[1])
        made.append((torch.rand(like.shape, generator=generator, device=like.device) >= p).to(like.dtype) / (1 - p))
    return made


def on_gpu(x: Tensor, a: Tensor, n: int) -> bool:
    if not x.is_cuda:
        return False
    from stages.qlora_train.fast import dropout  # noqa: PLC0415 - Triton is there with CUDA only

    return dropout.supported(a.shape[0] // n, x.shape[1])


def dropped_down(x: Tensor, a: Tensor, n: int, p: float, seeds: Tensor | None) -> Tensor:
    if seeds is None:
        return x @ a.t()
    if on_gpu(x, a, n):
        from stages.qlora_train.fast import dropout  # noqa: PLC0415

        return dropout.down(x, a, n, p, seeds)
    return torch.cat([(x * mask) @ part.t() for mask, part in zip(masks(x, n, p, seeds), a.chunk(n), strict=True)], dim=1)


def dropped_weight_gradient(x: Tensor, g: Tensor, a: Tensor, n: int, p: float, seeds: Tensor | None) -> Tensor:
    if seeds is None:
        return in_fp32(g.t(), x)
    if on_gpu(x, a, n):
        from stages.qlora_train.fast import dropout  # noqa: PLC0415

        return dropout.weight_gradient(x, g, a, n, p, seeds)
    parts = zip(masks(x, n, p, seeds), g.chunk(n, dim=1), strict=True)
    return torch.cat([part.t() @ (x * mask) for mask, part in parts]).float()


def add_dropped_input_gradient(dx: Tensor, g: Tensor, a: Tensor, n: int, p: float, seeds: Tensor | None) -> None:
    if seeds is None:
        dx.addmm_(g, a)
    elif on_gpu(dx, a, n):
        from stages.qlora_train.fast import dropout  # noqa: PLC0415

        dropout.add_input_gradient(dx, g, a, n, p, seeds)
    else:
        for mask, part, down in zip(masks(dx, n, p, seeds), g.chunk(n, dim=1), a.chunk(n), strict=True):
            dx.add_((part @ down) * mask)
