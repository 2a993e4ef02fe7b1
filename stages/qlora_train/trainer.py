"""TRL's trainer with three rules of ours: weighted rows, nothing trained that is no number, checkpoints proven whole."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import EarlyStoppingCallback, PreTrainedTokenizerBase, PrinterCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer

from stages.common.errors import InputError
from stages.common.prompts import TokenRow
from stages.params.qlora_train import Params
from stages.qlora_train.checkpoints import prune, seal
from stages.qlora_train.rows import WEIGHT, Batches, dataset
from stages.qlora_train.sharding import load_adapter, whole, whole_adapter


class Trainer(SFTTrainer):
    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | None = None,
    ) -> Any:
        """TRL's loss, or that of weighted rows: sum of weight x loss over the tokens of the whole step, by their number."""
        weights = inputs.pop(WEIGHT, None)
        if weights is None:
            return super().compute_loss(model, inputs, return_outputs, num_items_in_batch)
        log_probs = model(**inputs, fused_lm_head=True).log_probs  # of the next token, 0 where none is trained
        tokens = (inputs["labels"][:, 1:] != -100).sum() if num_items_in_batch is None else num_items_in_batch
        # DDP averages gradients over processes, while num_items_in_batch counts the tokens of all of them.
        processes = 1 if num_items_in_batch is None else self.accelerator.num_processes
        return -(log_probs * weights[:, 1:]).sum() / tokens * processes

    def training_step(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        loss: torch.Tensor = super().training_step(*args, **kwargs)
        self.refuse_non_finite("loss", loss)
        return loss

    def refuse_non_finite(self, name: str, value: torch.Tensor | float) -> None:
        if not math.isfinite(value):
            raise InputError(
                f"qlora_train: {name} is {float(value)} at step {self.state.global_step + 1}; lower qlora_train.learning_rate"
            )

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        if self.is_fsdp_enabled:
            self._save(output_dir, state_dict=whole_adapter(self.model))
        else:
            super().save_model(output_dir, _internal_call)

    def _load_best_model(self) -> None:
        if self.is_fsdp_enabled:
            load_adapter(self.model, Path(self.state.best_model_checkpoint))
        else:
            super()._load_best_model()

    def _save_checkpoint(self, model: torch.nn.Module, trial: Any) -> None:
        super()._save_checkpoint(model, trial)
        self.accelerator.wait_for_everyone()  # each process saves its own random state
        if self.args.should_save:
            checkpoints = Path(self.args.output_dir)
            seal(checkpoints / f"checkpoint-{self.state.global_step}")
            prune(checkpoints)


class GradientCheck(TrainerCallback):
    """End before a gradient that is not a number reaches the weights."""

    def __init__(self, trainer: Trainer) -> None:
        self.trainer = trainer

    def on_pre_optimizer_step(self, *args: Any, model: torch.nn.Module, **kwargs: Any) -> None:
        if self.trainer.accelerator.scaler is not None:
            return  # fp16: the scaler skips such a step and lowers its scale, as it should
        gradients = [parameter.grad for parameter in model.parameters() if parameter.grad is not None]
        self.trainer.refuse_non_finite("the gradient", whole(torch.nn.utils.get_total_norm(gradients)))


def build_trainer(
    model: PeftModel,
    tokenizer: PreTrainedTokenizerBase,
    train: Sequence[TokenRow],
    weights: Sequence[float] | None,
    validation: Sequence[TokenRow],
    arguments: SFTConfig,
    params: Params,
    callbacks: Sequence[TrainerCallback],
) -> Trainer:
    built = Trainer(
        model=model,
        args=arguments,
        train_dataset=dataset(train, weights),
        eval_dataset=dataset(validation),
        data_collator=Batches(tokenizer.pad_token_id, packing=params.packing),
        processing_class=tokenizer,
        callbacks=list(callbacks),
    )
    built.remove_callback(PrinterCallback)
    built.add_callback(GradientCheck(built))
    if params.early_stopping_patience:
        built.add_callback(EarlyStoppingCallback(params.early_stopping_patience))
    # SFTTrainer casts a QLoRA adapter to bf16 when it is built, and a resumed run would go on in fp32.
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return built
