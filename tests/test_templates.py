"""Our chat templates against the models' own, on the models' own vocabularies: byte for byte, and token for token."""

import json
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import mistral_common
import pytest
from mistral_common.protocol.instruct.messages import AssistantMessage, SystemMessage, UserMessage
from mistral_common.protocol.instruct.normalize import InstructRequestNormalizer
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
from transformers import AutoTokenizer

from stages.common.prompts import IGNORED, messages, prompt_ids, training_row
from stages.common.templates import TEMPLATES
from stages.normalize.faults import fault

REFERENCE = {"mistral-v0.2": MistralTokenizer.v1, "mistral-v0.3": MistralTokenizer.v3}
VOCABULARY = {
    "mistral-v0.2": "tokenizer.model.v1",
    "mistral-v0.3": "mistral_instruct_tokenizer_240323.model.v3",
    "zephyr": "tokenizer.model.v1",  # Zephyr is a Mistral v0.1
}
# As zephyr-7b-beta publishes it.
ZEPHYR = (
    "{% for message in messages %}\n{% if message['role'] == 'user' %}\n{{ '<|user|>\n' + message['content'] + eos_token }}\n"
    "{% elif message['role'] == 'system' %}\n{{ '<|system|>\n' + message['content'] + eos_token }}\n"
    "{% elif message['role'] == 'assistant' %}\n{{ '<|assistant|>\n'  + message['content'] + eos_token }}\n{% endif %}\n"
    "{% if loop.last and add_generation_prompt %}\n{{ '<|assistant|>' }}\n{% endif %}\n{% endfor %}"
)
ROWS = [
    (row["prompt"].strip(), row["output"].strip())
    for row in map(json.loads, Path("data/raw/faqs/telecom.jsonl").read_text(encoding="utf-8").splitlines())
    # A question that holds a model's control tokens is kept aside before training.
    if row["prompt"].strip() and row["output"].strip() and "INST]" not in row["prompt"]
][:200]
SYSTEMS = ["", "You are a helpful assistant. Please follow the instruction and provide a helpful response."]


@pytest.fixture(scope="module", params=TEMPLATES)
def model(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Any]:
    """The name of a template, and the true vocabulary of its model."""
    folder = tmp_path_factory.mktemp("tokenizer")
    shutil.copy(Path(mistral_common.__file__).parent / "data" / VOCABULARY[request.param], folder / "tokenizer.model")
    (folder / "tokenizer_config.json").write_text('{"tokenizer_class": "LlamaTokenizer", "legacy": false}')
    tokenizer = AutoTokenizer.from_pretrained(folder)
    tokenizer.chat_template = TEMPLATES[request.param]
    return request.param, tokenizer


@cache
def reference(name: str) -> Any:
    return REFERENCE[name]().instruct_tokenizer


def mistral(name: str, question: str, system: str, answer: str | None) -> Any:
    """What Mistral's own library makes of a conversation: its tokens, and its text with marks for spaces and bytes."""
    turns = [SystemMessage(content=system)] if system else []
    turns += [UserMessage(content=question)] + ([] if answer is None else [AssistantMessage(content=answer)])
    request = InstructRequestNormalizer.normalizer().from_chat_completion_request(ChatCompletionRequest(messages=turns))
    return reference(name).encode_instruct(request)


def plain(text: str) -> str:
    def decoded(run: re.Match[str]) -> str:
        return bytes(int(byte, 16) for byte in re.findall("<0x(..)>", run[0])).decode()

    return re.sub("(<0x..>)+", decoded, text.replace("▁", " "))


def stock(tokenizer: Any, name: str, question: str, system: str, answer: str | None) -> str:
    if name in REFERENCE:
        return plain(mistral(name, question, system, answer).text)
    turns = messages(question, system) + ([] if answer is None else [{"role": "assistant", "content": answer}])
    return str(tokenizer.apply_chat_template(turns, chat_template=ZEPHYR, tokenize=False, add_generation_prompt=answer is None))


@pytest.mark.parametrize("system", SYSTEMS, ids=["alone", "system"])
def test_a_template_renders_the_bytes_of_the_models_own(model: tuple[str, Any], system: str) -> None:
    name, tokenizer = model
    assert len(ROWS) == 200
    for question, answer in ROWS:
        turns = messages(question, system)
        whole = [*turns, {"role": "assistant", "content": answer}]
        ours = tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        assert ours == stock(tokenizer, name, question, system, None)
        assert tokenizer.apply_chat_template(whole, tokenize=False) == stock(tokenizer, name, question, system, answer)


def test_a_row_that_holds_a_control_token_of_the_model_is_kept_aside_by_cleaning(model: tuple[str, Any]) -> None:
    for token in model[1].all_special_tokens:
        assert fault("How do I pay?", f"1. Tap {token} now.\n2. Go.") == "control_token", token
    assert fault("How do I pay?", "1. Tap [img] now.\n2. Go.") is None  # a forum's picture


@pytest.mark.parametrize("system", SYSTEMS, ids=["alone", "system"])
def test_the_answer_and_its_end_are_trained_and_nothing_else(model: tuple[str, Any], system: str) -> None:
    name, tokenizer = model
    for question, answer in ROWS:
        prompt, row = prompt_ids(tokenizer, question, system), training_row(tokenizer, question, answer, system)
        trained = [token for token in row.labels if token != IGNORED]
        assert tokenizer.decode(trained) == f"{answer}</s>"
        assert row.input_ids == prompt + trained
        assert row.labels[: len(prompt)] == [IGNORED] * len(prompt)
        assert row.input_ids.count(tokenizer.bos_token_id) == 1
        if name in REFERENCE:
            assert prompt == mistral(name, question, system, None).tokens
            assert row.input_ids == mistral(name, question, system, answer).tokens
