"""What is published asks as it was taught, and says what it is."""

from pathlib import Path

import pytest
from transformers import AutoTokenizer

from stages import export
from stages.common.errors import InputError
from stages.common.models import load_tokenizer, read_base
from stages.common.prompts import prompt_ids, training_row
from stages.export import full_card, hashes, publish
from tests.tiny import ROWS


def test_the_published_tokenizer_renders_as_training_and_prediction_do(base_folder: Path, tmp_path: Path) -> None:
    adapter = tmp_path / "adapter"
    adapter.mkdir()
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        (adapter / name).write_text(name)
        (adapter / name).chmod(0o400)
    publish(adapter, base_folder, tmp_path / "published", "card")
    ours, theirs = load_tokenizer(read_base(base_folder)), AutoTokenizer.from_pretrained(tmp_path / "published")
    for row in ROWS:
        assert prompt_ids(theirs, row.prompt, "") == prompt_ids(ours, row.prompt, "")
        assert training_row(theirs, row.prompt, row.response, "") == training_row(ours, row.prompt, row.response, "")
    assert (tmp_path / "published" / "README.md").read_text() == "card"
    weights = tmp_path / "published" / "adapter_model.safetensors"
    assert weights.read_text() == "adapter_model.safetensors"
    assert weights.stat().st_mode == (tmp_path / "published" / "README.md").stat().st_mode


def test_the_card_has_scores_commit_and_the_hash_of_each_data_file(tmp_path: Path) -> None:
    lock = tmp_path / "dvc.lock"
    lock.write_text(
        "stages:\n  split:\n    deps:\n    - {path: stages/split.py, md5: a1}\n    outs:\n    - {path: data/splits/test.jsonl, md5: b2}\n"
    )
    card = full_card("# Adapter\n", "| steps.order | 0.9 |\n", "c0ffee", hashes(lock))
    assert "| data/splits/test.jsonl | b2 |" in card
    assert "a1" not in card
    assert all(part in card for part in ("# Adapter", "steps.order", "Commit c0ffee"))


def test_a_folder_of_something_else_is_not_replaced(tmp_path: Path) -> None:
    for name in ("other", "export", "empty"):
        (tmp_path / name).mkdir()
    (tmp_path / "other" / "thesis.tex").write_text("years of work")
    (tmp_path / "export" / "adapter_model.safetensors").write_text("of last week")
    for target in (tmp_path / "other", tmp_path / "other" / "thesis.tex"):
        with pytest.raises(InputError, match="holds something else than an export, which would be lost"):
            export.main(target)
    for name in ("export", "empty", "new"):
        export.refuse_other_content(tmp_path / name)
