"""What PEFT and TRL are told, from params.yaml."""

import math
from pathlib import Path

import torch
from peft import LoraConfig
from trl import SFTConfig

from stages.common.models import Base
from stages.params.qlora_train import Params
from stages.qlora_train.memory import BatchSize
from stages.qlora_train.progress import say
from stages.qlora_train.sharding import trainer_options


def lora_config(params: Params, layers: int) -> LoraConfig:
    """The adapter of a model of `layers` layers; the first `frozen_layers` of them get none."""
    return LoraConfig(
        task_type="CAUSAL_LM",
        r=params.lora_r,
        lora_alpha=params.lora_alpha,
        lora_dropout=params.lora_dropout,
        use_rslora=params.rank_stabilised,
        target_modules=sorted(params.target_modules),
        layers_to_transform=list(range(params.frozen_layers, layers)) if params.frozen_layers else None,
        bias="none",
    )


def steps_of(params: Params, rows: int) -> int:
    """The last step of an epoch takes the rows that are left, however few."""
    return math.ceil(params.epochs * math.ceil(rows / (params.batch_size * params.gradient_accumulation)))


def optimizer(params: Params) -> str:
    """The paged optimisers live on a GPU; elsewhere the same update in plain memory takes their place."""
    if params.optimizer.startswith("paged_") and not torch.cuda.is_available():
        say(f"{params.optimizer} needs a GPU; adamw_torch takes its place")
        return "adamw_torch"
    return params.optimizer


def products(base: Base) -> torch.dtype:
    dtype = base.compute_dtype()
    if base.precision != "auto" and not torch.cuda.is_available():
        say(f"{base.precision} needs a GPU; fp32 takes its place")
    return dtype


def training_arguments(params: Params, rows: int, size: BatchSize, dtype: torch.dtype, checkpoints: Path) -> SFTConfig:
    steps = steps_of(params, rows)
    every = max(1, steps // params.evaluations)
    return SFTConfig(
        output_dir=str(checkpoints),
        seed=params.seed,
        data_seed=params.seed,
        max_steps=steps,
        per_device_train_batch_size=size.rows,
        per_device_eval_batch_size=size.rows,
        gradient_accumulation_steps=size.passes,
        learning_rate=params.learning_rate,
        lr_scheduler_type=params.scheduler,
        warmup_steps=min(math.ceil(params.warmup * steps), steps - 1),  # its first step trains nothing
        weight_decay=params.weight_decay,
        max_grad_norm=params.max_grad_norm,
        optim=optimizer(params),
        neftune_noise_alpha=params.neftune_alpha or None,
        gradient_checkpointing=params.gradient_checkpointing,
        max_length=params.max_seq_length,
        dataset_kwargs={"skip_prepare_dataset": True},
        remove_unused_columns=False,
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        restore_callback_states_from_checkpoint=True,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        greater_is_better=False,
        logging_steps=max(1, steps // 50),
        logging_nan_inf_filter=False,
        accelerator_config={"non_blocking": torch.cuda.is_available()},  # the next batch travels to the GPU while it works
        report_to=[],
        disable_tqdm=True,
        use_cpu=not torch.cuda.is_available(),
        bf16=dtype == torch.bfloat16,
        fp16=dtype == torch.float16,
        **trainer_options(params),
    )
