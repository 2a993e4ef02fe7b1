"""The GPU's kernels in Triton's interpreter, in fp32, against their formulas in fp64: for test_kernels.py, with TRITON_INTERPRET=1.

Those of dropout loop, which the interpreter of Triton 3.6 does not take with numpy 2.4; `tests.bench.gates` holds them on the GPU.
"""

from itertools import product

import torch
from torch.nn.functional import silu

from stages.qlora_train.fast import kernels

TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}


def close(found: torch.Tensor, expected: torch.Tensor) -> None:
    torch.testing.assert_close(found, expected.float(), **TOLERANCE)


def norm() -> None:
    x, residual, dy, dh = (torch.randn(5, 96) for _ in range(4))
    weight = torch.rand(96) + 0.5
    exact = (x.double() + residual.double()).requires_grad_()
    y = exact * (exact.pow(2).mean(-1, keepdim=True) + 1e-5).rsqrt() * weight.double()
    (y * dy + exact * dh).sum().backward()
    hidden, normed, scale = kernels.norm(x, residual, weight, 1e-5)
    close(hidden, exact.detach())
    close(normed, y.detach())
    close(kernels.norm_backward(dy, dh, hidden, weight, scale), exact.grad)
    assert kernels.norm(x, None, weight, 1e-5)[0] is x


def gated(first: bool, second: bool) -> None:
    tokens, inner, rank = 70, 150, 8
    adapters = tuple(torch.randn(inner, rank) if there else None for there in (first, second))
    z = torch.randn(tokens, max(1, first + second) * rank)
    both, dy = torch.randn(tokens, 2 * inner), torch.randn(tokens, inner)
    exact = both.double().requires_grad_()
    rest = iter(z.double().split(rank, dim=1))
    gate, up = (
        half if b is None else half + next(rest) @ b.double().t()
        for half, b in zip(exact.chunk(2, dim=1), adapters, strict=True)
    )
    y = silu(gate) * up
    (y * dy).sum().backward()
    close(kernels.gated(both, z if first or second else None, adapters), y.detach())
    close(kernels.gated_backward(dy, both, z if first or second else None, adapters), exact.grad)


if __name__ == "__main__":
    torch.manual_seed(0)
    norm()
    for there in product((True, False), repeat=2):
        gated(*there)
