"""The one rendering of a question, and of a question with its answer, into tokens.

Training, prediction and export go through here: a model is asked exactly as it was taught.
"""

from dataclasses import dataclass

from jinja2 import TemplateError
from transformers import PreTrainedTokenizerBase

from stages.common.errors import InputError

IGNORED = -100  # the label of a token that is not trained on


@dataclass(frozen=True, slots=True)
class TokenRow:
    input_ids: list[int]
    labels: list[int]


def prompt_ids(tokenizer: PreTrainedTokenizerBase, question: str, system: str) -> list[int]:
    """The question in the base model's own chat template, up to where the answer begins; one BOS."""
    return rendered(tokenizer, messages(question, system), generation=True)


def training_row(tokenizer: PreTrainedTokenizerBase, question: str, answer: str, system: str) -> TokenRow:
    """The whole conversation; only the answer and its end of sequence carry labels."""
    prompt = prompt_ids(tokenizer, question, system)
    turns = [*messages(question, system), {"role": "assistant", "content": answer}]
    whole = rendered(tokenizer, turns, generation=False)
    if whole[: len(prompt)] != prompt:
        raise InputError("the chat template does not begin a conversation with its own prompt: it cannot be trained on")
    if whole[-1] != tokenizer.eos_token_id:
        # Templates that end a turn with a line break (Zephyr) would train that in place of the end.
        end = (
            len(whole) - whole[::-1].index(tokenizer.eos_token_id)
            if tokenizer.eos_token_id in whole[len(prompt) :]
            else len(whole)
        )
        whole = whole[:end] if end < len(whole) else [*whole, tokenizer.eos_token_id]
    return TokenRow(whole, [IGNORED] * len(prompt) + whole[len(prompt) :])


def messages(question: str, system: str) -> list[dict[str, str]]:
    turns = [{"role": "user", "content": question}]
    return [{"role": "system", "content": system}, *turns] if system else turns


def rendered(tokenizer: PreTrainedTokenizerBase, turns: list[dict[str, str]], *, generation: bool) -> list[int]:
    try:
        text = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=generation)
    except TemplateError as error:
        raise InputError(f"the base model's chat template refuses the conversation: {error}") from None
    ids = list(tokenizer(text, add_special_tokens=False)["input_ids"])
    # Mistral's template writes BOS itself, Zephyr's leaves it to the tokenizer.
    bos = tokenizer.bos_token_id
    return ids if bos is None or ids[:1] == [bos] else [bos, *ids]
