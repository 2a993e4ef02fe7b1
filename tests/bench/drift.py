"""`make bench-drift`: how far the model moves from the one that was trained when it is changed for speed.

As trained: the 4-bit base with the unmerged adapter, which every published score comes from. Beside it, on the test questions
of the last `dvc repro`: the engine of `predict.backend: engine`, and the adapter merged into dequantised weights (fp32, and
rounded to bf16) or into 4-bit ones. Only the engine can be chosen in params; no stage merges.
"""

import copy
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any

import torch
import typer
from peft import PeftModel
from torch.nn.functional import kl_div
from transformers import PreTrainedTokenizerBase

from stages.common.models import load_quantised, make_deterministic, read_base
from stages.common.prompts import prompt_ids
from stages.common.records import read_records
from stages.params.predict import Params
from stages.params.section import load_params
from stages.predict import batches, recorded
from stages.predict.__main__ import load_model
from stages.predict.completion import Completion

Rows = Sequence[Sequence[int]]  # token ids
Logs = list[torch.Tensor]  # for each row, log-probabilities (tokens of its answer, vocabulary)


def dequantised(base_folder: Path, adapter: Path, dtype: torch.dtype) -> Any:
    """The adapter folded in fp32 into the weights that its 4-bit base stands for, then rounded to `dtype`."""
    plain = load_quantised(read_base(base_folder)).dequantize().float()
    return PeftModel.from_pretrained(plain, str(adapter)).merge_and_unload().to(dtype).eval()


def quantised_again(base_folder: Path, adapter: Path) -> Any:
    """The adapter folded into the weights, which are then cut to 4 bits once more: PEFT's merge of a 4-bit model."""
    return PeftModel.from_pretrained(load_quantised(read_base(base_folder)), str(adapter)).merge_and_unload().eval()


@torch.inference_mode()
def distributions(model: Any, prompts: Rows, answers: Rows) -> Logs:
    """What the model expects at each token of an answer that is given."""
    found = []
    for prompt, answer in zip(prompts, answers, strict=True):
        logits = model(input_ids=torch.tensor([[*prompt, *answer]])).logits[0, len(prompt) - 1 : -1]
        found.append(logits.float().log_softmax(-1))
    return found


def drift(expected: Logs, found: Logs) -> dict[str, float]:
    """Of the next token, over every token of every answer."""
    one, other = torch.cat(expected), torch.cat(found)
    return {
        "kl_nats": round(float(kl_div(other, one, log_target=True, reduction="batchmean")), 6),
        "same_token": round(float((one.argmax(-1) == other.argmax(-1)).float().mean()), 4),
    }


def same_answers(expected: Sequence[Completion], found: Sequence[Completion]) -> int:
    return sum(one.text == other.text for one, other in zip(expected, found, strict=True))


def tokens_of(found: Sequence[Completion], tokenizer: PreTrainedTokenizerBase) -> Rows:
    return [tokenizer(one.text, add_special_tokens=False)["input_ids"] for one in found]


def main(
    base_folder: Annotated[Path, typer.Option(help="Folder of the base model.")] = Path("models/base"),
    adapter: Annotated[Path, typer.Option(help="Folder of the adapter.")] = Path("models/adapter"),
    test: Annotated[Path, typer.Option(help="Test split, JSONL.")] = Path("data/splits/test.jsonl"),
) -> None:
    """Print a line for each changed model."""
    params = load_params("predict", Params)
    make_deterministic(0)
    model, tokenizer, system = load_model(base_folder, adapter)
    prompts = sorted((prompt_ids(tokenizer, record.prompt, system) for record in read_records(test)), key=len)
    expected = batches.completions(prompts, model, tokenizer, params)
    answers = tokens_of(expected, tokenizer)
    trained = distributions(model, prompts, answers)

    def tell(name: str, found: Sequence[Completion], **more: float) -> None:
        line = {"model": name, "same_answers": same_answers(expected, found), "answers": len(prompts), **more}
        print("RESULT " + json.dumps(line), flush=True)

    tell("engine", recorded.completions(prompts, copy.deepcopy(model), tokenizer, params))
    merged: dict[str, Callable[[], Any]] = {
        "merged into dequantised weights, fp32": lambda: dequantised(base_folder, adapter, torch.float32),
        "merged into dequantised weights, bf16": lambda: dequantised(base_folder, adapter, torch.bfloat16),
        "merged into 4-bit weights": lambda: quantised_again(base_folder, adapter),
    }
    for name, load in merged.items():
        other = load()
        found = batches.completions(prompts, other, tokenizer, params)
        tell(name, found, **drift(trained, distributions(other, prompts, answers)))


if __name__ == "__main__":
    typer.run(main)
