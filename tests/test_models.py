"""The base model, on one made here: what is loaded and what is refused, and one code path with and without the adapter."""

import shutil
from pathlib import Path

import pytest
from peft import PeftModel

from stages.base_model import blocks, documents, embed, point, train_tokenizer
from stages.common.errors import InputError
from stages.common.models import Base, load_quantised, read_base
from stages.params.base_model import Embedded
from stages.predict.__main__ import load_model, local_completions
from stages.qlora_train.adapter import save_adapter
from tests.tiny import BASE, PREDICT, ROWS, fine_tune, hashes


def test_pretraining_text_says_nothing_about_which_sentence_answers_what() -> None:
    text = " ".join(documents(ROWS, 1))
    assert all(record.prompt in text for record in ROWS)
    assert "1. Open" not in text
    assert documents(ROWS, 1) == documents(ROWS[::-1], 1) != documents(ROWS, 2)


def test_too_little_text_for_one_block_is_an_error() -> None:
    tokenizer = train_tokenizer(["a b"], BASE.embedded)
    with pytest.raises(InputError, match="too little text"):
        blocks(["a b"], tokenizer, 64)


def test_the_embedded_base_is_the_same_bytes_again(base_folder: Path, tmp_path: Path) -> None:
    embed(ROWS, BASE, tmp_path / "again")
    assert hashes(tmp_path / "again") == hashes(base_folder)


@pytest.mark.parametrize("name", ["model.safetensors", "chat_template.jinja"])
def test_a_model_that_changed_is_refused(base_folder: Path, tmp_path: Path, name: str) -> None:
    shutil.copytree(base_folder, tmp_path / "base")
    file = tmp_path / "base" / "model" / name
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with pytest.raises(InputError, match="not the one that base_model saw"):
        read_base(tmp_path / "base")


def test_a_local_model_is_pointed_to_and_loads(base_folder: Path, tmp_path: Path) -> None:
    local = BASE.model_copy(update={"source": "local", "id": str(base_folder / "model")})
    point(local, tmp_path / "base")
    assert [path.name for path in (tmp_path / "base").iterdir()] == ["base.json"]
    assert load_quantised(read_base(tmp_path / "base")).num_parameters() > 0


def test_a_local_model_of_pickles_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pytorch_model.bin").touch()
    with pytest.raises(InputError, match=r"holds no \*\.safetensors"):
        point(BASE.model_copy(update={"source": "local", "id": str(tmp_path)}), tmp_path / "base")


def test_a_hub_model_that_is_named_by_its_address_is_refused_before_the_network_is_asked(tmp_path: Path) -> None:
    hub = BASE.model_copy(update={"source": "hub", "id": "https://huggingface.co/owner/name", "revision": "a" * 40})
    with pytest.raises(InputError, match=r"base_model\.id: must be owner/name"):
        point(hub, tmp_path / "base")


def test_a_hub_model_is_loaded_at_its_commit_without_its_code() -> None:
    hub = Base(source="hub", path="owner/name", revision="a" * 40, sha256="", system_prompt="")
    arguments = hub.load_arguments()
    assert (arguments["revision"], arguments["trust_remote_code"]) == ("a" * 40, False)


def test_the_base_is_in_nf4_with_double_quantisation(base_folder: Path) -> None:
    model = load_quantised(read_base(base_folder))
    layers = [module for module in model.modules() if type(module).__name__ == "Linear4bit"]
    assert len(layers) == 7
    assert all(layer.weight.quant_type == "nf4" and layer.weight.quant_state.nested for layer in layers)
    assert not any(layer.support_avx512bf16_for_cpu for layer in layers)


def test_the_adapter_loads_in_plain_peft_and_changes_the_answers_of_one_code_path(base_folder: Path, tmp_path: Path) -> None:
    save_adapter(fine_tune(base_folder, tmp_path / "checkpoints").model, tmp_path / "adapter", "card")
    assert isinstance(PeftModel.from_pretrained(load_quantised(read_base(base_folder)), str(tmp_path / "adapter")), PeftModel)
    plain = local_completions(ROWS[:6], *load_model(base_folder, None), PREDICT)
    tuned = local_completions(ROWS[:6], *load_model(base_folder, tmp_path / "adapter"), PREDICT)
    assert [item.text for item in tuned] != [item.text for item in plain]
    assert all(item.tokens <= 12 for item in tuned)


def test_a_missing_adapter_and_a_missing_base_say_what_to_run(base_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="run `dvc repro qlora_train`"):
        load_model(base_folder, tmp_path)
    with pytest.raises(InputError, match="run `dvc repro base_model`"):
        load_model(tmp_path, None)


def test_sizes_that_cannot_be_built_are_refused() -> None:
    values = BASE.embedded.model_dump()
    with pytest.raises(ValueError, match="multiple of heads"):
        Embedded.model_validate(values | {"heads": 3})
