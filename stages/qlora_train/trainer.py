"""TRL's trainer with three rules of ours: weighted rows, nothing trained that is no number, checkpoints proven whole."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from peft import PeftModel
from transformers import EarlyStoppingCallback, PreTrainedTokenizerBase, PrinterCallback, TrainerCallback
from transformers.trainer_utils import EvalLoopOutput
from trl import SFTConfig, SFTTrainer

from stages.common.errors import InputError
from stages.common.prompts import IGNORED, TokenRow
from stages.params.qlora_train import Params
from stages.qlora_train.checkpoints import own_fault, prune, seal
from stages.qlora_train.finite import Finite
from stages.qlora_train.rows import WEIGHT, Batches, dataset
from stages.qlora_train.sharding import load_adapter, whole, whole_adapter


class Trainer(SFTTrainer):
    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.finite = Finite()

    def compute_loss(
        self,
        model: torch.nn.Module,
        inputs: dict[str, torch.Tensor | Any],
        return_outputs: bool = False,
        num_items_in_batch: torch.Tensor | int | None = None,
    ) -> torch.Tensor:
        """Sum of weight x loss over the tokens of the whole step, by their number.

        TRL's own also counts entropy and accuracy, for each of which the GPU waits.
        """
        weights = inputs.pop(WEIGHT, None)
        log_probs = model(**inputs, fused_lm_head=True).log_probs  # of the next token, 0 where none is trained
        weighted = log_probs if weights is None else log_probs * weights[:, 1:]
        loss: torch.Tensor = -weighted.sum()
        if num_items_in_batch is None:  # evaluation
            tokens = (inputs["labels"][:, 1:] != IGNORED).sum()
            self.evaluated += torch.stack([loss, tokens])
            return loss / tokens
        # DDP averages gradients over processes, while num_items_in_batch counts the tokens of all of them.
        processes: int = self.accelerator.num_processes
        return loss / num_items_in_batch * processes

    def evaluation_loop(self, *args: Any, **kwargs: Any) -> EvalLoopOutput:
        """The mean over trained tokens, whatever rows make a pass; Trainer's own is one over passes."""
        self.evaluated = torch.zeros(2, device=self.args.device)
        output = super().evaluation_loop(*args, **kwargs)
        loss, tokens = self.accelerator.reduce(self.evaluated).tolist()
        output.metrics["eval_loss"] = loss / tokens
        return output

    def training_step(self, *args: Any, **kwargs: Any) -> torch.Tensor:
        loss: torch.Tensor = super().training_step(*args, **kwargs)
        self.finite.watch("loss", self.state.global_step + 1, loss)
        return loss

    def _get_grad_norm(self, model: torch.nn.Module, grad_norm: Any = None) -> Any:
        norm = super()._get_grad_norm(model, grad_norm)
        # fp16: the scaler skips a step that is no number and lowers its scale, which helps as long as it enlarges.
        if self.accelerator.scaler is None or self.accelerator.scaler.get_scale() < 1:
            self.finite.watch("the gradient", self.state.global_step + 1, whole(torch.as_tensor(norm)))
        return norm

    def floating_point_ops(self, inputs: dict[str, Any]) -> int:
        return 0  # nobody reads it, and it walks over all modules at every step

    def save_model(self, output_dir: str | None = None, _internal_call: bool = False) -> None:
        if self.is_fsdp_enabled:
            self._save(output_dir, state_dict=whole_adapter(self.model))
        else:
            super().save_model(output_dir, _internal_call)

    def _load_best_model(self) -> None:
        best = Path(self.state.best_model_checkpoint)
        if self.args.should_save and (wrong := own_fault(best)):  # Trainer would go on with the last weights
            raise InputError(f"{best}: it is the best so far and {wrong}; run the stage again")
        if self.is_fsdp_enabled:
            load_adapter(self.model, best)
        else:
            super()._load_best_model()

    def _save_checkpoint(self, model: torch.nn.Module, trial: Any) -> None:
        self.finite.look()
        super()._save_checkpoint(model, trial)
        self.accelerator.wait_for_everyone()  # each process saves its own random state
        if self.args.should_save:
            checkpoints = Path(self.args.output_dir)
            seal(checkpoints / f"checkpoint-{self.state.global_step}")
            prune(checkpoints)


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
    if params.early_stopping_patience:
        built.add_callback(EarlyStoppingCallback(params.early_stopping_patience))
    # SFTTrainer casts a QLoRA adapter to bf16 when it is built, and a resumed run would go on in fp32.
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return built
