"""Fine-tune the 4-bit base with LoRA on the answers of the training split (QLoRA, Dettmers et al. 2023).

Reads the base, train and validation; writes the adapter, the training figures and the two loss curves. The adapter is
that of the best validation loss. The same inputs give the same bytes.
"""

import fcntl
import json
import math
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from datasets import Dataset
from peft import LoraConfig, PeftModel, get_peft_model, prepare_model_for_kbit_training
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from transformers import (
    EarlyStoppingCallback,
    PreTrainedModel,
    PreTrainedTokenizerBase,
    PrinterCallback,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
)
from trl import SFTConfig, SFTTrainer

from stages.common.errors import InputError, run
from stages.common.files import whole_folder, write_text
from stages.common.lengths import Fitted, fitted
from stages.common.metrics import write_metrics
from stages.common.models import compute_dtype, load_quantised, load_tokenizer, make_deterministic, read_base
from stages.common.prompts import TokenRow, training_row
from stages.common.records import Record, read_records
from stages.params.qlora_train import Params
from stages.params.section import load_params

CHECKPOINTS = Path(".cache/qlora_train")


class NonFiniteLoss(TrainerCallback):
    """End at the first loss or gradient that is not a number: left alone, training goes on to save NaN weights."""

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        for name in ("loss", "grad_norm", "eval_loss"):
            value = state.log_history[-1].get(name)
            if value is not None and not math.isfinite(value):
                raise InputError(f"qlora_train: {name} is {value} at step {state.global_step}; lower qlora_train.learning_rate")


