"""What a person sees while training runs."""

import sys
import time
from typing import Any

import psutil
import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments


def say(message: str) -> None:
    print(f"qlora_train: {message}", file=sys.stderr, flush=True)


def memory() -> str:
    used = torch.cuda.max_memory_allocated() if torch.cuda.is_available() else psutil.Process().memory_info().rss
    return f"{used / 2**30:.1f} GiB"


class ProgressBar(TrainerCallback):
    """Steps, loss, useful tokens a second, memory and time left."""

    def __init__(self, tokens_a_step: float) -> None:
        self.tokens_a_step = tokens_a_step
        self.loss = "loss -"
        columns = (MofNCompleteColumn(), TextColumn("{task.fields[state]}"), TimeRemainingColumn())
        self.bar = Progress(TextColumn("Fine-tuning"), BarColumn(), *columns)

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        self.first, self.began = state.global_step, time.monotonic()
        self.task = self.bar.add_task("", total=state.max_steps, completed=state.global_step, state="")
        if state.is_world_process_zero:
            self.bar.start()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        rate = (state.global_step - self.first) * self.tokens_a_step / (time.monotonic() - self.began)
        shown = f"{self.loss} · {rate:,.0f} tokens/s · {memory()}"
        self.bar.update(self.task, completed=state.global_step, state=shown)

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        if "loss" in state.log_history[-1]:
            self.loss = f"loss {state.log_history[-1]['loss']:.3f}"

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        self.bar.stop()
