from pathlib import Path

import pytest

from stages.check_pii import Canary, canaries, findings, published
from stages.common.errors import InputError
from stages.common.pii import analyzer
from stages.common.records import write_jsonl
from stages.params.mask_pii import Params
from stages.params.section import load_params
from tests.examples import row

PARAMS = load_params("mask_pii", Params).model_copy(update={"names": "rules"})
ENGINE = analyzer(PARAMS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.jsonl").write_text('{"prompt": "fine"}\n{"prompt": "Mail x@example.com", "n": 4111111111111111}\n')
    (tmp_path / "b.json").write_text('{"steps": ["Tap Save", {"note": "Call 0812-3456-7890"}], "sha256": "ab12", "x": 0.5}')
    (tmp_path / "c.md").write_bytes(b"# R\xe9port\n\nMy name is Rina Wijaya.\n")
    (tmp_path / "model.safetensors").write_bytes(b"x@example.com")
    (tmp_path / "tokenizer.json").write_text('{"vocab": ["x@example.com"]}')
    return tmp_path


def test_the_gate_names_file_line_and_type_and_never_the_value(folder: Path) -> None:
    found = findings(published([folder], []), ENGINE, PARAMS.sure)
    assert [line.removeprefix(f"{folder}/") for line in found] == [
        "a.jsonl:2: EMAIL_ADDRESS",
        "b.json:1: PHONE_NUMBER",
        "c.md:3: PERSON",
    ]


def test_a_broken_json_file_is_named(folder: Path) -> None:
    (folder / "b.json").write_text('{"a": ')
    with pytest.raises(InputError, match=r"b\.json: not valid JSON"):
        findings([folder / "b.json"], ENGINE, PARAMS.sure)


def test_masked_text_passes_and_the_stages_own_files_are_not_read(folder: Path) -> None:
    own = [folder / name for name in ("a.jsonl", "b.json", "c.md")]
    assert published([folder], own) == []
    own[0].write_text('{"prompt": "Mail [EMAIL_1], call [PHONE_2]"}\n')
    assert findings(own[:1], ENGINE, PARAMS.sure) == []


def test_a_canary_is_recognised_in_any_case_and_grouping_and_counts_only_where_it_was_planted(tmp_path: Path) -> None:
    listed = [Canary(entity="PERSON", value="Rina Kolibri"), Canary(entity="ID_NIK", value="3174015508900001"),
              Canary(entity="PERSON", value="Nobody Here")]  # fmt: skip
    write_jsonl(tmp_path / "in.jsonl", [row("a", "I am Rina Kolibri"), row("b", "NIK 3174015508900001?")])
    write_jsonl(tmp_path / "clean.jsonl", [{"id": "a", "answer": "1. Tap Save."}])
    write_jsonl(tmp_path / "bad.jsonl", [{"id": "a", "answer": "1. Ask rina kolibri.\n2. Type 3174 0155 0890 0001."}])
    assert canaries(listed, tmp_path / "in.jsonl", [tmp_path / "clean.jsonl"]) == {"tried": 2, "answers": 1, "generated": 0}
    assert canaries(listed, tmp_path / "in.jsonl", [tmp_path / "bad.jsonl"])["generated"] == 2