class ProgressBar(TrainerCallback):
    """Steps, loss and time left."""

    def __init__(self) -> None:
        self.loss = "-"
        self.bar = Progress(
            TextColumn("Fine-tuning"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[loss]}"),
            TimeRemainingColumn(),
        )

    def on_train_begin(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        self.task = self.bar.add_task("", total=state.max_steps, loss="")
        self.bar.start()

    def on_step_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        self.bar.update(self.task, completed=state.global_step, loss=self.loss)

    def on_log(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        if "loss" in state.log_history[-1]:
            self.loss = f"loss {state.log_history[-1]['loss']:.3f}"

    def on_train_end(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: Any) -> None:
        self.bar.stop()


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the checkpoint folder's lock: a killed `dvc` leaves its child training, and a second one would mix with it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_suffix(".lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InputError(f"{lock.name}: another training is running here; wait for it or end it") from None
        yield


def lora_config(params: Params) -> LoraConfig:
    return LoraConfig(
        task_type="CAUSAL_LM",
        r=params.lora_r,
        lora_alpha=params.lora_alpha,
        lora_dropout=params.lora_dropout,
        target_modules=sorted(params.target_modules),
        bias="none",
    )


def training_arguments(params: Params, rows: int) -> SFTConfig:
    steps = max(1, math.ceil(params.epochs * rows / (params.batch_size * params.gradient_accumulation)))
    every = max(1, steps // params.evaluations)
    on_gpu = torch.cuda.is_available()
    return SFTConfig(
        output_dir=str(CHECKPOINTS),
        seed=params.seed,
        data_seed=params.seed,
        max_steps=steps,
        per_device_train_batch_size=params.batch_size,
        per_device_eval_batch_size=params.batch_size,
        gradient_accumulation_steps=params.gradient_accumulation,
        learning_rate=params.learning_rate,
        lr_scheduler_type=params.scheduler,
        warmup_steps=math.ceil(params.warmup * steps),
        weight_decay=params.weight_decay,
        max_grad_norm=params.max_grad_norm,
        optim=params.optimizer,
        gradient_checkpointing=params.gradient_checkpointing,
        max_length=params.max_seq_length,
        dataset_kwargs={"skip_prepare_dataset": True},
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        save_only_model=True,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        greater_is_better=False,
        logging_steps=max(1, steps // 50),
        logging_nan_inf_filter=False,
        report_to=[],
        disable_tqdm=True,
        use_cpu=not on_gpu,
        bf16=on_gpu and compute_dtype() == torch.bfloat16,
        fp16=on_gpu and compute_dtype() == torch.float16,
    )


def token_rows(records: Sequence[Record], tokenizer: PreTrainedTokenizerBase, system: str, params: Params) -> Fitted:
    return fitted(
        records,
        lambda question, answer: training_row(tokenizer, question, answer, system),
        params.max_seq_length,
        params.too_long,
    )


def dataset(rows: Sequence[TokenRow]) -> Dataset:
    return Dataset.from_dict({"input_ids": [row.input_ids for row in rows], "labels": [row.labels for row in rows]})


def with_adapter(model: PreTrainedModel, params: Params) -> PeftModel:
    prepared = prepare_model_for_kbit_training(
        model,
        use_gradient_checkpointing=params.gradient_checkpointing,
        gradient_checkpointing_kwargs={"use_reentrant": False},
    )
    return get_peft_model(prepared, lora_config(params))


def trainer(
    model: PeftModel,
    tokenizer: PreTrainedTokenizerBase,
    train: Sequence[TokenRow],
    validation: Sequence[TokenRow],
    params: Params,
) -> SFTTrainer:
    built = SFTTrainer(
        model=model,
        args=training_arguments(params, len(train)),
        train_dataset=dataset(train),
        eval_dataset=dataset(validation),
        processing_class=tokenizer,
        callbacks=[NonFiniteLoss(), ProgressBar()],
    )
    built.remove_callback(PrinterCallback)
    if params.early_stopping_patience:
        built.add_callback(EarlyStoppingCallback(params.early_stopping_patience))
    # SFTTrainer casts a QLoRA adapter to bf16 when it is built, and a resumed run would go on in fp32.
    for parameter in model.parameters():
        if parameter.requires_grad:
            parameter.data = parameter.data.float()
    return built


def save_adapter(model: PeftModel, target: Path) -> None:
    """Weights and configuration only, in an order of their own: the same training gives the same bytes."""
    with whole_folder(target) as folder:
        model.save_pretrained(folder, safe_serialization=True)
        (folder / "README.md").unlink(missing_ok=True)
        config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
        config["target_modules"] = sorted(config["target_modules"])
        write_text(folder / "adapter_config.json", json.dumps(config, indent=2, sort_keys=True) + "\n")


def curve(history: Sequence[dict[str, float]], key: str) -> str:
    """A loss curve as CSV for `dvc plots`: nats a trained token, by step."""
    points = [(int(entry["step"]), entry[key]) for entry in history if key in entry]
    return "step,loss\n" + "".join(f"{step},{loss:.4f}\n" for step, loss in points)


def lengths(train: Fitted, validation: Fitted) -> dict[str, int]:
    return {
        "rows_too_long_dropped": train.dropped + validation.dropped,
        "rows_truncated": train.truncated + validation.truncated,
        "longest_row": max(train.longest, validation.longest),
    }


def figures(state: TrainerState, model: PeftModel) -> Iterator[tuple[str, float]]:
    trained, total = model.get_nb_trainable_parameters()
    yield "steps", state.global_step
    yield "trainable_parameters", trained
    yield "trainable_share", trained / total
    yield "best_validation_loss", float(state.best_metric or math.inf)
    yield "best_step", state.best_global_step or state.global_step


def main(
    base_folder: Annotated[Path, typer.Argument(help="Folder of the base model.")],
    train_file: Annotated[Path, typer.Argument(help="Training split, JSONL.")],
    validation_file: Annotated[Path, typer.Argument(help="Validation split, JSONL.")],
    target: Annotated[Path, typer.Argument(help="Folder for the adapter.")],
    report: Annotated[Path, typer.Argument(help="Training figures, JSON.")],
    curves: Annotated[Path, typer.Argument(help="Folder for the loss curves, CSV.")],
) -> None:
    """Train the QLoRA adapter."""
    params = load_params("qlora_train", Params)
    with alone(CHECKPOINTS):
        fine_tune(params, base_folder, train_file, validation_file, target, report, curves)


def fine_tune(
    params: Params, base_folder: Path, train_file: Path, validation_file: Path, target: Path, report: Path, curves: Path
) -> None:
    base = read_base(base_folder)
    tokenizer = load_tokenizer(base)
    train = token_rows(read_records(train_file), tokenizer, base.system_prompt, params)
    validation = token_rows(read_records(validation_file), tokenizer, base.system_prompt, params)
    if not train.rows or not validation.rows:
        raise InputError(f"qlora_train.max_seq_length: no row fits into {params.max_seq_length} tokens")
    make_deterministic(params.seed)
    model = with_adapter(load_quantised(base), params)
    shutil.rmtree(CHECKPOINTS, ignore_errors=True)
    work = trainer(model, tokenizer, train.rows, validation.rows, params)
    try:
        work.train()
    except torch.OutOfMemoryError:
        raise InputError("qlora_train: out of GPU memory; halve batch_size and double gradient_accumulation") from None
    save_adapter(model, target)
    for name, key in (("train_loss", "loss"), ("validation_loss", "eval_loss")):
        write_text(curves / f"{name}.csv", curve(work.state.log_history, key))
    rows = {"train_rows": len(train.rows), "validation_rows": len(validation.rows)}
    write_metrics(report, {**rows, **lengths(train, validation), **dict(figures(work.state, model))})
    shutil.rmtree(CHECKPOINTS, ignore_errors=True)


if __name__ == "__main__":
    run(main)
