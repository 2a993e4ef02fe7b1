"""Callbacks that end a training which has gone wrong, or keep its record whole."""

import math
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from stages.common.errors import InputError


class LossWatchdog(TrainerCallback):
    """End a training whose validation loss stays far above where it began."""

    def __init__(self, start: float, factor: float, patience: int) -> None:
        self.start, self.limit, self.patience = start, start * factor, patience

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        # From the history, which a resumed run has too.
        losses = [entry["eval_loss"] for entry in state.log_history if "eval_loss" in entry]
        if not math.isfinite(losses[-1]):
            raise InputError(f"qlora_train: the validation loss is {losses[-1]} at step {state.global_step}")
        last = losses[-self.patience :]
        if len(last) == self.patience and min(last) > self.limit:
            raise InputError(
                f"qlora_train: the validation loss was {self.start:.2f} before training and is over {self.limit:.2f} in "
                f"{self.patience} evaluations ({', '.join(f'{loss:.2f}' for loss in last)}); lower qlora_train.learning_rate"
            )


class LogAtSave(TrainerCallback):
    """Close the running mean of the loss at each checkpoint: a resumed run draws the same curve."""

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        control.should_log |= control.should_save
