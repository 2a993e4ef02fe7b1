"""Answer the test questions with the base model, with or without the adapter: one code path, one quantised base.

Reads the base, the adapter where one is given, and the test split; writes one answer a line. Who generates the answers is
`predict.backend`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer
from peft import PeftModel
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from stages.common.errors import InputError, run
from stages.common.models import load_quantised, load_tokenizer, make_deterministic, read_base
from stages.common.prompts import prompt_ids
from stages.common.records import Record, read_records, write_jsonl
from stages.params.predict import Params
from stages.params.section import load_params
from stages.predict import batches, recorded, served
from stages.predict.completion import Completion


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    id: str
    prompt: str
    answer: str
    tokens: int
    truncated: bool


def load_model(base_folder: Path, adapter: Path | None) -> tuple[PreTrainedModel, PreTrainedTokenizerBase, str]:
    """The quantised base, with the adapter where one is named, its tokenizer and its system prompt."""
    if adapter is not None and not (adapter / "adapter_config.json").exists():
        raise InputError(f"{adapter}: holds no adapter (adapter_config.json); run `dvc repro qlora_train`")
    base = read_base(base_folder)
    model = load_quantised(base)
    if adapter is not None:
        model = PeftModel.from_pretrained(model, str(adapter))
    return model.eval(), load_tokenizer(base), base.system_prompt


def local_completions(
    records: Sequence[Record], model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, system: str, params: Params
) -> list[Completion]:
    """In the order of the records; worked on in the order of length, to waste little on padding."""
    complete = recorded.completions if params.backend == "engine" else batches.completions
    prompts = [prompt_ids(tokenizer, record.prompt, system) for record in records]
    order = sorted(range(len(records)), key=lambda row: (len(prompts[row]), records[row].id))
    found = dict(zip(order, complete([prompts[row] for row in order], model, tokenizer, params), strict=True))
    return [found[row] for row in range(len(records))]


def completions(records: Sequence[Record], base_folder: Path, adapter: Path | None, params: Params) -> list[Completion]:
    if params.backend != "openai":
        return local_completions(records, *load_model(base_folder, adapter), params)
    name = params.served.baseline if adapter is None else params.served.finetuned
    return served.completions([record.prompt for record in records], name, read_base(base_folder).system_prompt, params)


def prediction(record: Record, found: Completion) -> Prediction:
    return Prediction(id=record.id, prompt=record.prompt, answer=found.text, tokens=found.tokens, truncated=found.truncated)


def main(
    base_folder: Annotated[Path, typer.Argument(help="Folder of the base model.")],
    test: Annotated[Path, typer.Argument(help="Test split, JSONL.")],
    target: Annotated[Path, typer.Argument(help="Answers, JSONL.")],
    adapter: Annotated[Path | None, typer.Option(help="Folder of the adapter; without it the base answers alone.")] = None,
    halved: Annotated[bool, typer.Option("--halved", help="Half the rows at a time: what then differs is noise.")] = False,
) -> None:
    """Answer the test questions."""
    params = load_params("predict", Params)
    if halved:
        params = params.model_copy(update={"batch_size": max(1, params.batch_size // 2)})
    records = read_records(test)
    make_deterministic(0)  # nothing is drawn; the algorithms must not depend on the run either
    found = completions(records, base_folder, adapter, params)
    write_jsonl(target, (prediction(record, one) for record, one in zip(records, found, strict=True)))


if __name__ == "__main__":
    run(main)
