"""Each recipe, cut down to the embedded base: its template, its prompt and its way of training go through the same stages."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from stages import fetch_alpaca, predict
from stages.common.models import read_base, write_base
from stages.common.records import write_jsonl
from stages.params.section import read_params
from stages.qlora_train import __main__ as qlora_train
from stages.recipe import apply
from tests.tiny import ROWS

RECIPES = sorted(path for path in Path("recipes").glob("*.yaml") if path.stem != "tiny")
SMALL = {"qlora_train": {"epochs": 1.0, "evaluations": 1, "frozen_layers": 0}, "predict": {"max_new_tokens": 4}}


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
    figures = json.loads(Path("train.json").read_text())
    assert (figures["train_rows"], figures["batch_size"]) == (len(ROWS), tuned["batch_size"])
    assert len(Path("answers.jsonl").read_text().splitlines()) == len(ROWS)


def test_an_alpaca_row_is_its_instruction_with_its_input_below() -> None:
    bare = {"instruction": "Name a colour.", "input": "", "output": "Red."}
    assert fetch_alpaca.as_row(bare) == {"prompt": "Name a colour.", "response": "Red."}
    assert fetch_alpaca.as_row(bare | {"input": "Not blue."})["prompt"] == "Name a colour.\n\nNot blue."
