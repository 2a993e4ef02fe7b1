"""The passes over memory between the products of a layer, on a GPU: the residual sum with its norm, and SwiGLU with its LoRA.

With h = x + r, n columns, s = (mean(h^2) + e)^(-1/2) and a frozen weight w:

    y = h s * w               dh = dr + s (dy * w - h s^2 mean(dy * w * h))        dr: the gradient of h itself

With g and u, the gate and up halves of one product, and z_i the inner activations of their adapters:

    g' = g + z_1 B_1^T    u' = u + z_2 B_2^T    y = silu(g') * u'
    dg = dy * u' * sigmoid(g') (1 + g' (1 - sigmoid(g')))        du = dy * silu(g')

so that what LoRA adds is never written and read again. All is computed in fp32 and stored in the type of the input.
"""

import torch
import triton
import triton.language as tl
from torch import Tensor

TOKENS, COLUMNS, WARPS = 32, 128, 4  # of a tile of SwiGLU: the fastest of eleven tried on an H200


@triton.jit
def norm_kernel(  # type: ignore[no-untyped-def]
    x, r, h, w, y, s, columns, epsilon, ADD: tl.constexpr, BLOCK: tl.constexpr
):
    row = tl.program_id(0).to(tl.int64)
    cols = tl.arange(0, BLOCK)
    inside = cols < columns
    place = row * columns + cols
    value = tl.load(x + place, mask=inside, other=0.0).to(tl.float32)
    if ADD:
        value += tl.load(r + place, mask=inside, other=0.0).to(tl.float32)
        stored = value.to(h.dtype.element_ty)
        tl.store(h + place, stored, mask=inside)
        value = stored.to(tl.float32)
    scale = tl.rsqrt(tl.sum(value * value, axis=0) / columns + epsilon)
    tl.store(s + row, scale)
    weight = tl.load(w + cols, mask=inside, other=0.0).to(tl.float32)
    tl.store(y + place, (value * scale * weight).to(y.dtype.element_ty), mask=inside)


@triton.jit
def norm_backward_kernel(  # type: ignore[no-untyped-def]
    dy, dr, h, w, s, dh, columns, BLOCK: tl.constexpr
):
    row = tl.program_id(0).to(tl.int64)
    cols = tl.arange(0, BLOCK)
    inside = cols < columns
    place = row * columns + cols
    value = tl.load(h + place, mask=inside, other=0.0).to(tl.float32)
    scale = tl.load(s + row)
    weighted = tl.load(dy + place, mask=inside, other=0.0).to(tl.float32) * tl.load(w + cols, mask=inside, other=0.0)
    mean = tl.sum(weighted * value, axis=0) / columns
    result = scale * (weighted - value * scale * scale * mean) + tl.load(dr + place, mask=inside, other=0.0)
    tl.store(dh + place, result.to(dh.dtype.element_ty), mask=inside)


@triton.jit
def adapted(  # type: ignore[no-untyped-def]
    product, z, b, rows, cols, tokens, inner, stride, LORA: tl.constexpr, R: tl.constexpr, RP: tl.constexpr
):
    """A tile of one half of the product, with what its adapter adds; `z` and `product` point to that half's columns."""
    inside = (rows[:, None] < tokens) & (cols[None, :] < inner)
    value = tl.load(product + rows.to(tl.int64)[:, None] * (2 * inner) + cols[None, :], mask=inside, other=0.0).to(tl.float32)
    if LORA:
        ranks = tl.arange(0, RP)
        left = tl.load(
            z + rows.to(tl.int64)[:, None] * stride + ranks[None, :],
            mask=(rows[:, None] < tokens) & (ranks[None, :] < R), other=0.0,
        )  # fmt: skip
        right = tl.load(b + cols[None, :] * R + ranks[:, None], mask=(cols[None, :] < inner) & (ranks[:, None] < R), other=0.0)
        value += tl.dot(left, right, input_precision="ieee")
    return value


@triton.jit
def gated_kernel(  # type: ignore[no-untyped-def]
    product, z, b1, b2, y, tokens, inner, stride,
    FIRST: tl.constexpr, SECOND: tl.constexpr, R: tl.constexpr, RP: tl.constexpr, BT: tl.constexpr, BC: tl.constexpr,
):  # fmt: skip
    rows = tl.program_id(1) * BT + tl.arange(0, BT)
    cols = tl.program_id(0) * BC + tl.arange(0, BC)
    inside = (rows[:, None] < tokens) & (cols[None, :] < inner)
    gate = adapted(product, z, b1, rows, cols, tokens, inner, stride, FIRST, R, RP)
    up = adapted(product + inner, z + FIRST * R, b2, rows, cols, tokens, inner, stride, SECOND, R, RP)
    result = gate * tl.sigmoid(gate) * up
    tl.store(y + rows.to(tl.int64)[:, None] * inner + cols[None, :], result.to(y.dtype.element_ty), mask=inside)


