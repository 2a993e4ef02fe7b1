"""Fine-tune the 4-bit base with LoRA on the answers of the training split (QLoRA, Dettmers et al. 2023).

Reads the base, train, validation and some general text; writes the adapter, the training figures and the two loss curves.
The adapter is that of the best validation loss. The same inputs give the same bytes, also after a kill at any moment.
"""

import gc
import shutil
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
import typer
from peft import PeftModel
from transformers import PreTrainedTokenizerBase, TrainerState

from stages.common.errors import InputError, run
from stages.common.files import write_text
from stages.common.metrics import write_metrics
from stages.common.models import Base, load_quantised, load_tokenizer, make_deterministic, read_base
from stages.params.qlora_train import Params
from stages.params.section import load_params
from stages.qlora_train.adapter import save_adapter
from stages.qlora_train.alone import alone, die_with_parent
from stages.qlora_train.card import card
from stages.qlora_train.config import products, training_arguments
from stages.qlora_train.data import Data, read_data
from stages.qlora_train.forgetting import mean_loss, perplexity
from stages.qlora_train.memory import BatchSize, is_out_of_memory, share
from stages.qlora_train.path import prepared
from stages.qlora_train.place import Inputs, checkpoints_of, workspace_lock
from stages.qlora_train.processes import spread, this_process
from stages.qlora_train.progress import ProgressBar, say
from stages.qlora_train.report import curve, figures
from stages.qlora_train.resume import train_to_end
from stages.qlora_train.sharding import refuse_what_cannot_be_shared, shareable, whole_adapter
from stages.qlora_train.tracking import trackers
from stages.qlora_train.trainer import build_trainer
from stages.qlora_train.watch import LogAtSave, LossWatchdog


@dataclass(frozen=True, slots=True)
class Trained:
    model: PeftModel
    weights: dict[str, torch.Tensor]  # of the adapter
    parameters: tuple[int, int]  # trained, and all
    state: TrainerState
    size: BatchSize
    perplexity_before: float
    perplexity_after: float


def train(
    base: Base, tokenizer: PreTrainedTokenizerBase, data: Data, params: Params, size: BatchSize, checkpoints: Path
) -> Trained:
    """One training from its start, or its last checkpoint, to its end, at one batch size."""
    refuse_what_cannot_be_shared(params)
    make_deterministic(params.seed)
    rows, unseen = data.train.rows, data.validation.rows
    loaded = load_quantised(base)
    if params.sharding == "fsdp":
        shareable(loaded, base.compute_dtype())
    ready = prepared(loaded, params, size, [len(row.input_ids) for row in rows])
    model = ready.model
    parameters = model.get_nb_trainable_parameters()
    pad = tokenizer.pad_token_id
    before = perplexity(mean_loss(model, data.general, pad, size.rows))
    start = mean_loss(model, unseen, pad, size.rows)
    rows_a_step = params.batch_size * params.gradient_accumulation
    bar = ProgressBar(rows_a_step * sum(len(row.input_ids) for row in rows) / len(rows))
    callbacks = [
        LossWatchdog(start, params.watchdog_factor, params.watchdog_patience),
        LogAtSave(),
        *trackers(params.report_to),
        bar,
    ]
    arguments = training_arguments(ready.params, len(rows), ready.size, products(base), checkpoints)
    arguments.activation_offloading = ready.offload
    work = build_trainer(model, tokenizer, rows, data.weights, unseen, arguments, ready.params, callbacks)
    try:
        train_to_end(work, checkpoints)
    finally:
        bar.stop()
    after = perplexity(mean_loss(model, data.general, pad, size.rows))
    return Trained(model, whole_adapter(model), parameters, work.state, ready.size, before, after)


def train_in_memory(base: Base, tokenizer: PreTrainedTokenizerBase, data: Data, params: Params, checkpoints: Path) -> Trained:
    """Train; where memory runs out, go on from the last checkpoint in smaller passes, more of them to a step."""
    processes = this_process().num_processes
    size = share(params.batch_size, params.gradient_accumulation, processes)
    while True:
        try:
            return train(base, tokenizer, data, params, size, checkpoints)
        except RuntimeError as error:
            if not is_out_of_memory(error):
                raise
        if processes > 1:
            raise InputError("qlora_train: out of memory; halve batch_size and double gradient_accumulation")
        size = size.smaller()
        say(f"out of memory; going on with at most {size.rows} rows a pass")
        gc.collect()
        torch.cuda.empty_cache()


def main(
    base_folder: Annotated[Path, typer.Argument(help="Folder of the base model.")],
    train_file: Annotated[Path, typer.Argument(help="Training split, JSONL.")],
    validation_file: Annotated[Path, typer.Argument(help="Validation split, JSONL.")],
    general: Annotated[Path, typer.Argument(help="Folder of general text (*.txt), to see what was forgotten.")],
    target: Annotated[Path, typer.Argument(help="Folder for the adapter.")],
    report: Annotated[Path, typer.Argument(help="Training figures, JSON.")],
    curves: Annotated[Path, typer.Argument(help="Folder for the loss curves, CSV.")],
) -> None:
    """Train the QLoRA adapter."""
    params = load_params("qlora_train", Params)
    die_with_parent()
    spread(params.devices)
    inputs = Inputs(base_folder, train_file, validation_file, general)
    base = read_base(base_folder)
    checkpoints = checkpoints_of(inputs, params)
    with ExitStack() as locks:
        if this_process().is_main_process:
            locks.enter_context(alone(workspace_lock()))
            locks.enter_context(alone(checkpoints / "lock"))
        tokenizer = load_tokenizer(base)
        data = read_data(inputs, tokenizer, base.system_prompt, params)
        done = train_in_memory(base, tokenizer, data, params, checkpoints)
        if this_process().is_main_process:
            write(done, data, inputs, base, params, target, report, curves)
            shutil.rmtree(checkpoints, ignore_errors=True)


def write(
    done: Trained, data: Data, inputs: Inputs, base: Base, params: Params, target: Path, report: Path, curves: Path
) -> None:
    results = {
        "train_rows": len(data.train.rows),
        "validation_rows": len(data.validation.rows),
        "rows_too_long_dropped": data.train.dropped + data.validation.dropped,
        "rows_truncated": data.train.truncated + data.validation.truncated,
        "longest_row": max(data.train.longest, data.validation.longest),
        "batch_size": done.size.rows,
        "gradient_accumulation": done.size.passes,
        "general_perplexity_before": done.perplexity_before,
        "general_perplexity_after": done.perplexity_after,
        **dict(figures(done.state, *done.parameters)),
    }
    save_adapter(done.model, target, card(base, params, inputs, results), done.weights)
    for name, key in (("train_loss", "loss"), ("validation_loss", "eval_loss")):
        write_text(curves / f"{name}.csv", curve(done.state.log_history, key))
    write_metrics(report, results)


if __name__ == "__main__":
    run(main)
