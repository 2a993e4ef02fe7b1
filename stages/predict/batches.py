"""Backend `generate`: transformers' own generation, batch after batch. Any model, any machine."""

from collections.abc import Sequence

import torch
from rich.progress import track
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from stages.params.predict import Params
from stages.predict.completion import Completion


def completions(
    prompts: Sequence[Sequence[int]], model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, params: Params
) -> list[Completion]:
    batches = [prompts[start : start + params.batch_size] for start in range(0, len(prompts), params.batch_size)]
    return [found for batch in track(batches, "Answering") for found in generate(batch, model, tokenizer, params)]


@torch.inference_mode()
def generate(
    prompts: Sequence[Sequence[int]], model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, params: Params
) -> list[Completion]:
    """Complete one batch of prompts."""
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
    return [Completion.of(row, tokenizer) for row in output[:, width:].tolist()]
