"""Begin a training, or go on with one that was cut short."""

from pathlib import Path

from peft import set_peft_model_state_dict
from safetensors.torch import load_file
from transformers import EarlyStoppingCallback, TrainerState

from stages.qlora_train.checkpoints import STATE, best_of, last_whole
from stages.qlora_train.trainer import Trainer


def train_to_end(work: Trainer, checkpoints: Path) -> None:
    """Train from the last whole checkpoint, if any; the model is then that of the best validation loss.

    With a base that is shared out the training begins anew: nobody has tried yet whether it would go on to the same bytes.
    """
    last = None if work.is_fsdp_enabled else last_whole(checkpoints)
    if last is None:
        work.train()
    elif has_ended(state := TrainerState.load_from_json(str(last / STATE)), work.args.max_steps):
        # Cut short after its last step, before its adapter was written: one more step would be one too many.
        work.state = state
        best = best_of(last) or last
        set_peft_model_state_dict(work.model, load_file(best / "adapter_model.safetensors"))
    else:
        work.train(resume_from_checkpoint=str(last))
    work.finite.look()


def has_ended(state: TrainerState, max_steps: int) -> bool:
    stopper = state.stateful_callbacks.get(EarlyStoppingCallback.__name__)
    if state.global_step >= max_steps or stopper is None:
        return bool(state.global_step >= max_steps)
    patience = stopper["args"]["early_stopping_patience"]
    return bool(stopper["attributes"]["early_stopping_patience_counter"] >= patience)
