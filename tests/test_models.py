"""The model stages, on a model made here: what is loaded, what is trained, and that the same run gives the same bytes."""

import json
import math
from pathlib import Path

import pytest
import torch
from peft import PeftModel

from stages.base_model import blocks, documents, embed, point, train_tokenizer
from stages.common.errors import InputError
from stages.common.models import Base, load_quantised, load_tokenizer, make_deterministic, read_base
from stages.common.records import Record
from stages.params.base_model import Embedded
from stages.params.base_model import Params as BaseParams
from stages.params.predict import Params as PredictParams
from stages.params.qlora_train import Params
from stages.params.section import read_params
from stages.predict import answers, load_model
from stages.qlora_train import curve, save_adapter, token_rows, trainer, with_adapter
from stages.recipe import apply
from tests.examples import row

TOPICS = ["card", "order", "course", "ticket", "router", "photo"]
ROWS: list[Record] = [
    row(
        f"r{n}",
        f"How do I change the {TOPICS[n % 6]} number {n}?",
        [f"Open {TOPICS[n % 6]} page {n} now.", "Tap Change.", "Tap Save."],
    )
    for n in range(24)
]
PREDICT = PredictParams(batch_size=8, max_new_tokens=12, repetition_penalty=1.0)


@pytest.fixture(scope="module")
def params() -> tuple[BaseParams, Params]:
    values = read_params()
    apply(values, read_params(Path("recipes/tiny.yaml")))
    tiny = values["qlora_train"] | {
        "epochs": 20.0,
        "batch_size": 4,
        "lora_r": 16,
        "lora_alpha": 64,
        "learning_rate": 0.01,
        "evaluations": 2,
        "lora_dropout": 0.1,
    }
    return BaseParams.model_validate(values["base_model"]), Params.model_validate(tiny)


