"""What must hold before a rate means anything: the fast path computes what the plain one does.

A two-layer model of the true width. The reference is PEFT's own arithmetic in fp32 on the dequantised weights.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any

import torch
from bitsandbytes.functional import dequantize_4bit
from peft import LoraConfig, PeftModel, get_peft_model
from torch import Tensor, nn
from transformers import MistralForCausalLM
from trl.trainer.sft_trainer import DataCollatorForLanguageModeling
from trl.trainer.utils import add_fused_lm_head

from stages.qlora_train.fast.layers import install
from tests.bench.shape import DEVICE, build, mistral_7b, rows, tiny

TARGETS = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
Rows = Sequence[Sequence[int]]


def adapted(model: MistralForCausalLM, dropout: float = 0.0) -> PeftModel:
    """With a B that isn't zero: at its usual start the gradient of A vanishes."""
    model.requires_grad_(False)
    made = get_peft_model(
        model, LoraConfig(r=16, lora_alpha=32, lora_dropout=dropout, target_modules=TARGETS, task_type="CAUSAL_LM")
    )
    draw = torch.Generator().manual_seed(1)
    for name, parameter in sorted(made.named_parameters()):
        if parameter.requires_grad:
            parameter.data = torch.randn(parameter.shape, generator=draw).to(DEVICE) * (0.02 if "lora_B" in name else 0.01)
    return made


def fast(small: bool, *, cache: bool = True, dropout: float = 0.0) -> PeftModel:
    model = build(tiny() if small else mistral_7b(layers=2))
    add_fused_lm_head(model)
    made = adapted(model, dropout)
    install(made, cache=cache)
    return made.train()


def reference(small: bool) -> PeftModel:
    """The same weights, dequantised and raised to fp32, in transformers' and PEFT's own code."""
    quantised = build(tiny() if small else mistral_7b(layers=2))
    with torch.device(DEVICE):
        plain = MistralForCausalLM(quantised.config).float()
    plain.config._attn_implementation = "sdpa"
    stored = dict(quantised.named_modules())
    for name, module in plain.named_modules():
        weight = getattr(stored.get(name), "weight", None)
        if isinstance(module, nn.Linear | nn.Embedding) or "norm" in name:
            state = getattr(weight, "quant_state", None)
            module.weight.data = (weight if state is None else dequantize_4bit(weight, state)).float()
    return adapted(plain).train()


def packed_loss(model: PeftModel, batch: Rows, items: int | None = None) -> Tensor:
    data = [{"input_ids": list(row), "labels": list(row)} for row in batch]
    made = DataCollatorForLanguageModeling(pad_token_id=0, padding_free=True)(data)
    made.pop("seq_idx", None)
    count = items or sum(len(row) - 1 for row in batch)
    inputs = {key: value.to(DEVICE) if isinstance(value, Tensor) else value for key, value in made.items()}
    return model(**inputs, fused_lm_head=True, num_items_in_batch=count).loss


def plain_loss(model: PeftModel, batch: Rows) -> Tensor:
    """Row by row: no padding, no packing."""
    total: Tensor = torch.zeros((), device=DEVICE)
    for row in batch:
        ids = torch.tensor([list(row)], device=DEVICE)
        logits = model(input_ids=ids).logits[0, :-1].float()
        total = total + nn.functional.cross_entropy(logits, ids[0, 1:], reduction="sum")
    return total / sum(len(row) - 1 for row in batch)


def gradients(model: PeftModel, loss: Callable[[], Sequence[Tensor]]) -> tuple[float, Tensor]:
    model.zero_grad(set_to_none=True)
    total = 0.0
    for part in loss():
        part.backward()
        total += float(part.detach())
    found = [parameter.grad.float().flatten() for _, parameter in sorted(model.named_parameters()) if parameter.requires_grad]
    return total, torch.cat(found)


def apart(found: Tensor, expected: Tensor) -> float:
    return float((found - expected).norm() / expected.norm())


