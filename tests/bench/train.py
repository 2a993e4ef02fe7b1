"""`make bench-train`: the training rate on one GPU, ours beside its peers, in useful tokens a second.

A random model of the true shape: its speed and memory are the true ones, its losses mean nothing. The gates come first:
a path that computes something else is not timed. Each group of runs has its own process, since peers patch classes.

    python -m tests.bench.train                      gates, then every run
    python -m tests.bench.train RUN...               these runs alone, in this process
"""

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict, dataclass, replace
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import TrainerCallback
from trl import SFTConfig, SFTTrainer

from stages.common.models import make_deterministic
from stages.qlora_train.fast.model import trainer_options, with_adapter
from stages.qlora_train.fast.plan import Plan
from stages.qlora_train.trainer import Trainer
from tests.bench import gates
from tests.bench.shape import DEVICE, alpaca_like, build, mistral_7b, rows, tiny, tokenizer

ATTENTION = ["q_proj", "k_proj", "v_proj", "o_proj"]
ALL = [*ATTENTION, "gate_proj", "up_proj", "down_proj"]
LONGEST = 512
WORLD = int(os.environ.get("WORLD_SIZE", "1"))  # set by `accelerate launch` and `torchrun`
RANK = int(os.environ.get("LOCAL_RANK", "0"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    peer: str = "ours"  # ours | trl | trl_liger
    full: bool = False  # every row 512 tokens; else lengths as in alpaca
    rows: int = 32  # in one pass; of 512 tokens where packed
    accumulation: int = 1
    rank: int = 16
    dropout: float = 0.05
    targets: tuple[str, ...] = tuple(ALL)
    packed: bool = True
    recompute: bool = False
    offload: bool = False
    cache: bool = True
    cap_gb: float = 0  # of GPU memory, enforced; 0: none
    steps: int = 12
    optimizer: str = "paged_adamw_32bit"  # as the peers' runs


RECIPE = Run(rank=8, targets=tuple(ATTENTION), packed=False, rows=8, accumulation=1)  # zephyr: 4 x 2 rows
LEAN = Run(full=True, rows=8, dropout=0.0, recompute=True, cache=False)
RUNS = {
    "ours alpaca": Run(),
    "ours alpaca, 32 rows a step": Run(packed=False),
    "ours alpaca, fused AdamW": Run(optimizer="adamw_torch_fused"),
    "ours alpaca, fused AdamW, no dropout": Run(optimizer="adamw_torch_fused", dropout=0.0),
    "ours 512": Run(full=True, dropout=0.0),
    "ours 512, fused AdamW": Run(full=True, dropout=0.0, optimizer="adamw_torch_fused"),
    "ours 512, one batch over all GPUs": Run(full=True, dropout=0.0, rows=max(1, 32 // WORLD), optimizer="adamw_torch_fused"),
    "ours zephyr": RECIPE,
    "ours 8x512 recomputing": LEAN,
    "ours 8x512 lean": replace(LEAN, offload=True),
    "ours 8x512 under 8 GB": replace(LEAN, offload=True, cap_gb=8),
    "trl zephyr": replace(RECIPE, peer="trl", rows=4, accumulation=2, recompute=True),
    "trl alpaca": Run(peer="trl", rows=8, accumulation=4, packed=False, recompute=True),
    "trl+liger alpaca packed": Run(peer="trl_liger", rows=8, accumulation=4),
    "trl+liger 512": Run(peer="trl_liger", rows=8, accumulation=4, full=True, dropout=0.0, packed=False),
}


class Clock(TrainerCallback):
    """Seconds and useful tokens after the warm-up."""

    def __init__(self, warm: int) -> None:
        self.warm, self.tokens, self.begun, self.ended = warm, 0, 0.0, 0.0

    def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        if state.global_step == self.warm:
            synchronise()
            self.tokens, self.begun = 0, time.perf_counter()

    def on_train_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        synchronise()
        self.ended = time.perf_counter()


def synchronise() -> None:
    if DEVICE == "cuda":
        torch.cuda.synchronize()


def packed_rows(lengths: list[list[int]], bins: int) -> list[dict[str, Any]]:
    """First fit into `bins` rows of at most LONGEST tokens: what TRL's packing gives, without its map over a dataset."""
    made: list[list[list[int]]] = []
    for row in sorted(lengths, key=len, reverse=True):
        place = next((pack for pack in made if sum(map(len, pack)) + len(row) <= LONGEST), None)
        if place is None:
            made.append([row])
        else:
            place.append(row)
    flat = []
    for pack in made:
        ids = [token for row in pack for token in row]
        flat.append({"input_ids": ids, "labels": ids, "seq_lengths": [len(row) for row in pack]})
    return [row for row in flat if sum(row["seq_lengths"]) > LONGEST * 0.97][:bins]


def dataset(run: Run, vocabulary: int) -> Dataset:
    wanted = run.rows * run.accumulation * run.steps * WORLD
    if not run.packed or run.full:
        drawn = rows(wanted, vocabulary, (lambda _: LONGEST) if run.full else alpaca_like)
        flat = [{"input_ids": row, "labels": row} for row in drawn]
        return Dataset.from_list([{**row, "seq_lengths": [LONGEST]} for row in flat] if run.packed else flat)
    return Dataset.from_list(packed_rows(rows(int(wanted * 5.5), vocabulary, alpaca_like), wanted))


def arguments(run: Run) -> SFTConfig:
    plan = plan_of(run)
    common: dict[str, Any] = {
        "output_dir": ".cache/bench", "max_steps": run.steps, "learning_rate": 2e-4, "lr_scheduler_type": "cosine",
        "bf16": DEVICE == "cuda", "use_cpu": DEVICE == "cpu", "report_to": [], "save_strategy": "no",
        "dataset_kwargs": {"skip_prepare_dataset": True}, "disable_tqdm": True, "seed": 0, "ddp_find_unused_parameters": False,
        "optim": run.optimizer if DEVICE == "cuda" else "adamw_torch",
    }  # fmt: skip
    if run.peer == "ours":
        return SFTConfig(
            **common, **trainer_options(plan), logging_steps=run.steps, logging_nan_inf_filter=False,
            accelerator_config={"non_blocking": True},
        )  # fmt: skip
    return SFTConfig(
        **common, logging_steps=1, dataloader_num_workers=2 if DEVICE == "cuda" else 0, per_device_train_batch_size=run.rows, gradient_accumulation_steps=run.accumulation,
        gradient_checkpointing=run.recompute, use_liger_kernel=run.peer == "trl_liger", max_length=None,
        padding_free=run.packed,
    )  # fmt: skip


def plan_of(run: Run) -> Plan:
    return Plan(rows=run.rows, accumulation=run.accumulation, recompute=run.recompute, offload=run.offload, cache=run.cache)


def measure(name: str, run: Run, *, small: bool) -> dict[str, Any]:
    config = tiny() if small else mistral_7b()
    if run.cap_gb and DEVICE == "cuda":
        torch.cuda.set_per_process_memory_fraction(run.cap_gb * 1e9 / torch.cuda.get_device_properties(0).total_memory)
    if run.peer == "ours":
        make_deterministic(0)  # as the stage does
    model = build(config)
    lora = LoraConfig(
        r=run.rank, lora_alpha=32, lora_dropout=run.dropout, target_modules=list(run.targets), task_type="CAUSAL_LM"
    )
    adapted = with_adapter(model, lora, plan_of(run)) if run.peer == "ours" else get_peft_model(model, lora)
    clock = Clock(min(4, run.steps - 1))
    trainer = (Trainer if run.peer == "ours" else SFTTrainer)(
        model=adapted,
        args=arguments(run),
        train_dataset=dataset(run, config.vocab_size),
        processing_class=tokenizer(config.vocab_size),
        callbacks=[clock],
    )
    if run.peer == "ours":
        for parameter in adapted.parameters():
            parameter.data = parameter.data.float() if parameter.requires_grad else parameter.data
    inner, losses = trainer.training_step, []

    def counted(model: Any, inputs: dict[str, Any], *rest: Any, **options: Any) -> Any:
        mask = inputs.get("attention_mask")
        clock.tokens += inputs["input_ids"].numel() if mask is None else int(mask.sum())
        losses.append(inner(model, inputs, *rest, **options))
        return losses[-1]

    trainer.training_step = counted
    if DEVICE == "cuda":
        torch.cuda.reset_peak_memory_stats()
    trainer.train()
    seconds = clock.ended - clock.begun
    peak = torch.cuda.max_memory_allocated() / 2**30 if DEVICE == "cuda" else 0.0
    reserved = torch.cuda.max_memory_reserved() / 2**30 if DEVICE == "cuda" else 0.0
    return {
        "run": name, "gpus": WORLD, "tokens_s": round(WORLD * clock.tokens / seconds), "peak_gib": round(peak, 2), "reserved_gib": round(reserved, 2),
        "tokens_a_step": round(clock.tokens / (run.steps - clock.warm)), "ms_a_step": round(1e3 * seconds / (run.steps - clock.warm)),
        "losses": [round(float(loss), 4) for loss in losses[:6]], **asdict(run), "targets": len(run.targets),
    }  # fmt: skip


def report(name: str, *, small: bool) -> None:
    try:
        measured = measure(name, RUNS[name], small=small)
        if RANK == 0:
            print("RESULT " + json.dumps(measured), flush=True)
    except (RuntimeError, torch.OutOfMemoryError) as error:
        print(f"FAILED {name}: {str(error)[:300]}", flush=True)


def ceiling() -> None:
    """What the matrix products reach on this machine in this hour: cards of one kind differ by a tenth."""
    a, b = (torch.randn(8192, 8192, device=DEVICE, dtype=torch.bfloat16) for _ in range(2))
    for _ in range(20):
        a @ b
    synchronise()
    begun = time.perf_counter()
    for _ in range(200):
        a @ b
    synchronise()
    print(
        "RESULT " + json.dumps({"product_tflops": round(200 * 2 * 8192**3 / (time.perf_counter() - begun) / 1e12)}), flush=True
    )


def main() -> None:
    small = "--small" in sys.argv
    if DEVICE == "cuda":
        torch.cuda.set_device(RANK)
    names = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    if names:
        for name in names:
            report(name, small=small)
        return
    gates.main(small=small)
    if DEVICE == "cuda":
        ceiling()
        torch.cuda.empty_cache()
    for name in RUNS:
        subprocess.run([sys.executable, "-m", "tests.bench.train", name, *(["--small"] if small else [])], check=False)


if __name__ == "__main__":
    main()
