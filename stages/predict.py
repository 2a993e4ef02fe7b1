"""Answer the test questions with the base model, with or without the adapter: one code path, one quantised base.

Reads the base, the adapter where one is given, and the test split; writes one answer a line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import torch
import typer
from peft import PeftModel
from rich.progress import track
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from stages.common.errors import InputError, run
from stages.common.models import load_quantised, load_tokenizer, make_deterministic, read_base
from stages.common.prompts import prompt_ids
from stages.common.records import Record, read_records, write_jsonl
from stages.params.predict import Params
from stages.params.section import load_params


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    id: str
    prompt: str
    answer: str
    tokens: int  # generated, the end of sequence included
    truncated: bool  # the answer reached max_new_tokens without ending


def load_model(base_folder: Path, adapter: Path | None) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, str]:
    """The quantised base, with the adapter where one is named, its tokenizer and its system prompt."""
    if adapter is not None and not (adapter / "adapter_config.json").exists():
        raise InputError(f"{adapter}: holds no adapter (adapter_config.json); run `dvc repro qlora_train`")
    base = read_base(base_folder)
    model = load_quantised(base)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, str(adapter))
    return model.eval(), load_tokenizer(base), base.system_prompt


def answers(
    records: Sequence[Record], model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, system: str, params: Params
) -> list[Prediction]:
    """Greedy answers in the order of the records, in batches of similar length to waste little on padding."""
    prompts = [prompt_ids(tokenizer, record.prompt, system) for record in records]
    order = sorted(range(len(records)), key=lambda row: (len(prompts[row]), records[row].id))
    batches = [order[start : start + params.batch_size] for start in range(0, len(order), params.batch_size)]
    found: dict[int, Prediction] = {}
    for batch in track(batches, "Answering"):
        for row, (text, tokens, truncated) in zip(
            batch, generate([prompts[row] for row in batch], model, tokenizer, params), strict=True
        ):
            record = records[row]
            found[row] = Prediction(id=record.id, prompt=record.prompt, answer=text, tokens=tokens, truncated=truncated)
    return [found[row] for row in range(len(records))]


@torch.inference_mode()
def generate(
    prompts: Sequence[Sequence[int]], model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, params: Params
) -> list[tuple[str, int, bool]]:
    """Complete each prompt; returns (text, tokens generated, whether it was cut off)."""
    width = max(map(len, prompts))
    pad = tokenizer.pad_token_id
    ids = torch.tensor([[pad] * (width - len(prompt)) + list(prompt) for prompt in prompts], device=model.device)
    mask = torch.tensor([[0] * (width - len(prompt)) + [1] * len(prompt) for prompt in prompts], device=model.device)
    output = model.generate(
        input_ids=ids,
        attention_mask=mask,
        max_new_tokens=params.max_new_tokens,
        repetition_penalty=params.repetition_penalty,
        do_sample=False,
        pad_token_id=pad,
        eos_token_id=tokenizer.eos_token_id,
    )
    results = []
    for row in output[:, width:].tolist():
        ended = tokenizer.eos_token_id in row
        kept = row[: row.index(tokenizer.eos_token_id) + 1] if ended else row
        results.append((tokenizer.decode(kept, skip_special_tokens=True).strip(), len(kept), not ended))
    return results


def main(
    base_folder: Annotated[Path, typer.Argument(help="Folder of the base model.")],
    test: Annotated[Path, typer.Argument(help="Test split, JSONL.")],
    target: Annotated[Path, typer.Argument(help="Answers, JSONL.")],
    adapter: Annotated[Path | None, typer.Option(help="Folder of the adapter; without it the base answers alone.")] = None,
    halved: Annotated[bool, typer.Option("--halved", help="Batches of half the size: what then differs is noise.")] = False,
) -> None:
    """Answer the test questions."""
    params = load_params("predict", Params)
    if halved:
        params = params.model_copy(update={"batch_size": max(1, params.batch_size // 2)})
    records = read_records(test)
    make_deterministic(0)  # nothing is drawn; the algorithms must not depend on the run either
    model, tokenizer, system = load_model(base_folder, adapter)
    write_jsonl(target, answers(records, model, tokenizer, system, params))


if __name__ == "__main__":
    run(main)
