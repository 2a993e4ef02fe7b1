"""Time a trainer: useful tokens a second after the warm-up, and the peak of the memory. No library that a peer patches."""

import gc
import json
import time
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import torch
from transformers import Trainer, TrainerCallback

from tests.bench.runs import WORLD, Run
from tests.bench.shape import DEVICE


class Clock(TrainerCallback):
    """Seconds and useful tokens after the warm-up, and every pass's share of its step's loss; nothing here waits for the GPU."""

    def __init__(self, warm: int) -> None:
        self.warm, self.begun, self.ended = warm, 0.0, 0.0
        self.tokens: int | torch.Tensor = 0
        self.passes: list[torch.Tensor] = []

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == self.warm:
            synchronise()
            self.tokens, self.begun = 0, time.perf_counter()

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        synchronise()
        self.ended = time.perf_counter()

    def count_steps_of(self, trainer: Trainer) -> None:
        inner: Callable[..., Any] = trainer.training_step

        def counted(model: Any, inputs: dict[str, Any], *rest: Any, **options: Any) -> Any:
            mask = inputs.get("attention_mask")
            self.tokens = self.tokens + (inputs["input_ids"].numel() if mask is None else mask.sum())
            self.passes.append(inner(model, inputs, *rest, **options))
            return self.passes[-1]

        trainer.training_step = counted
        trainer.add_callback(self)

    def losses(self, accumulation: int) -> list[float]:
        """Of each step: its passes' losses are already divided by the tokens of the step."""
        each = [float(loss) for loss in self.passes]
        return [sum(each[start : start + accumulation]) for start in range(0, len(each), accumulation)]


def synchronise() -> None:
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def common_options(run: Run) -> dict[str, Any]:
    """Of SFTConfig, the same for everyone."""
    return {
        "output_dir": ".cache/bench", "max_steps": run.steps, "learning_rate": run.learning_rate, "lr_scheduler_type": "cosine",
        "bf16": DEVICE == "cuda", "use_cpu": DEVICE == "cpu", "logging_steps": run.steps, "report_to": [], "save_strategy": "no",
        "disable_tqdm": True, "seed": 0, "ddp_find_unused_parameters": False,
        "optim": run.optimizer if DEVICE == "cuda" else "adamw_torch",
    }  # fmt: skip


def peer_options(run: Run) -> dict[str, Any]:
    return {
        "per_device_train_batch_size": run.rows, "gradient_accumulation_steps": run.accumulation,
        "gradient_checkpointing": run.recompute, "dataloader_num_workers": 2 if DEVICE == "cuda" else 0,
    }  # fmt: skip


def timed(name: str, run: Run, trainer: Trainer) -> dict[str, Any]:
    clock = Clock(min(4, run.steps - 1))
    clock.count_steps_of(trainer)
    gc.collect()  # the model of the run before, where this process had one
    if DEVICE == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    trainer.train()
    seconds = clock.ended - clock.begun
    steps, tokens = run.steps - clock.warm, int(clock.tokens)
    peak = torch.cuda.max_memory_allocated() / 2**30 if DEVICE == "cuda" else 0.0
    reserved = torch.cuda.max_memory_reserved() / 2**30 if DEVICE == "cuda" else 0.0
    return {
        "run": name, "gpus": WORLD, "tokens_s": round(WORLD * tokens / seconds), "peak_gib": round(peak, 2),
        "reserved_gib": round(reserved, 2), "tokens_a_step": round(tokens / steps),
        "ms_a_step": round(1e3 * seconds / steps), "losses": [round(loss, 4) for loss in clock.losses(run.accumulation)[:6]],
        **asdict(run), "targets": len(run.targets),
    }  # fmt: skip


def report(name: str, measure: Callable[[], dict[str, Any]], *, first: bool = True) -> None:
    try:
        measured = measure()
        if first:
            print("RESULT " + json.dumps(measured), flush=True)
    except (RuntimeError, torch.OutOfMemoryError) as error:
        print(f"FAILED {name}: {str(error)[:300]}", flush=True)
