"""Choose how a step is computed from the memory that is free; every choice computes the same step.

Counted in bytes: the weights, the adapter with its gradient and optimiser states, and what each token keeps between the
forward and the backward pass. Of the combinations that fit, the one with the least estimated time is taken.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

from transformers import PretrainedConfig

RESERVE = 1.5 * 2**30  # the context, the libraries' workspaces, fragments
ADAPTER_BYTES = 4 + 4 + 8 + 2  # a trained parameter: itself, gradient, two Adam states in fp32, a bf16 copy
DEQUANTISING = 220  # tokens in a pass at which dequantising takes as long as the products
LAUNCHING = 1500  # tokens whose products take as long as launching a pass's kernels


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    rows: int  # in one pass
    accumulation: int  # passes to one step
    recompute: bool  # the layers' activations in the backward pass instead of keeping them
    offload: bool  # the layers' inputs to the host until the backward pass
    cache: bool  # a bf16 copy of the dequantised base

    def __str__(self) -> str:
        parts = [f"{self.rows} rows a pass, {self.accumulation} passes a step"]
        parts.append("activations recomputed" if self.recompute else "activations kept")
        parts += ["layer inputs on the host"] if self.offload else []
        parts.append("base dequantised once" if self.cache else "base dequantised in every pass")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True)
class Shape:
    hidden: int
    inner: int
    key_value: int
    layers: int
    vocabulary: int
    adapter: int  # trained parameters

    @classmethod
    def of(cls, config: PretrainedConfig, adapter: int) -> "Shape":
        head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        key_value = config.num_key_value_heads * head
        return cls(
            config.hidden_size, config.intermediate_size, key_value, config.num_hidden_layers, config.vocab_size, adapter
        )

    @property
    def linear(self) -> int:
        """Quantised parameters."""
        return self.layers * (2 * self.hidden**2 + 2 * self.hidden * self.key_value + 3 * self.hidden * self.inner)

    @property
    def layer_token(self) -> int:
        """Bytes that one token keeps in one layer: inputs of norms and projections, q, k, v, gate, up and their product."""
        return 2 * (6 * self.hidden + 2 * self.key_value + 3 * self.inner)


def needed(shape: Shape, plan: Plan, tokens: int) -> float:
    """Bytes at the peak of a step whose largest pass holds `tokens`."""
    weights = shape.linear * (0.52 + 2 * plan.cache) + 4 * shape.vocabulary * shape.hidden
    one_layer = tokens * (shape.layer_token + 8 * shape.inner) + 4 * shape.hidden * shape.inner
    kept = tokens * 2 * shape.hidden * (2 if plan.offload else shape.layers) if plan.recompute else 0
    kept += 0 if plan.recompute else tokens * shape.layer_token * shape.layers
    return weights + shape.adapter * ADAPTER_BYTES + kept + one_layer + RESERVE


def relative_time(plan: Plan, tokens: float) -> float:
    """Time of a token against that of its matrix products alone: 4 a weight without recomputation, 6 with."""
    passes = 3 if plan.recompute else 2
    dequantising = 0 if plan.cache else DEQUANTISING * passes / 2 / tokens
    return passes / 2 + dequantising + LAUNCHING / max(tokens, LAUNCHING) * 0.1 + 0.02 * plan.offload


def choose(shape: Shape, lengths: Sequence[int], step: int, most: int, free: float) -> Plan:
    """The fastest plan for steps of `step` rows, at most `most` in a pass, that fits into `free` bytes; else the leanest."""
    ordered = sorted(lengths, reverse=True)
    mean = sum(ordered) / len(ordered)
    found = []
    for size, recompute, offload, cache in product(divisors(step, most), (False, True), (False, True), (True, False)):
        plan = Plan(rows=size, accumulation=step // size, recompute=recompute, offload=offload, cache=cache)
        if offload and not recompute:
            continue
        if needed(shape, plan, sum(ordered[:size])) <= free:
            found.append((relative_time(plan, size * mean), plan))
    leanest = Plan(rows=1, accumulation=step, recompute=True, offload=True, cache=False)
    return min(found, key=lambda pair: pair[0])[1] if found else leanest


def divisors(number: int, most: int) -> list[int]:
    return [size for size in range(min(number, most), 0, -1) if number % size == 0]
