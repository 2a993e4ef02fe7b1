"""The dirt that was planted in the corpus, and what the first stages make of it. The key is read by tests alone."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from stages.common.pii import analyzer, mask
from stages.common.records import Dropped, Record
from stages.common.steps import parse_steps
from stages.ingest.__main__ import ingest, read
from stages.normalize import cleaned, deduplicated, identifier
from stages.params.ingest import Params as IngestParams
from stages.params.mask_pii import Params as PiiParams
from stages.params.normalize import Params
from stages.params.section import load_params

KEY: list[dict[str, Any]] = [
    json.loads(line) for line in Path("tests/data/planted.jsonl").read_text(encoding="utf-8").splitlines()
]
PARAMS = load_params("normalize", Params)


def planted(kind: str) -> list[dict[str, Any]]:
    return [item for item in KEY if item["kind"] == kind]


@pytest.fixture(scope="module")
def found() -> dict[str, list[Record | Dropped]]:
    """Every row after cleaning, by the question that stands in its file."""
    records, dropped = ingest([row for source in load_params("ingest", IngestParams).sources for row in read(source)])
    rows: dict[str, list[Record | Dropped]] = {}
    language_of = identifier(PARAMS.languages)
    for record in records:
        rows.setdefault(record.prompt, []).append(cleaned(record, PARAMS, language_of))
    for item in dropped:
        rows.setdefault(str(item.row.get("prompt")), []).append(item)
    return rows


@pytest.fixture(scope="module")
def duplicates(found: dict[str, list[Record | Dropped]]) -> Counter[str]:
    clean = [row for rows in found.values() for row in rows if isinstance(row, Record)]
    return Counter(item.reason for item in deduplicated(clean, PARAMS)[1])


@pytest.mark.parametrize(
    ("kind", "reasons"),
    [
        ("control_token", {"control_token"}),
        ("injected_instruction", {"injected_instruction"}),
        ("refusal", {"refusal", "wrong_language"}),
        ("missing_steps", {"no_answer", "no_steps"}),
        ("wrong_language", {"wrong_language"}),
    ],
)
def test_every_planted_row_that_may_not_be_learnt_from_is_refused(
    kind: str, reasons: set[str], found: dict[str, list[Record | Dropped]]
) -> None:
    missed = [
        item["prompt"]
        for item in planted(kind)
        if not any(isinstance(row, Dropped) and row.reason in reasons for row in found[item["prompt"]])
    ]
    assert len(planted(kind)) >= 30
    assert not missed


@pytest.mark.parametrize("kind", ["broken_numbering", "one_paragraph", "mojibake", "html_entities"])
def test_every_planted_broken_answer_is_repaired_to_its_steps(kind: str, found: dict[str, list[Record | Dropped]]) -> None:
    for item in planted(kind):
        steps = [parse_steps(row.response) for row in found[item["prompt"]] if isinstance(row, Record)]
        assert item["steps"] in steps
    assert len(planted(kind)) >= 30


def test_planted_duplicates_and_contradictions_are_found(duplicates: Counter[str]) -> None:
    assert duplicates["exact_duplicate"] >= 0.99 * len(planted("exact_duplicate"))
    assert duplicates["near_duplicate"] + duplicates["exact_duplicate"] >= 0.95 * (
        len(planted("near_duplicate")) + len(planted("exact_duplicate"))
    )
    assert duplicates["conflicting_answer"] == len(planted("contradiction"))


def test_no_planted_personal_data_survives_masking_and_no_button_is_masked(found: dict[str, list[Record | Dropped]]) -> None:
    params = load_params("mask_pii", PiiParams).model_copy(update={"names": "rules"})
    engine = analyzer(params)
    kinds = Counter(item["entity"] for item in planted("pii"))
    assert set(kinds) >= {
        "PERSON",
        "EMAIL_ADDRESS",
        "PHONE_NUMBER",
        "CREDIT_CARD",
        "IBAN_CODE",
        "IP_ADDRESS",
        "ID_NIK",
        "ID_NPWP",
    }
    for item in [*planted("pii"), *planted("name_next_to_button")]:
        for row in found[item["prompt"]]:
            assert isinstance(row, Record)
            (prompt, response), _ = mask([row.prompt, row.response], engine, params)
            assert item["value"] not in prompt
            assert item.get("button", "") in response
