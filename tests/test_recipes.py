"""Each recipe, cut down to the embedded base: its template, its prompt and its way of training go through the same stages."""

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from safetensors.torch import load_file

from stages import fetch_alpaca
from stages.common.models import read_base, write_base
from stages.common.records import write_jsonl
from stages.params.section import check, read_params
from stages.predict import __main__ as predict
from stages.qlora_train import __main__ as qlora_train
from stages.recipe import apply
from tests.tiny import ROWS

RECIPES = sorted(path for path in Path("recipes").glob("*.yaml") if path.stem != "tiny")
SMALL = {"qlora_train": {"epochs": 1.0, "evaluations": 1, "frozen_layers": 0}, "predict": {"max_new_tokens": 4}}

# What each design asks for; a pair is a range.
ASKED: dict[str, dict[str, Any]] = {
    "mistral-7b-instruct-v0.1": {
        "base_model.id": "mistralai/Mistral-7B-Instruct-v0.1",
        "qlora_train.learning_rate": 2e-5,
        "qlora_train.batch_size": 8,
        "qlora_train.gradient_accumulation": 4,
        "qlora_train.epochs": (3, 5),
        "qlora_train.early_stopping_patience": (1, 10),
        "qlora_train.scheduler": "cosine",
        "qlora_train.max_seq_length": 512,
        "qlora_train.lora_dropout": (0.01, 0.5),
        "qlora_train.class_weighting": "balanced",
        "augment.oversample_factor": (2, 10),
        "qlora_train.frozen_layers": (1, 31),
        "split.validation": 0.1,
        "split.test": 0.1,
    },
    "mistral-7b-instruct-v0.2": {
        "base_model.id": "mistralai/Mistral-7B-Instruct-v0.2",
        "qlora_train.learning_rate": 2e-4,
        "qlora_train.optimizer": "adamw_torch",
        "qlora_train.lora_r": (16, 64),
        "qlora_train.epochs": (1, 3),
        "qlora_train.early_stopping_patience": (1, 10),
        "split.test": 0.15,
        "split.keep_assigned": False,
    },
    "mistral-7b-instruct-v0.3": {"base_model.id": "mistralai/Mistral-7B-Instruct-v0.3"},
    "zephyr-7b-alpaca": {
        "base_model.id": "HuggingFaceH4/zephyr-7b-beta",
        "base_model.system_prompt": "You are a helpful assistant. Please follow the instruction and provide a helpful response.",
        "base_model.precision": "fp16",
        "qlora_train.epochs": 1.0,
        "qlora_train.batch_size": 4,
        "qlora_train.gradient_accumulation": 2,
        "qlora_train.learning_rate": 2e-4,
        "qlora_train.optimizer": "paged_adamw_32bit",
        "qlora_train.lora_r": 8,
        "qlora_train.lora_alpha": 32,
        "qlora_train.lora_dropout": 0.05,
        "qlora_train.target_modules": ["q_proj", "k_proj", "v_proj", "o_proj"],
    },
    "lowercase": {"normalize.lowercase": True, "normalize.strip_punctuation": True},
    "stepwise-7b": {
        "base_model.id": "mistralai/Mistral-7B-Instruct-v0.3",
        "qlora_train.target_modules": ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
        "qlora_train.optimizer": "adamw_torch_fused",
    },
}


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_has_the_values_of_the_design_that_it_follows(recipe: Path) -> None:
    params = read_params()
    apply(params, read_params(recipe))
    check(params)
    for key, asked in ASKED[recipe.stem].items():
        section, name = key.split(".")
        value = params[section][name]
        assert asked[0] <= value <= asked[1] if isinstance(asked, tuple) else value == asked, key
    if recipe.stem == "mistral-7b-instruct-v0.2":
        assert params["qlora_train"]["lora_alpha"] == 2 * params["qlora_train"]["lora_r"]
    if recipe.stem == "zephyr-7b-alpaca":
        assert [source["path"] for source in params["ingest"]["sources"]] == ["data/raw/faqs/alpaca.jsonl"]


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_trains_and_answers(
    recipe: Path, base_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    params = read_params()
    apply(params, read_params(recipe))
    base = params["base_model"]
    apply(params, SMALL)
    monkeypatch.chdir(tmp_path)
    YAML().dump(params, Path("params.yaml"))
    shutil.copytree(base_folder, "base")
    described = replace(read_base(Path("base")), path="model", template=base["template"], precision=base["precision"])
    write_base(Path("base"), replace(described, system_prompt=base["system_prompt"]))
    write_jsonl(Path("rows.jsonl"), ROWS)
    Path("general").mkdir()
    Path("general/en.txt").write_text("The river was low.\n")

    outputs = (Path("adapter"), Path("train.json"), Path("plots"))
    qlora_train.main(Path("base"), Path("rows.jsonl"), Path("rows.jsonl"), Path("general"), *outputs)
    predict.main(Path("base"), Path("rows.jsonl"), Path("answers.jsonl"), adapter=Path("adapter"))

    said = capsys.readouterr().err
    tuned = params["qlora_train"]
    assert ("adamw_torch takes its place" in said) == tuned["optimizer"].startswith("paged_")
    assert ("fp16 needs a GPU; fp32 takes its place" in said) == (base["precision"] == "fp16")
    adapter = json.loads(Path("adapter/adapter_config.json").read_text())
    assert (adapter["r"], adapter["lora_alpha"], adapter["lora_dropout"]) == (
        tuned["lora_r"], tuned["lora_alpha"], tuned["lora_dropout"]
    )  # fmt: skip
    assert adapter["target_modules"] == sorted(tuned["target_modules"])
    weights = load_file("adapter/adapter_model.safetensors")
    assert any(weight.any() for name, weight in weights.items() if "lora_B" in name)
    figures = json.loads(Path("train.json").read_text())
    assert (figures["train_rows"], figures["batch_size"]) == (len(ROWS), tuned["batch_size"])
    assert len(Path("answers.jsonl").read_text().splitlines()) == len(ROWS)


def test_an_alpaca_row_is_its_instruction_with_its_input_below() -> None:
    bare = {"instruction": "Name a colour.", "input": "", "output": "Red."}
    assert fetch_alpaca.as_row(bare) == {"prompt": "Name a colour.", "response": "Red."}
    assert fetch_alpaca.as_row(bare | {"input": "Not blue."})["prompt"] == "Name a colour.\n\nNot blue."