def dropout_error() -> float:
    """The three products with dropout against the same masks written out; the masks are read off the kernel itself."""
    from stages.qlora_train.fast import dropout  # noqa: PLC0415

    worst = 0.0
    for tokens, width, rank, n, p in ((1000, 4096, 16, 3, 0.05), (333, 14336, 8, 1, 0.1), (777, 4096, 64, 2, 0.3)):
        x, a = torch.randn(tokens, width, device=DEVICE).bfloat16(), torch.randn(n * rank, width, device=DEVICE).bfloat16()
        g, seeds = torch.randn(tokens, n * rank, device=DEVICE).bfloat16(), torch.randint(2**31, (n, 2), device=DEVICE)
        masks = []
        for index in range(n):
            pick, ones = torch.zeros_like(g), torch.zeros_like(a)
            pick[:, index * rank], ones[index * rank] = 1, 1
            mask = torch.zeros(tokens, width, device=DEVICE)
            dropout.add_input_gradient(mask, pick, ones, n, p, seeds)
            share = float((mask == 0).float().mean())
            assert abs(share - p) < 0.005, f"dropped {share} instead of {p}"
            masks.append((mask > 0).double() / (1 - p))
        parts = list(zip(masks, a.double().chunk(n), g.double().chunk(n, dim=1), strict=True))
        dx = torch.randn(tokens, width, device=DEVICE)
        wanted = dx.double() + sum((part @ down) * mask for mask, down, part in parts)
        z = torch.cat([(x.double() * mask) @ down.t() for mask, down, _ in parts], dim=1)
        da = torch.cat([part.t() @ (x.double() * mask) for mask, _, part in parts])
        dropout.add_input_gradient(dx, g, a, n, p, seeds)
        errors = [
            apart(dropout.down(x, a, n, p, seeds).double(), z),
            apart(dropout.weight_gradient(x, g, a, n, p, seeds).double(), da),
            apart(dx.double(), wanted),
        ]
        worst = max(worst, *errors)
    return worst


def main(*, small: bool) -> None:
    vocabulary = (tiny() if small else mistral_7b()).vocab_size
    batch = rows(8, vocabulary, lambda draw: draw.randrange(20, 60 if small else 300))
    items = sum(len(row) - 1 for row in batch)
    ours = fast(small)
    loss, found = gradients(ours, lambda: [packed_loss(ours, batch)])
    exact = reference(small)
    true_loss, expected = gradients(exact, lambda: [plain_loss(exact, batch)])
    del exact
    checked: dict[str, tuple[float, float]] = {
        "loss against fp32": (abs(loss - true_loss) / true_loss, 1e-2),
        "LoRA gradients against fp32": (apart(found, expected), 1e-2),
    }
    each = [gradients(ours, lambda row=row: [packed_loss(ours, [row], items)])[1] for row in batch]
    checked["packed against one by one"] = (apart(sum(each, torch.zeros_like(found)), found), 1e-2)
    four = gradients(ours, lambda: [packed_loss(ours, batch[start : start + 2], items) for start in range(0, 8, 2)])
    checked["accumulation 4 against 1"] = (apart(four[1], found), 1e-2)
    fresh = fast(small, cache=False)
    each_time = gradients(fresh, lambda: [packed_loss(fresh, batch)])
    checked["cached base against dequantised each time, bits"] = (
        float(not (torch.equal(each_time[1], found) and each_time[0] == loss)), 0.0,
    )  # fmt: skip
    if DEVICE == "cuda":
        checked["dropout kernels against fp64"] = (dropout_error(), 1e-2)
    for name, (value, limit) in checked.items():
        print(f"GATE {'ok ' if value <= limit else 'NOT'} {name}: {value:.2e} (at most {limit:g})", flush=True)
    if any(value > limit for value, limit in checked.values()):
        sys.exit("a gate does not hold: the rates would mean nothing")


if __name__ == "__main__":
    main(small="--small" in sys.argv)
