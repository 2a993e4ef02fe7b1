"""Where the distance of a bf16 LoRA gradient from the fp32 one comes from: each kind of tensor rounded by itself, on a CPU.

    python -m tests.bench.rounding [WIDTH]

Two Mistral layers written out in fp32. A kind of tensor that is rounded is so in both passes, as where it is stored in bf16;
products add up in fp32, as on a GPU. The frozen weights are bf16 numbers in every run, the reference included: what comes out
of NF4 is the same on both sides.
"""

import math
import sys
from collections.abc import Collection
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy, rms_norm, silu

from tests.bench.shape import rows

KINDS = {
    "residual": "residual stream",
    "normed": "outputs of the norms",
    "projected": "outputs of the projections",
    "attention": "queries and keys after rotation, probabilities, mixed values",
    "inner": "product of gate and up",
    "matrices": "LoRA's A and B",
    "down": "LoRA's inner activations",
    "logits": "logits",
}
LAYERS, HEAD, RANK, VOCABULARY = 2, 64, 16, 4096
Weights = dict[str, Tensor]


class Rounded(torch.autograd.Function):
    @staticmethod
    def forward(_: Any, x: Tensor) -> Tensor:
        return x.bfloat16().float()

    @staticmethod
    def backward(_: Any, *gradients: Tensor) -> Tensor:
        return gradients[0].bfloat16().float()


def shapes(width: int) -> dict[str, tuple[int, int]]:
    inner, small = int(3.5 * width), width // 4
    return {
        "q": (width, width), "k": (small, width), "v": (small, width), "o": (width, width),
        "gate": (inner, width), "up": (inner, width), "down": (width, inner),
    }  # fmt: skip


def model(width: int) -> tuple[Weights, Weights]:
    """Frozen weights and LoRA's matrices, of the same spread as in the gates."""
    draw = torch.Generator().manual_seed(0)
    # 0.02 at the true width of 4096: a narrower product adds up fewer numbers.
    spread = 0.02 * math.sqrt(4096 / width)
    frozen = {name: torch.randn(VOCABULARY, width, generator=draw) * 0.02 for name in ("embedding", "head")}
    trained = {}
    for layer in range(LAYERS):
        for name, (out, into) in shapes(width).items():
            frozen[f"{layer}{name}"] = torch.randn(out, into, generator=draw) * spread
            trained[f"{layer}{name}A"] = torch.randn(RANK, into, generator=draw) * 0.01 * math.sqrt(4096 / width)
            trained[f"{layer}{name}B"] = torch.randn(out, RANK, generator=draw) * 0.02
    return {name: weight.bfloat16().float() for name, weight in frozen.items()}, trained


def loss(frozen: Weights, trained: Weights, row: Tensor, kinds: Collection[str]) -> Tensor:
    def stored(x: Tensor, kind: str) -> Tensor:
        rounded: Tensor = Rounded.apply(x) if kind in kinds else x
        return rounded

    def project(x: Tensor, name: str) -> Tensor:
        a, b = (stored(trained[name + side], "matrices") for side in "AB")
        return stored(x @ frozen[name].t() + 2 * stored(x @ a.t(), "down") @ b.t(), "projected")

    def normed(x: Tensor) -> Tensor:
        return stored(rms_norm(x, x.shape[-1:], eps=1e-6), "normed")

    def heads(x: Tensor) -> Tensor:
        return x.view(len(row), -1, HEAD).transpose(0, 1)

    angle = torch.arange(len(row))[:, None] / 1e6 ** (torch.arange(0, HEAD, 2) / HEAD)

    def rotated(x: Tensor) -> Tensor:
        left, right = x.chunk(2, dim=-1)
        turned = torch.cat([left * angle.cos() - right * angle.sin(), right * angle.cos() + left * angle.sin()], dim=-1)
        return stored(turned, "attention")

    x = stored(frozen["embedding"][row], "residual")
    above = torch.full((len(row), len(row)), -math.inf).triu(1)
    for layer in map(str, range(LAYERS)):
        y = normed(x)
        q, k, v = (heads(project(y, layer + name)) for name in "qkv")
        k, v = (part.repeat_interleave(len(q) // len(k), dim=0) for part in (rotated(k), v))
        shares = stored((rotated(q) @ k.transpose(1, 2) / math.sqrt(HEAD) + above).softmax(-1), "attention")
        mixed = stored((shares @ v).transpose(0, 1).reshape(len(row), -1), "attention")
        x = stored(x + project(mixed, layer + "o"), "residual")
        y = normed(x)
        inner = stored(silu(project(y, layer + "gate")) * project(y, layer + "up"), "inner")
        x = stored(x + project(inner, layer + "down"), "residual")
    logits = stored(normed(x) @ frozen["head"].t(), "logits")
    return cross_entropy(logits[:-1], row[1:], reduction="sum")


def gradient(frozen: Weights, trained: Weights, batch: list[Tensor], kinds: Collection[str]) -> Tensor:
    leaves = {name: matrix.clone().requires_grad_() for name, matrix in trained.items()}
    for row in batch:
        loss(frozen, leaves, row, kinds).backward()
    return torch.cat([leaf.grad.flatten() for leaf in leaves.values() if leaf.grad is not None])


def main(width: int) -> None:
    frozen, trained = model(width)
    batch = [torch.tensor(row) for row in rows(6, VOCABULARY, lambda draw: draw.randrange(20, 160))]
    exact = gradient(frozen, trained, batch, ())

    def distance(kinds: Collection[str]) -> float:
        return float((gradient(frozen, trained, batch, kinds) - exact).norm() / exact.norm())

    whole = distance(KINDS)
    print(f"| rounded to bf16, width {width} | alone | all but this |\n|---|---|---|\n| all of it | {whole:.2e} | |")
    for kind, name in KINDS.items():
        print(f"| {name} | {distance([kind]):.2e} | {distance(KINDS.keys() - {kind}):.2e} |", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1024)
