"""Who generates the answers: transformers, the engine, which must say the same, or an endpoint."""

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from torch.nn.init import normal_
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from stages.common.errors import InputError
from stages.common.models import load_quantised, load_tokenizer, make_deterministic, read_base
from stages.common.records import Record, json_lines, write_jsonl
from stages.params.section import check, read_params
from stages.predict import __main__ as stage
from stages.predict import engine
from stages.predict.__main__ import local_completions
from stages.predict.completion import Completion
from stages.predict.recorded import refuse_unread
from stages.qlora_train.adapter import with_adapter
from tests.endpoint import Request, endpoint
from tests.examples import row
from tests.tiny import PARAMS, PREDICT, ROWS

OPENAI = {
    "backend": "openai",
    "served": {"baseline": "plain", "finetuned": "tuned"},
    "repetition_penalty": 1.0,
    "max_new_tokens": 3,
}
QUESTIONS = [row(name, f"How do I {name}?") for name in ("pay", "move house today", "log in", "leave")]


Loaded = tuple[PreTrainedModel, PreTrainedTokenizerBase, str]


@pytest.fixture(scope="module")
def loaded(base_folder: Path) -> Loaded:
    """A base with a random adapter, and for its end of sequence a token that its answers hold early, late or not at all."""
    base = read_base(base_folder)
    make_deterministic(0)
    model = with_adapter(load_quantised(base), PARAMS).eval()
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            normal_(weight, std=0.2)
    tokenizer = load_tokenizer(base)
    rows = [tokenizer(found.text)["input_ids"] for found in answered((model, tokenizer, ""))]
    shared = Counter(token for row in rows for token in set(row))
    tokenizer.eos_token_id = max((token for token in shared if shared[token] < len(rows)), key=shared.__getitem__)
    return model, tokenizer, ""


@pytest.fixture(scope="module")
def generated(loaded: Loaded) -> dict[float, list[Completion]]:
    return {penalty: answered(loaded, repetition_penalty=penalty) for penalty in (1.0, 1.3)}


def answered(loaded: Loaded, **values: Any) -> list[Completion]:
    return local_completions(different_lengths(), *loaded, PREDICT.model_copy(update={"max_new_tokens": 24, **values}))


def different_lengths() -> list[Record]:
    longer = [row(f"long{n}", f"{record.prompt} And then the {'very ' * n}next one?") for n, record in enumerate(ROWS[:5])]
    return [*longer, *ROWS[:7]]


@pytest.mark.parametrize("penalty", [1.0, 1.3])
@pytest.mark.parametrize("at_work", [3, 32])
def test_the_engine_gives_the_answers_of_generate_whatever_the_rows_at_work(
    loaded: Loaded, generated: dict[float, list[Completion]], penalty: float, at_work: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "STRIDE", 2)  # so that the last rows at work move together
    found = answered(loaded, backend="engine", repetition_penalty=penalty, batch_size=at_work)
    assert found == generated[penalty]


def test_the_answers_compared_differ_in_text_in_length_and_by_penalty(generated: dict[float, list[Completion]]) -> None:
    assert generated[1.0] != generated[1.3]
    every = [completion for found in generated.values() for completion in found]
    assert {completion.truncated for completion in every} == {True, False}
    assert len({completion.tokens for completion in every}) > 3
    assert len({completion.text for completion in every}) > 6


def test_the_engine_refuses_what_it_would_compute_wrongly(base_folder: Path) -> None:
    model = load_quantised(read_base(base_folder))
    refuse_unread(model, 64)
    model.config.sliding_window = 63
    with pytest.raises(InputError, match=r"engine has no sliding window \(63 tokens\), a row has up to 64; use generate"):
        refuse_unread(model, 64)
    model.config.model_type = "llama"
    with pytest.raises(InputError, match="engine reads Mistral models, the base is 'llama'; use generate"):
        refuse_unread(model, 64)


@pytest.fixture
def project(base_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    params = read_params()
    params["predict"] |= OPENAI
    YAML().dump(params, tmp_path / "params.yaml")
    write_jsonl(tmp_path / "test.jsonl", QUESTIONS)
    (tmp_path / "base").symlink_to(base_folder)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def predict(adapter: Path | None = None, *, halved: bool = False) -> list[dict[str, Any]]:
    stage.main(Path("base"), Path("test.jsonl"), Path("answers.jsonl"), adapter, halved)
    return [line for _, line in json_lines(Path("answers.jsonl"))]


def echo(request: Request) -> str:
    return str(request["messages"][-1]["content"]).removeprefix("How do I ")


@pytest.mark.usefixtures("project")
def test_an_endpoint_answers_in_the_order_of_the_questions_and_says_which_it_cut() -> None:
    with endpoint(echo) as got:
        found = predict()
    assert [(line["id"], line["answer"], line["tokens"], line["truncated"]) for line in found] == [
        ("pay", "pay?", 1, False),
        ("move house today", "move house today?", 3, False),
        ("log in", "log in?", 2, False),
        ("leave", "leave?", 1, False),
    ]
    assert {(ask["path"], ask["key"], ask["model"], ask["temperature"], ask["max_tokens"]) for ask in got} == {
        ("/v1/chat/completions", "Bearer k", "plain", 0, 3)
    }
    with endpoint(lambda request: f"Well, {echo(request)}"):
        assert [(line["answer"], line["truncated"]) for line in predict()][:2] == [
            ("Well, pay?", False),
            ("Well, move house", True),
        ]


@pytest.mark.usefixtures("project")
def test_an_endpoint_is_asked_for_the_tuned_model_by_its_name_and_the_same_again_for_noise() -> None:
    with endpoint(echo) as got:
        predict(Path("models/adapter"))
    assert {request["model"] for request in got} == {"tuned"}
    with endpoint(echo) as whole:
        predict()
    with endpoint(echo) as halved:
        predict(halved=True)
    assert sorted(map(str, whole)) == sorted(map(str, halved))


@pytest.mark.usefixtures("project")
def test_an_endpoint_that_is_busy_is_asked_again() -> None:
    with endpoint(echo, fail=lambda count: 503 if count == 2 else 200) as got:
        assert [line["answer"] for line in predict()] == ["pay?", "move house today?", "log in?", "leave?"]
    assert len(got) == len(QUESTIONS) + 1


@pytest.mark.usefixtures("project")
def test_an_endpoint_that_is_missing_refuses_or_replies_with_something_else_is_a_clear_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    with pytest.raises(InputError, match="OPENAI_BASE_URL: must be the address of an endpoint"):
        predict()
    with endpoint(echo, fail=lambda _: 404), pytest.raises(InputError, match=r"/v1: status 404: .*busy"):
        predict()
    monkeypatch.setattr("tests.endpoint.completed", lambda *_: {"choices": []})
    with endpoint(echo), pytest.raises(InputError, match="not one of OpenAI's chat API: field 'usage': Field required"):
        predict()
    assert not Path("answers.jsonl").exists()


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"served": {"baseline": "plain", "finetuned": ""}}, "needs served.baseline and served.finetuned"),
        ({"repetition_penalty": 1.1}, "needs repetition_penalty 1: OpenAI's chat API has none"),
    ],
)
def test_an_endpoint_needs_two_names_and_no_penalty(values: dict[str, Any], message: str) -> None:
    params = read_params()
    params["predict"] |= OPENAI
    check(params)
    params["predict"] |= values
    with pytest.raises(InputError, match=message):
        check(params)
