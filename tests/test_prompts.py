"""What the model is asked, taught and graded on must be one text. Templates are those of the models that recipes name."""

from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from stages.base_model import TEMPLATE, train_tokenizer
from stages.common.errors import InputError
from stages.common.prompts import IGNORED, prompt_ids, training_row
from stages.common.templates import TEMPLATES
from stages.params.base_model import Params
from stages.params.section import read_params

QUESTION, ANSWER = "How do I freeze my card?", "1. Open Cards.\n2. Tap Freeze."
EMBEDDED = Params.model_validate(read_params()["base_model"]).embedded.model_copy(update={"vocab_size": 300})
NO_PREFIX = "{% for message in messages %}{{ message['role'] if not add_generation_prompt else 'x' }}{% endfor %}"


def tokenizer(template: str) -> PreTrainedTokenizerFast:
    made = train_tokenizer([QUESTION, ANSWER], EMBEDDED)
    made.chat_template = template
    return made


@pytest.mark.parametrize("template", [TEMPLATE, *TEMPLATES.values()], ids=["embedded", *TEMPLATES])
@pytest.mark.parametrize("system", ["", "Be brief."])
def test_exactly_the_answer_and_its_end_are_trained(template: str, system: str) -> None:
    tok = tokenizer(template)
    prompt, row = prompt_ids(tok, QUESTION, system), training_row(tok, QUESTION, ANSWER, system)
    trained = [token for token in row.labels if token != IGNORED]
    assert row.input_ids[: len(prompt)] == prompt
    assert row.labels == [IGNORED] * len(prompt) + row.input_ids[len(prompt) :]
    assert tok.decode(trained).strip() == f"{ANSWER}</s>"
    assert trained[-1] == tok.eos_token_id
    assert row.input_ids.count(tok.bos_token_id) == 1
    assert system in tok.decode(prompt)


def test_the_mistral_template_begins_with_one_bos() -> None:
    assert prompt_ids(tokenizer(TEMPLATE), QUESTION, "").count(1) == 1


def test_a_template_whose_prompt_is_no_prefix_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be trained on"):
        training_row(tokenizer(NO_PREFIX), QUESTION, ANSWER, "")


def test_a_template_that_refuses_the_system_prompt_says_so() -> None:
    with pytest.raises(InputError, match="chat template refuses"):
        prompt_ids(tokenizer("{{ raise_exception('roles must alternate') }}"), QUESTION, "Be brief.")


def test_no_text_is_outside_the_vocabulary() -> None:
    tok: Any = tokenizer(TEMPLATE)
    for text in ("ユニコード 😀 \u0000", "Ünïcödé\n\ttabs", "12.345,67"):
        assert tok.decode(tok(text)["input_ids"]) == text
