"""`make bench-predict`: 1,000 answers of fixed lengths up to 256 tokens from the true Mistral-7B shape, random weights.

Ours (the model as trained: 4-bit base dequantised once, unmerged adapter; and merged) beside `generate` on the 4-bit model
with its adapter. The lengths are fixed so that every run does the same work; the schedule doesn't know them.
"""

import json
import random
import sys
import time
from collections.abc import Sequence
from typing import Any

import torch
from torch.nn.functional import kl_div

from stages.common.models import make_deterministic
from stages.predict.engine import Engine
from tests.bench.gates import adapted
from tests.bench.shape import DEVICE, build, mistral_7b, rows, tiny

PROMPT, ANSWER = 64, 256


def synchronised() -> float:
    if DEVICE == "cuda":
        torch.cuda.synchronize()
    return time.perf_counter()


def result(**values: Any) -> None:
    if DEVICE == "cuda":
        values["peak_gib"] = round(torch.cuda.max_memory_allocated() / 2**30, 1)
        torch.cuda.reset_peak_memory_stats()
    print("RESULT " + json.dumps(values), flush=True)


def generate(model: Any, prompts: Sequence[Sequence[int]], new: int) -> None:
    """The usual evaluation: NF4, unmerged adapter, transformers' generate."""
    ids = torch.tensor([list(prompt) for prompt in prompts], device=DEVICE)
    for _ in range(2):
        begun = synchronised()
        model.generate(
            input_ids=ids, attention_mask=torch.ones_like(ids), max_new_tokens=new, min_new_tokens=new, do_sample=False,
            pad_token_id=0,
        )  # fmt: skip
        seconds = synchronised() - begun
    result(run="generate, NF4, unmerged adapter", batch=len(prompts), tokens_s=round(len(prompts) * new / seconds))


def next_tokens(engine: Engine, prompts: Sequence[Sequence[int]]) -> torch.Tensor:
    with torch.inference_mode():
        return engine.decoder.read(prompts, torch.arange(len(prompts), device=DEVICE)).log_softmax(-1)


def ours(model: Any, prompts: Sequence[Sequence[int]], limits: Sequence[int], slots: int, *, merge: bool) -> Engine:
    engine = Engine.of(model, slots=slots, longest_prompt=PROMPT, longest_answer=ANSWER, eos=-1, penalty=1.0, merge=merge)
    taken, answers = [], []
    for _ in range(2):
        begun = synchronised()
        answers.append(engine.answers(prompts, limits))
        taken.append(synchronised() - begun)
    assert [len(answer) for answer in answers[0]] == list(limits), "an answer has another length than asked for"
    result(
        run="ours, merged" if merge else "ours, as trained", slots=slots, tokens_s=round(sum(limits) / taken[-1]),
        first_time_tokens_s=round(sum(limits) / taken[0]), same_twice=answers[0] == answers[1], answers=len(answers[0]),
    )  # fmt: skip
    return engine


def drift(expected: torch.Tensor, found: torch.Tensor) -> dict[str, float]:
    """Of the next token's distribution, found against expected log-probabilities."""
    return {
        "same_token": round(float((expected.argmax(-1) == found.argmax(-1)).float().mean()), 4),
        "kl_nats": round(float(kl_div(found, expected, log_target=True, reduction="batchmean")), 6),
    }


def main() -> None:
    small = "--small" in sys.argv
    config = tiny() if small else mistral_7b()
    make_deterministic(0)
    model = adapted(build(config)).eval()
    draw = random.Random(1)
    count = 40 if small else 1000
    prompts = rows(count, config.vocab_size, lambda _: PROMPT)
    limits = [draw.randint(ANSWER // 16, ANSWER) for _ in prompts]
    with torch.inference_mode():
        plain = torch.stack(
            [
                model(input_ids=torch.tensor([prompt], device=DEVICE)).logits[0, -1].float().log_softmax(-1)
                for prompt in prompts[:64]
            ]
        )
    generate(model, prompts[:32], 8 if small else 48)
    for slots in (16,) if small else (256, 1024):
        engine = ours(model, prompts, limits, slots, merge=False)
        trained = next_tokens(engine, prompts[: min(64, slots)])
        del engine
    result(run="drift of ours as trained against PEFT on the 4-bit model", **drift(plain[: len(trained)], trained))
    engine = ours(model, prompts, limits, 16 if small else 1024, merge=True)
    result(run="drift of merged against as trained", **drift(trained, next_tokens(engine, prompts[: len(trained)])))


if __name__ == "__main__":
    main()
