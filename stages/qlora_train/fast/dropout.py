"""The three products of LoRA that see dropout, on a GPU: each draws its masks again instead of keeping them.

With x (tokens, k), the stacked A (n r, k) and one independent mask M_i for each of the n projections that share x:

    forward     z_i   = (x * M_i) A_i^T / (1 - p)
    backward    dA_i  = g_i^T (x * M_i) / (1 - p)           g_i: the gradient of z_i
                dx   += sum_i (g_i A_i * M_i) / (1 - p)

A mask is a hash of (two seeds, projection, token, feature) held against p, so it costs no memory and no second pass over
x. The hash is the mixer `lowbias32` with the second seed between its two rounds.
"""

from typing import Any

import torch
import triton
import triton.language as tl

from stages.qlora_train.fast.kernels import VARYING
from stages.qlora_train.fast.linear import WIDEST


@triton.jit
def keep(seeds, projection, tokens, features, width, threshold):  # type: ignore[no-untyped-def]
    """Whether each element of a tile survives; `threshold` is p * 2^32."""
    first = tl.load(seeds + 2 * projection).to(tl.uint32)
    second = tl.load(seeds + 2 * projection + 1).to(tl.uint32)
    mixed = first + tokens.to(tl.uint32)[:, None] * width.to(tl.uint32) + features.to(tl.uint32)[None, :]
    mixed = (mixed ^ (mixed >> 16)) * 0x7FEB352D
    mixed = mixed ^ second
    mixed = (mixed ^ (mixed >> 15)) * 0x846CA68B
    return mixed >= threshold.to(tl.uint32)


@triton.jit(do_not_specialize=VARYING)
def down_kernel(  # type: ignore[no-untyped-def]
    x, a, seeds, z, tokens, width, threshold, scale,
    N: tl.constexpr, R: tl.constexpr, RP: tl.constexpr, BT: tl.constexpr, BK: tl.constexpr,
):  # fmt: skip
    projection = tl.program_id(0)  # the fastest axis: the projections read the same tile of x at the same time
    rows = tl.program_id(1) * BT + tl.arange(0, BT)
    ranks = tl.arange(0, RP)
    total = tl.zeros((BT, RP), tl.float32)
    for start in range(0, width, BK):
        cols = start + tl.arange(0, BK)
        tile = tl.load(x + rows.to(tl.int64)[:, None] * width + cols[None, :], mask=rows[:, None] < tokens, other=0.0)
        weight = tl.load(a + (projection * R + ranks)[None, :] * width + cols[:, None], mask=ranks[None, :] < R, other=0.0)
        tile = tl.where(keep(seeds, projection, rows, cols, width, threshold), tile, 0.0).to(weight.dtype)
        total += tl.dot(tile, weight, input_precision="ieee")
    target = z + rows.to(tl.int64)[:, None] * (N * R) + projection * R + ranks[None, :]
    tl.store(target, (total * scale).to(z.dtype.element_ty), mask=(rows[:, None] < tokens) & (ranks[None, :] < R))


@triton.jit(do_not_specialize=VARYING)
def weight_gradient_kernel(  # type: ignore[no-untyped-def]
    x, g, seeds, partial, tokens, width, threshold, scale, span,
    N: tl.constexpr, R: tl.constexpr, RP: tl.constexpr, BT: tl.constexpr, BK: tl.constexpr,
):  # fmt: skip
    projection = tl.program_id(0)
    cols = tl.program_id(1) * BK + tl.arange(0, BK)
    part = tl.program_id(2)
    ranks = tl.arange(0, RP)
    total = tl.zeros((RP, BK), tl.float32)
    for start in range(part * span, tl.minimum((part + 1) * span, tokens), BT):
        rows = start + tl.arange(0, BT)
        tile = tl.load(x + rows.to(tl.int64)[:, None] * width + cols[None, :], mask=rows[:, None] < tokens, other=0.0)
        tile = tl.where(keep(seeds, projection, rows, cols, width, threshold), tile, 0.0).to(x.dtype.element_ty)
        inside = (rows[None, :] < tokens) & (ranks[:, None] < R)
        grad = tl.load(g + rows.to(tl.int64)[None, :] * (N * R) + projection * R + ranks[:, None], mask=inside, other=0.0)
        total += tl.dot(grad, tile, input_precision="ieee")
    target = partial + ((part * N + projection) * R + ranks)[:, None].to(tl.int64) * width + cols[None, :]
    tl.store(target, total * scale, mask=ranks[:, None] < R)


