from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from stages.common.errors import InputError
from stages.params.evaluate import Params
from stages.params.section import check, load_params, read_params
from stages.recipe import apply


@pytest.mark.parametrize(
    ("section", "key", "value", "message"),
    [
        ("qlora_train", "learning_rte", 0.1, "unknown key 'qlora_train.learning_rte'; did you mean 'learning_rate'?"),
        ("qlora_train", "learning_rate", "fast", "params.yaml: qlora_train.learning_rate: Input should be a valid number"),
        ("qlora_train", "learning_rate", -1, "qlora_train.learning_rate: Input should be greater than 0, got -1"),
        ("qlora_train", "max_grad_norm", float("inf"), "qlora_train.max_grad_norm: Input should be a finite number, got inf"),
        ("qlora_train", "lora_r", "64", "qlora_train.lora_r: Input should be a valid integer, got '64'"),
        ("qlora_train", "lora_r", True, "qlora_train.lora_r: Input should be a valid integer, got True"),
        ("qlora_train", "seed", 2**32, "qlora_train.seed: Input should be less than 4294967296, got 4294967296"),
        ("qlora_train", "scheduler", "cosin", "qlora_train.scheduler: Input should be 'cosine'"),
        ("split", "test", 0.9, "split.test: Input should be less than 0.5"),
        ("predict", "batch_size", 0, "predict.batch_size"),
        ("evaluate", "candidate", "fine-tuned", "evaluate.candidate: Input should be 'finetuned' or 'baseline'"),
        (
            "evaluate",
            "headline",
            ["steps.ordr"],
            "'steps.ordr' is no metric of an answer's quality, or stands twice; did you mean",
        ),
    ],
)
def test_a_wrong_value_anywhere_stops_any_stage_with_a_message_that_helps(
    section: str, key: str, value: Any, message: str
) -> None:
    params = read_params()
    params[section][key] = value
    with pytest.raises(InputError) as error:
        check(params)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"packing": True, "neftune_alpha": 5.0}, "neftune_alpha needs packing false"),
        ({"sharding": "fsdp", "optimizer": "paged_adamw_8bit"}, "sharding fsdp cannot save the states of paged_adamw_8bit"),
    ],
)
def test_ways_of_training_that_do_not_go_together_are_refused(values: dict[str, Any], message: str) -> None:
    params = read_params()
    params["qlora_train"] |= values
    with pytest.raises(InputError, match=f"params.yaml: qlora_train: Value error, {message}"):
        check(params)


@pytest.mark.parametrize(
    ("fill", "message"),
    [
        ({"register": "neutral"}, "ingest.sources.0.fill: Value error, register: Input should be 'formal' or 'informal', got 'neutral'"),
        ({"domain": "Customer Care"}, "domain: String should match pattern '^[a-z0-9_]+$', got 'Customer Care'"),
    ],
)  # fmt: skip
def test_a_label_that_no_row_may_have_is_refused_before_every_row_is(fill: dict[str, str], message: str) -> None:
    params = read_params()
    params["ingest"]["sources"][0]["fill"] = fill
    with pytest.raises(InputError) as error:
        check(params)
    assert message in str(error.value)


def test_an_unknown_section_is_refused_with_the_nearest_name() -> None:
    with pytest.raises(InputError, match="unknown section 'qlora_trian'; did you mean 'qlora_train'"):
        check({**read_params(), "qlora_trian": {}})


def test_a_missing_section_and_a_missing_key_are_named() -> None:
    params = read_params()
    del params["split"]["seed"]
    with pytest.raises(InputError, match=r"split\.seed: Field required"):
        check(params)
    del params["split"]
    with pytest.raises(InputError, match="section 'split' is missing"):
        check(params)


def test_numbers_are_read_as_dvc_reads_them(tmp_path: Path) -> None:
    file = tmp_path / "params.yaml"
    file.write_text("a: {rate: 2e-4}\n", encoding="utf-8")
    assert read_params(file) == {"a": {"rate": 2e-4}}


def test_no_schema_has_a_default_that_a_params_diff_could_not_see() -> None:
    load_params("evaluate", Params)
    for file in Path("stages/params").glob("[a-z]*.py"):
        if file.stem != "section":
            fields = import_module(f"stages.params.{file.stem}").Params.model_fields
            assert all(field.is_required() for field in fields.values()), file


@pytest.mark.parametrize("recipe", sorted(Path("recipes").glob("*.yaml")), ids=lambda path: path.stem)
def test_every_recipe_changes_something_and_leaves_valid_params(recipe: Path) -> None:
    params = read_params()
    changed = apply(params, read_params(recipe))
    assert changed
    check(params)


@pytest.mark.parametrize(("key", "named"), [("tst", r"no key 'split\.tst'; did you mean 'test'"), (1, r"no key 'split\.1'")])
def test_a_recipe_with_an_unknown_key_is_refused(key: Any, named: str) -> None:
    with pytest.raises(InputError, match=named):
        apply(read_params(), {"split": {key: 0.2}})


def test_a_recipe_empties_a_mapping() -> None:
    params = read_params()
    assert apply(params, {"normalize": {"semantic_group": {}}}) == ["normalize.semantic_group: {'en': 0.85} -> {}"]
    assert params["normalize"]["semantic_group"] == {}


def test_the_parameters_of_the_base_are_pinned_on_the_hub(tmp_path: Path) -> None:
    params = YAML(typ="safe").load(Path("params.yaml"))
    params["base_model"] |= {"source": "hub", "id": "owner/name", "revision": ""}
    with pytest.raises(InputError, match="needs a revision"):
        check(params)
