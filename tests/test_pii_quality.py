"""How much the masking finds and leaves alone: on our labelled set, on interface labels, on the public reference sets."""

import csv
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from stages.common.pii import analyzer, spans
from stages.common.pii.quality import LABELLED, Span, measure, survives
from stages.common.records import read_rows
from stages.params.mask_pii import Params
from stages.params.section import load_params
from stages.pii_model.templates import OTHER, PERSON
from tests.examples import SHARED, needs_shared

PARAMS = load_params("mask_pii", Params).model_copy(update={"names": "rules"})
ENGINE = analyzer(PARAMS)
LABELLED_SET = read_rows(Path("data/raw/pii/labelled.jsonl"), LABELLED)
SURE_TYPES = ("EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS", "ID_NIK", "ID_NPWP")


def found(text: str) -> list[Any]:
    return spans(text, ENGINE, PARAMS)


def covered(text: str) -> bool:
    return not survives(text, Span(entity="", start=0, end=len(text)), found(text))


def test_the_rules_reach_their_floors_on_the_labelled_set() -> None:
    scores, _ = measure(LABELLED_SET, found)
    recall, precision = scores["recall"], scores["precision"]
    for language in ("en", "id"):
        assert all(recall[f"{name}_{language}"] >= 0.99 for name in SURE_TYPES)
        assert recall[f"PERSON_cued_{language}"] >= 0.95
        assert recall[f"PERSON_uncued_{language}"] >= 0.7
    assert precision["PERSON"] >= 0.9
    assert all(precision[name] >= 0.99 for name in SURE_TYPES)


def test_the_labelled_set_is_large_bilingual_exact_and_shares_no_sentence_with_the_training() -> None:
    assert Counter(row.language for row in LABELLED_SET)["en"] >= 250
    assert Counter(row.language for row in LABELLED_SET)["id"] >= 250
    assert len({row.text for row in LABELLED_SET}) == len(LABELLED_SET)
    carriers = {bare(row.text, row.spans) for row in LABELLED_SET}
    assert carriers.isdisjoint(template.replace("{P}", "{}").replace("{T}", "{}") for template in [*PERSON, *OTHER])
    for row in LABELLED_SET:
        assert all(row.text[span.start : span.end].strip() == row.text[span.start : span.end] != "" for span in row.spans)


def bare(text: str, where: Iterable[Span]) -> str:
    for span in sorted(where, key=lambda item: -item.start):
        text = f"{text[: span.start]}{{}}{text[span.end :]}"
    return text


@pytest.mark.parametrize(
    "frame", ["{}", "Tap {}.", "Ketuk {} lalu tunggu.", "1. Open Menu and choose {}.\n2. Wait.", "Why is {} grey?"]
)
def test_no_label_of_an_interface_is_ever_masked(frame: str) -> None:
    labels = Path("tests/data/labels.txt").read_text(encoding="utf-8").splitlines()
    assert len(set(labels)) >= 300
    assert not [label for label in labels if found(frame.format(label))]


@needs_shared
@pytest.mark.shared
def test_numbers_of_the_public_lists_are_found() -> None:
    cases = json.loads((SHARED / "validator_lists/cases.json").read_text(encoding="utf-8"))
    indonesian = next(item for item in values(cases["isMobilePhone_by_locale"]) if "0811 778 998" in item["valid"])
    assert len(indonesian["valid"]) == 53
    assert not [number for number in indonesian["valid"] if not covered(number)]
    for kind in ("isCreditCard", "isIBAN", "isEthereumAddress", "isBtcAddress", "isEmail"):
        assert not [value for value in cases[kind]["valid"] if value != "a" and not covered(value)], kind


def values(container: Any) -> list[Any]:
    return list(container.values()) if isinstance(container, dict) else container


@needs_shared
@pytest.mark.shared
def test_presidio_research_is_found_but_for_names_of_the_world_and_strange_addresses() -> None:
    rows = json.loads((SHARED / "presidio_research/generated_small.json").read_text(encoding="utf-8"))
    anywhere = PARAMS.model_copy(update={"doubtful": 0.35})
    held, lost, lost_anywhere = Counter[str](), Counter[str](), Counter[str]()
    for row in rows:
        for span in row["spans"]:
            gold = Span(entity=span["entity_type"], start=span["start_position"], end=span["end_position"])
            held[gold.entity] += 1
            lost[gold.entity] += survives(row["full_text"], gold, found(row["full_text"]))
            lost_anywhere[gold.entity] += survives(row["full_text"], gold, spans(row["full_text"], ENGINE, anywhere))
    for entity in ("PHONE_NUMBER", "CREDIT_CARD", "IP_ADDRESS", "EMAIL_ADDRESS", "US_SSN"):
        assert lost[entity] == 0, entity
    assert 1 - lost["ADDRESS"] / held["ADDRESS"] >= 0.85
    assert 1 - lost_anywhere["PERSON"] / held["PERSON"] >= 0.6  # names of forty countries; see README


@needs_shared
@pytest.mark.shared
def test_general_instructions_are_left_alone() -> None:
    lines = (SHARED / "gpteacher_ladder/toolformer_ladder.jsonl").read_text(encoding="utf-8").splitlines()
    rows = ["\n".join(json.loads(line)[key] for key in ("instruction", "input", "output")) for line in lines]
    assert sum(bool(found(text)) for text in rows) <= 0.002 * len(rows)


@needs_shared
@pytest.mark.shared
def test_questions_of_bank_customers_are_left_alone() -> None:
    with (SHARED / "banking77/train.csv").open(encoding="utf-8", newline="") as file:
        rows = [row["text"] for row in csv.DictReader(file)]
    assert sum(bool(found(text)) for text in rows) <= 0.002 * len(rows)
