"""The trainer of a run, ours or TRL's: the same model, adapter and rows, drawn from the same seed."""

from typing import Any

from peft import LoraConfig, PeftModel, get_peft_model
from transformers import MistralConfig
from trl import SFTConfig, SFTTrainer

from stages.common.models import make_deterministic
from stages.qlora_train.fast.model import trainer_options, with_adapter
from stages.qlora_train.fast.plan import Plan
from stages.qlora_train.trainer import Trainer
from tests.bench.runs import Run, dataset
from tests.bench.shape import build, tokenizer
from tests.bench.timed import common_options, peer_options


def plan_of(run: Run) -> Plan:
    return Plan(rows=run.rows, accumulation=run.accumulation, recompute=run.recompute, offload=run.offload, cache=run.cache)


def options(run: Run) -> dict[str, Any]:
    if run.peer == "ours":
        as_the_stage = {"logging_nan_inf_filter": False, "accelerator_config": {"non_blocking": True}}
        return {**trainer_options(plan_of(run)), **as_the_stage}
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
    adapted = with_adapter(model, lora, plan_of(run)) if run.peer == "ours" else get_peft_model(model, lora)
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
