"""The trainer of a run, ours or TRL's: the same model, adapter and rows, drawn from the same seed."""

from typing import Any

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import MistralConfig
from trl import SFTConfig, SFTTrainer

from stages.common.models import make_deterministic
from stages.qlora_train.fast.layers import install
from stages.qlora_train.trainer import Trainer
from tests.bench.runs import Run, dataset
from tests.bench.shape import build, tokenizer
from tests.bench.timed import common_options, peer_options


def options(run: Run) -> dict[str, Any]:
    if run.peer == "ours":
        return {  # as the stage has them
            **peer_options(run), "dataloader_num_workers": 0, "per_device_eval_batch_size": run.rows,
            "gradient_checkpointing_kwargs": {"use_reentrant": False}, "activation_offloading": run.offload,
            "padding_free": True, "max_length": None, "logging_nan_inf_filter": False,
            "accelerator_config": {"non_blocking": True},
        }  # fmt: skip
    return {
        **peer_options(run), "use_liger_kernel": run.peer == "trl_liger", "max_length": None, "padding_free": run.packed,
    }  # fmt: skip


def trainer(run: Run, config: MistralConfig) -> SFTTrainer:
    if run.peer == "ours":
        make_deterministic(0)  # as the stage does
    model = build(config)
    lora = LoraConfig(
        r=run.rank, lora_alpha=32, lora_dropout=run.dropout, target_modules=list(run.targets), task_type="CAUSAL_LM"
    )
    adapted = get_peft_model(model.requires_grad_(False) if run.peer == "ours" else model, lora)
    if run.peer == "ours":
        install(adapted, cache=run.cache)
    made = (Trainer if run.peer == "ours" else SFTTrainer)(
        model=adapted,
        args=SFTConfig(**common_options(run), **options(run), dataset_kwargs={"skip_prepare_dataset": True}),
        train_dataset=dataset(run, config.vocab_size),
        processing_class=tokenizer(config.vocab_size),
    )
    if run.peer == "ours":
        raise_adapter(adapted)
    return made


def raise_adapter(model: PeftModel) -> None:
    """To fp32: TRL has rounded it to bf16."""
    for parameter in model.parameters():
        parameter.data = parameter.data.float() if parameter.requires_grad else parameter.data
