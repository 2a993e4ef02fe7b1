"""Backend `engine`: recorded steps, rows replaced as they end. For Mistral models on a CUDA GPU; a CPU gains nothing by it."""

from collections.abc import Sequence

from transformers import PreTrainedModel, PreTrainedTokenizerBase

from stages.common.errors import InputError
from stages.params.predict import Params
from stages.predict.completion import Completion
from stages.predict.engine import Engine


def completions(
    prompts: Sequence[Sequence[int]], model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, params: Params
) -> list[Completion]:
    longest = max(map(len, prompts))
    refuse_unread(model, longest + params.max_new_tokens)
    engine = Engine.of(
        model,
        slots=min(params.batch_size, len(prompts)),
        longest_prompt=longest,
        longest_answer=params.max_new_tokens,
        eos=tokenizer.eos_token_id,
        penalty=params.repetition_penalty,
    )
    rows = engine.answers(prompts, [params.max_new_tokens] * len(prompts))
    return [Completion.of(row, tokenizer) for row in rows]


def refuse_unread(model: PreTrainedModel, tokens: int) -> None:
    """The engine reads the layers itself: what it does not know it would compute wrongly, without a word."""
    if model.config.model_type != "mistral":
        raise InputError(f"predict.backend: engine reads Mistral models, the base is '{model.config.model_type}'; use generate")
    window = model.config.sliding_window
    if window is not None and tokens > window:
        raise InputError(
            f"predict.backend: engine has no sliding window ({window} tokens), a row has up to {tokens}; use generate"
        )
