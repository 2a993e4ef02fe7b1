"""One pass of a Mistral model over its layers, for generation on a GPU: 4-bit base dequantised once, adapter beside it.

The numbers are those of the model as trained (the same base, the same unmerged adapter). Keys and values lie in one cache
of fixed shape, so that a step of decoding can be recorded once and replayed.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention
from transformers import PreTrainedModel

from stages.qlora_train.fast.gated import Pair, gated
from stages.qlora_train.fast.layers import projections
from stages.qlora_train.fast.linear import Projection, project
from stages.qlora_train.fast.norm import added_and_normed

Mix = Callable[[int, Tensor, Tensor, Tensor], Tensor]  # layer, q, k, v (tokens, heads, d): the attention's output


class Decoder:
    """The layers of `model` and a cache for `slots` rows of at most `longest` tokens."""

    def __init__(self, model: PreTrainedModel, slots: int, longest: int, *, merge: bool = False) -> None:
        base = model.get_base_model() if hasattr(model, "get_base_model") else model
        self.base, self.config = base, base.config
        self.head = getattr(base.config, "head_dim", None) or base.config.hidden_size // base.config.num_attention_heads
        self.groups = [
            (
                projections(layer.self_attn, "q_proj", "k_proj", "v_proj"),
                projections(layer.self_attn, "o_proj"),
                Pair.of(layer.mlp),
                projections(layer.mlp, "down_proj"),
            )
            for layer in base.model.layers
        ]
        for inputs, output, pair, shrink in self.groups:
            pair.cache()
            for projection in (*inputs, *output, *pair.parts, *shrink):
                prepare(projection, base.dtype, merge=merge)
        shape = (base.config.num_hidden_layers, slots, base.config.num_key_value_heads, longest, self.head)
        self.keys = torch.zeros(shape, dtype=base.dtype, device=base.device)
        self.values = torch.zeros_like(self.keys)

    def layers(self, tokens: Tensor, positions: Tensor, mix: Mix) -> Tensor:
        """Hidden states (tokens, hidden) of `tokens` at `positions`."""
        hidden: Tensor = self.base.model.embed_tokens(tokens)
        cos, sin = (part[0].unsqueeze(1) for part in self.base.model.rotary_emb(hidden, positions[None]))
        added: Tensor | None = None
        for index, (layer, (inputs, output, pair, shrink)) in enumerate(zip(self.base.model.layers, self.groups, strict=True)):
            hidden, normed = added_and_normed(hidden, added, layer.input_layernorm)
            parts = project(normed, inputs, training=False)
            query, key, value = (part.view(len(tokens), -1, self.head) for part in parts)
            mixed = mix(index, rotated(query, cos, sin), rotated(key, cos, sin), value)
            (attended,) = project(mixed.reshape(len(tokens), -1), output, training=False)
            hidden, normed = added_and_normed(hidden, attended, layer.post_attention_layernorm)
            (added,) = project(gated(normed, pair, training=False), shrink, training=False)
        return hidden if added is None else hidden + added

    def logits(self, hidden: Tensor) -> Tensor:
        scores: Tensor = self.base.lm_head(self.base.model.norm(hidden)).float()
        return scores

    def read(self, prompts: Sequence[Sequence[int]], slots: Tensor) -> Tensor:
        """Read prompts into the cache's rows `slots`; the logits after each prompt."""
        lengths = [len(prompt) for prompt in prompts]
        edges = [0, *torch.tensor(lengths).cumsum(0).tolist()]
        device = self.base.device
        tokens = torch.tensor([token for prompt in prompts for token in prompt], device=device)
        positions = torch.cat([torch.arange(length, device=device) for length in lengths])
        rows = torch.repeat_interleave(slots, torch.tensor(lengths, device=device))

        def mix(index: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            self.keys[index, rows, :, positions] = key
            self.values[index, rows, :, positions] = value
            return within_rows(query, key, value, edges)

        return self.logits(self.layers(tokens, positions, mix)[torch.tensor(edges[1:], device=device) - 1])

    def step(self, tokens: Tensor, positions: Tensor, span: int) -> Tensor:
        """The logits after one more token in each of the first `len(tokens)` rows, none of them beyond `span` tokens.

        The heads that share a key stand as four queries of one key head: nothing is expanded.
        """
        count = len(tokens)
        rows = torch.arange(count, device=tokens.device)
        seen = torch.arange(span, device=tokens.device)[None] <= positions[:, None]
        mask = torch.zeros(seen.shape, dtype=self.keys.dtype, device=tokens.device).masked_fill(~seen, -torch.inf)

        def mix(index: int, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
            self.keys[index, rows, :, positions] = key
            self.values[index, rows, :, positions] = value
            shared = query.view(count, key.shape[1], -1, self.head)
            return scaled_dot_product_attention(
                shared,
                self.keys[index, :count, :, :span],
                self.values[index, :count, :, :span],
                attn_mask=mask[:, None, None].expand(-1, shared.shape[1], shared.shape[2], -1),
            )

        return self.logits(self.layers(tokens, positions, mix))


@torch.no_grad()
def prepare(projection: Projection, dtype: torch.dtype, *, merge: bool) -> None:
    """Dequantise once; cast the adapter once to what its products run in; or fold it into the weight."""
    projection.cache()
    matrices = projection.matrices()
    if matrices is None or projection.cached is None:
        return
    down, up = matrices
    if merge:
        projection.cached.copy_(projection.cached.float() + projection.scaling * up.float() @ down.float())
        projection.adapter = None
    else:
        down.data, up.data = down.data.to(dtype), up.data.to(dtype)


def rotated(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    first, second = x.chunk(2, dim=-1)
    return x * cos + torch.cat((-second, first), dim=-1) * sin


def within_rows(query: Tensor, key: Tensor, value: Tensor, edges: Sequence[int]) -> Tensor:
    """Causal attention inside each row, all (tokens, heads, d)."""
    if query.is_cuda:
        marks = torch.tensor(edges, dtype=torch.int32, device=query.device)
        longest = max(end - start for start, end in pairwise(edges))
        mixed: Tensor = torch.ops.aten._flash_attention_forward(
            query, key, value, marks, marks, longest, longest, 0.0, True, False
        )[0]
        return mixed
    rows = []
    for start, end in pairwise(edges):
        q, k, v = (x[None, start:end].transpose(1, 2) for x in (query, key, value))
        rows.append(scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)[0].transpose(0, 1))
    return torch.cat(rows)