@pytest.fixture(scope="module")
def base_folder(params: tuple[BaseParams, Params], tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("base") / "base"
    embed(ROWS, params[0], target)
    return target


def fine_tune(base_folder: Path, params: Params, target: Path) -> list[dict[str, float]]:
    base = read_base(base_folder)
    tokenizer = load_tokenizer(base)
    train = token_rows(ROWS, tokenizer, "", params).rows
    make_deterministic(params.seed)
    model = with_adapter(load_quantised(base), params)
    work = trainer(model, tokenizer, train, train[:4], params)
    work.train()
    save_adapter(model, target)
    return list(work.state.log_history)


def hashes(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_pretraining_text_says_nothing_about_which_sentence_answers_what() -> None:
    text = " ".join(documents(ROWS, 1))
    assert all(record.prompt in text for record in ROWS)
    assert "1. Open" not in text
    assert documents(ROWS, 1) == documents(ROWS[::-1], 1) != documents(ROWS, 2)


def test_too_little_text_for_one_block_is_an_error(params: tuple[BaseParams, Params]) -> None:
    tokenizer = train_tokenizer(["a b"], params[0].embedded)
    with pytest.raises(InputError, match="too little text"):
        blocks(["a b"], tokenizer, 64)


def test_the_embedded_base_is_the_same_bytes_again(
    params: tuple[BaseParams, Params], base_folder: Path, tmp_path: Path
) -> None:
    embed(ROWS, params[0], tmp_path / "again")
    assert hashes(tmp_path / "again") == hashes(base_folder)


def test_weights_that_changed_are_refused(base_folder: Path, params: tuple[BaseParams, Params], tmp_path: Path) -> None:
    embed(ROWS, params[0], tmp_path / "base")
    weights = tmp_path / "base" / "model" / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match="not those that base_model saw"):
        read_base(tmp_path / "base")


def test_a_local_model_is_pointed_to_and_loads(base_folder: Path, params: tuple[BaseParams, Params], tmp_path: Path) -> None:
    local = params[0].model_copy(update={"source": "local", "id": str(base_folder / "model")})
    point(local, tmp_path / "base")
    assert [path.name for path in (tmp_path / "base").iterdir()] == ["base.json"]
    assert load_quantised(read_base(tmp_path / "base")).num_parameters() > 0


def test_a_local_model_of_pickles_is_refused(params: tuple[BaseParams, Params], tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").touch()
    with pytest.raises(InputError, match=r"holds no \*\.safetensors"):
        point(params[0].model_copy(update={"source": "local", "id": str(tmp_path)}), tmp_path / "base")


def test_a_hub_model_is_loaded_at_its_commit_without_its_code() -> None:
    hub = Base(source="hub", path="owner/name", revision="a" * 40, weights_sha256="", system_prompt="")
    arguments = hub.load_arguments()
    assert (arguments["revision"], arguments["trust_remote_code"]) == ("a" * 40, False)


def test_the_base_is_in_nf4_with_double_quantisation(base_folder: Path) -> None:
    model = load_quantised(read_base(base_folder))
    layers = [module for module in model.modules() if type(module).__name__ == "Linear4bit"]
    assert len(layers) == 7
    assert all(layer.weight.quant_type == "nf4" and layer.weight.quant_state.nested for layer in layers)
    assert not any(layer.support_avx512bf16_for_cpu for layer in layers)


def test_training_lowers_the_loss_and_is_the_same_bytes_again(
    base_folder: Path, params: tuple[BaseParams, Params], tmp_path: Path
) -> None:
    history = fine_tune(base_folder, params[1], tmp_path / "one")
    fine_tune(base_folder, params[1], tmp_path / "two")
    losses = [entry["loss"] for entry in history if "loss" in entry]
    assert losses[-1] < losses[0] - 0.5
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")
    assert set(hashes(tmp_path / "one")) == {"adapter_config.json", "adapter_model.safetensors"}
    config = json.loads((tmp_path / "one" / "adapter_config.json").read_text())
    assert config["target_modules"] == sorted(config["target_modules"])
    assert curve(history, "eval_loss").startswith("step,loss\n")


def test_the_adapter_loads_in_plain_peft_and_changes_the_answers_of_one_code_path(
    base_folder: Path, params: tuple[BaseParams, Params], tmp_path: Path
) -> None:
    fine_tune(base_folder, params[1], tmp_path / "adapter")
    assert isinstance(PeftModel.from_pretrained(load_quantised(read_base(base_folder)), str(tmp_path / "adapter")), PeftModel)
    plain = answers(ROWS[:6], *load_model(base_folder, None), PREDICT)
    tuned = answers(ROWS[:6], *load_model(base_folder, tmp_path / "adapter"), PREDICT)
    assert [item.id for item in tuned] == [record.id for record in ROWS[:6]]
    assert [item.answer for item in tuned] != [item.answer for item in plain]
    assert all(item.tokens <= 12 and (item.truncated or item.tokens < 13) for item in tuned)


def test_trained_weights_are_fp32_after_trl_built_the_trainer(base_folder: Path, params: tuple[BaseParams, Params]) -> None:
    base = read_base(base_folder)
    tokenizer = load_tokenizer(base)
    rows = token_rows(ROWS, tokenizer, "", params[1]).rows
    model = with_adapter(load_quantised(base), params[1])
    trainer(model, tokenizer, rows, rows[:2], params[1])
    assert {parameter.dtype for parameter in model.parameters() if parameter.requires_grad} == {torch.float32}


def test_a_loss_that_is_no_number_ends_training_at_once(
    base_folder: Path, params: tuple[BaseParams, Params], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=r"(loss|grad_norm) is (nan|inf)"):
        fine_tune(
            base_folder,
            params[1].model_copy(update={"learning_rate": 0.999, "max_grad_norm": math.inf, "lora_alpha": 10**30}),
            tmp_path / "x",
        )
    assert not (tmp_path / "x").exists()


def test_a_row_that_does_not_fit_is_left_out_or_cut_and_counted(base_folder: Path, params: tuple[BaseParams, Params]) -> None:
    tokenizer = load_tokenizer(read_base(base_folder))
    longest = token_rows(ROWS, tokenizer, "", params[1]).longest
    short = params[1].model_copy(update={"max_seq_length": longest - 1})
    dropping = token_rows(ROWS, tokenizer, "", short.model_copy(update={"too_long": "drop"}))
    cutting = token_rows(ROWS, tokenizer, "", short.model_copy(update={"too_long": "truncate"}))
    assert 0 < len(dropping.rows) < len(ROWS) == len(dropping.rows) + dropping.dropped
    assert (len(cutting.rows), cutting.dropped, cutting.truncated) == (len(ROWS), 0, dropping.dropped)
    assert {row.labels[-1] for row in cutting.rows} == {tokenizer.eos_token_id}


def test_a_missing_adapter_and_a_missing_base_say_what_to_run(base_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run `dvc repro qlora_train`"):
        load_model(base_folder, tmp_path)
    with pytest.raises(InputError, match="run `dvc repro base_model`"):
        load_model(tmp_path, None)


def test_sizes_that_cannot_be_built_are_refused(params: tuple[BaseParams, Params]) -> None:
    values = params[0].embedded.model_dump()
    with pytest.raises(ValueError, match="multiple of heads"):
        Embedded.model_validate(values | {"heads": 3})
