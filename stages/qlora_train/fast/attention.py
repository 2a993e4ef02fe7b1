"""Causal attention inside each row of a padding-free batch: no row sees another, no mask is built, nothing is padded.

On a GPU this is the flash kernel that `torch.nn.attention.varlen` wraps, called below the wrapper for two reasons: that of
torch 2.11 refuses fewer key than query heads, which the kernel takes; and its backward pass adds up in a fixed order only
while non-deterministic algorithms are an error, not a warning.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import scaled_dot_product_attention


def block_diagonal(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    *,
    cu_seq_lens_q: Tensor | None = None,
    max_length_q: int = 0,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """(1, heads, tokens, d) in, (1, tokens, heads, d) out; `cu_seq_lens_q` are the edges of the rows.

    Without edges the rows are (rows, heads, tokens, d), padded on the right, where no token looks: causal is mask enough.
    """
    if cu_seq_lens_q is None:
        return causal(query, key, value).transpose(1, 2), None
    if query.is_cuda:
        parts = (part.squeeze(0).transpose(0, 1) for part in (query, key, value))
        mixed: Tensor = Flash.apply(*parts, cu_seq_lens_q, int(max_length_q))
        return mixed.unsqueeze(0), None
    edges = cu_seq_lens_q.tolist()
    rows = [causal(query[:, :, start:end], key[:, :, start:end], value[:, :, start:end]) for start, end in pairwise(edges)]
    return torch.cat(rows, dim=2).transpose(1, 2), None


def causal(query: Tensor, key: Tensor, value: Tensor) -> Tensor:
    return scaled_dot_product_attention(query, key, value, is_causal=True, enable_gqa=True)


class Flash(torch.autograd.Function):
    """(tokens, heads, d) each."""

    @staticmethod
    def forward(ctx: Any, query: Tensor, key: Tensor, value: Tensor, edges: Tensor, longest: int) -> Tensor:
        mixed, *rest, _ = torch.ops.aten._flash_attention_forward(
            query, key, value, edges, edges, longest, longest, 0.0, True, False
        )
        ctx.save_for_backward(query, key, value, mixed, edges, *rest)
        ctx.longest = longest
        return cast(Tensor, mixed)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, ...]:
        query, key, value, mixed, edges, logsumexp, state, unused = ctx.saved_tensors
        with in_fixed_order():
            dq, dk, dv = torch.ops.aten._flash_attention_backward(
                gradients[0].contiguous(), query, key, value, mixed, logsumexp, edges, edges,
                ctx.longest, ctx.longest, 0.0, True, state, unused,
            )  # fmt: skip
        return dq, dk, dv, None, None


@contextmanager
def in_fixed_order() -> Iterator[None]:
    before, warned = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before, warn_only=warned)