@triton.jit
def gated_backward_kernel(  # type: ignore[no-untyped-def]
    dy, product, z, b1, b2, dproduct, tokens, inner, stride,
    FIRST: tl.constexpr, SECOND: tl.constexpr, R: tl.constexpr, RP: tl.constexpr, BT: tl.constexpr, BC: tl.constexpr,
):  # fmt: skip
    rows = tl.program_id(1) * BT + tl.arange(0, BT)
    cols = tl.program_id(0) * BC + tl.arange(0, BC)
    inside = (rows[:, None] < tokens) & (cols[None, :] < inner)
    gate = adapted(product, z, b1, rows, cols, tokens, inner, stride, FIRST, R, RP)
    up = adapted(product + inner, z + FIRST * R, b2, rows, cols, tokens, inner, stride, SECOND, R, RP)
    grad = tl.load(dy + rows.to(tl.int64)[:, None] * inner + cols[None, :], mask=inside, other=0.0).to(tl.float32)
    open_ = tl.sigmoid(gate)
    place = dproduct + rows.to(tl.int64)[:, None] * (2 * inner) + cols[None, :]
    tl.store(place, (grad * up * open_ * (1 + gate * (1 - open_))).to(dproduct.dtype.element_ty), mask=inside)
    tl.store(place + inner, (grad * gate * open_).to(dproduct.dtype.element_ty), mask=inside)


def norm(x: Tensor, residual: Tensor | None, weight: Tensor, epsilon: float) -> tuple[Tensor, Tensor, Tensor]:
    """The sum h (x itself where there is nothing to add), its norm y, both (tokens, columns), and s (tokens)."""
    tokens, columns = x.shape
    h = x if residual is None else torch.empty_like(x)
    y, s = torch.empty_like(x), torch.empty(tokens, dtype=torch.float32, device=x.device)
    norm_kernel[(tokens,)](
        x, x if residual is None else residual, h, weight, y, s, columns, epsilon,
        ADD=residual is not None, BLOCK=triton.next_power_of_2(columns), num_warps=8,
    )  # fmt: skip
    return h, y, s


def norm_backward(dy: Tensor, dh: Tensor, h: Tensor, weight: Tensor, s: Tensor) -> Tensor:
    tokens, columns = h.shape
    result = torch.empty_like(h)
    norm_backward_kernel[(tokens,)](dy, dh, h, weight, s, result, columns, BLOCK=triton.next_power_of_2(columns), num_warps=8)
    return result


Adapters = tuple[Tensor | None, Tensor | None]  # B (inner, r) of gate and of up


def gated(product: Tensor, z: Tensor | None, adapters: Adapters) -> Tensor:
    """y (tokens, inner), from the product (tokens, 2 inner) and z (tokens, r for each adapter that is there)."""
    tokens, inner = product.shape[0], product.shape[1] // 2
    y = product.new_empty(tokens, inner)
    arguments, options = lora(product, z, adapters)
    gated_kernel[tiles(tokens, inner)](product, *arguments[:3], y, tokens, inner, *arguments[3:], **options)
    return y


def gated_backward(dy: Tensor, product: Tensor, z: Tensor | None, adapters: Adapters) -> Tensor:
    """The gradient of the product."""
    tokens, inner = dy.shape
    result = torch.empty_like(product)
    arguments, options = lora(product, z, adapters)
    gated_backward_kernel[tiles(tokens, inner)](dy, product, *arguments[:3], result, tokens, inner, *arguments[3:], **options)
    return result


def tiles(tokens: int, inner: int) -> tuple[int, int]:
    return triton.cdiv(inner, COLUMNS), triton.cdiv(tokens, TOKENS)


def lora(product: Tensor, z: Tensor | None, adapters: Adapters) -> tuple[tuple[object, ...], dict[str, int | bool]]:
    """What both kernels are told of the adapters; where one is missing, its pointer is never read."""
    first, second = adapters
    rank = next((b.shape[1] for b in adapters if b is not None), 1)
    stride = z.stride(0) if z is not None else 0
    sizes = {"R": rank, "RP": max(16, triton.next_power_of_2(rank)), "BT": TOKENS, "BC": COLUMNS}
    flags = {"FIRST": first is not None, "SECOND": second is not None}
    pointers = [product if part is None else part for part in (z, first, second)]
    return (*pointers, stride), {**flags, **sizes, "num_warps": WARPS}