@triton.jit(do_not_specialize=VARYING)
def input_gradient_kernel(  # type: ignore[no-untyped-def]
    g, a, seeds, dx, tokens, width, threshold, scale,
    N: tl.constexpr, R: tl.constexpr, RP: tl.constexpr, BT: tl.constexpr, BK: tl.constexpr,
):  # fmt: skip
    rows = tl.program_id(0) * BT + tl.arange(0, BT)
    cols = tl.program_id(1) * BK + tl.arange(0, BK)
    ranks = tl.arange(0, RP)
    place = dx + rows.to(tl.int64)[:, None] * width + cols[None, :]
    total = tl.load(place, mask=rows[:, None] < tokens, other=0.0).to(tl.float32)
    for projection in tl.static_range(N):
        inside = (rows[:, None] < tokens) & (ranks[None, :] < R)
        grad = tl.load(g + rows.to(tl.int64)[:, None] * (N * R) + projection * R + ranks[None, :], mask=inside, other=0.0)
        weight = tl.load(a + (projection * R + ranks)[:, None] * width + cols[None, :], mask=ranks[:, None] < R, other=0.0)
        product = tl.dot(grad, weight, input_precision="ieee") * scale
        total += tl.where(keep(seeds, projection, rows, cols, width, threshold), product, 0.0)
    tl.store(place, total.to(dx.dtype.element_ty), mask=rows[:, None] < tokens)


def supported(rank: int, width: int) -> bool:
    return rank <= WIDEST and width % 64 == 0


def tile(width: int) -> int:
    """Features in a block; these sizes were the fastest of those tried on an H200."""
    return 128 if width % 128 == 0 else 64


def shared(p: float, n: int, a: torch.Tensor) -> tuple[tuple[int, float], dict[str, Any]]:
    rank = a.shape[0] // n
    padded = max(16, triton.next_power_of_2(rank))
    return (int(p * 2**32), 1 / (1 - p)), {"N": n, "R": rank, "RP": padded}


def down(x: torch.Tensor, a: torch.Tensor, n: int, p: float, seeds: torch.Tensor) -> torch.Tensor:
    """z of shape (tokens, n r), from x (tokens, k), the n stacked A (n r, k) and seeds (n, 2)."""
    tokens, width = x.shape
    z = x.new_empty(tokens, a.shape[0])
    drop, sizes = shared(p, n, a)
    grid = (n, triton.cdiv(tokens, 64))
    down_kernel[grid](x, a, seeds, z, tokens, width, *drop, **sizes, BT=64, BK=tile(width))
    return z


def weight_gradient(x: torch.Tensor, g: torch.Tensor, a: torch.Tensor, n: int, p: float, seeds: torch.Tensor) -> torch.Tensor:
    """dA (n r, k) in fp32; partial sums over spans of tokens, added in a fixed order."""
    tokens, width = x.shape
    drop, sizes = shared(p, n, a)
    span = 64 * triton.cdiv(tokens, 64 * 8)
    parts = triton.cdiv(tokens, span)
    partial = torch.empty(parts, a.shape[0], width, dtype=torch.float32, device=x.device)
    grid = (n, width // tile(width), parts)
    weight_gradient_kernel[grid](x, g, seeds, partial, tokens, width, *drop, span, **sizes, BT=64, BK=tile(width))
    return partial.sum(0)


def add_input_gradient(dx: torch.Tensor, g: torch.Tensor, a: torch.Tensor, n: int, p: float, seeds: torch.Tensor) -> None:
    tokens, width = dx.shape
    drop, sizes = shared(p, n, a)
    grid = (triton.cdiv(tokens, 32), width // tile(width))
    input_gradient_kernel[grid](g, a, seeds, dx, tokens, width, *drop, **sizes, BT=32, BK=tile(width))
