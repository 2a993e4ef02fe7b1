"""The dirt that was planted in the corpus, and what the first stages make of it. The key is read by tests alone."""

import json
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import pytest

from stages.common.near import near_pairs
from stages.common.pii import analyzer, mask
from stages.common.records import Conflict, Dropped, Record
from stages.common.steps import parse_steps
from stages.common.tables import escape
from stages.common.text import match_key
from stages.ingest.__main__ import Met, ingest
from stages.ingest.sources import read
from stages.normalize.cleaning import clean_rows
from stages.normalize.sentences import sentence_steps
from stages.params.ingest import Params as IngestParams
from stages.params.mask_pii import Params as PiiParams
from stages.params.normalize import Params
from stages.params.section import load_params
from tests.examples import group_ids, without_duplicates

KEY: list[dict[str, Any]] = [
    json.loads(line) for line in Path("tests/data/planted.jsonl").read_text(encoding="utf-8").splitlines()
]
PARAMS = load_params("normalize", Params)
DRAFTS = Path("data/raw/drafts/answers-2026-10.jsonl")
REVIEWS = Path("data/raw/reviews/drafts-2026-10.jsonl")


def planted(kind: str) -> list[dict[str, Any]]:
    return [item for item in KEY if item["kind"] == kind]


TWINS = {frozenset((item["prompt"], item["of"])) for item in planted("paraphrased_duplicate")}


def twins(one: Record, other: Record) -> bool:
    """Whether two rows are one question that was planted in two formats."""
    return frozenset((one.prompt, other.prompt)) in TWINS


@pytest.fixture(scope="module")
def found() -> dict[str, list[Record | Dropped]]:
    """Every row after cleaning, by the question that stands in its file."""
    sources, met = load_params("ingest", IngestParams).sources, Met()
    records = list(ingest(lambda kind: (row for source in sources if source.kind == kind for row in read(source)), met))
    rows: dict[str, list[Record | Dropped]] = {}
    for record, result in zip(records, clean_rows(PARAMS, records), strict=True):
        rows.setdefault(record.prompt, []).append(result)
    for item in met.refused:
        rows.setdefault(str(item.row.get("prompt")), []).append(item)
    return rows


@pytest.fixture(scope="module")
def deduped(found: dict[str, list[Record | Dropped]]) -> tuple[list[Record], list[Dropped], list[Conflict]]:
    """What stays of the clean rows, what was a duplicate or contradicted, and the contradictions."""
    clean = [row for rows in found.values() for row in rows if isinstance(row, Record)]
    return without_duplicates(clean, PARAMS)


@pytest.fixture(scope="module")
def originals(deduped: tuple[list[Record], list[Dropped], list[Conflict]]) -> list[Record]:
    return [row for row in deduped[0] if not row.derived]


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
    assert not missed


@pytest.mark.parametrize("kind", ["broken_numbering", "one_paragraph", "mojibake", "html_entities"])
def test_every_planted_broken_answer_is_repaired_to_its_steps(kind: str, found: dict[str, list[Record | Dropped]]) -> None:
    for item in planted(kind):
        steps = [parse_steps(row.response) for row in found[item["prompt"]] if isinstance(row, Record)]
        assert item["steps"] in steps


def test_planted_duplicates_are_merged_and_nothing_else_is(
    found: dict[str, list[Record | Dropped]], deduped: tuple[list[Record], list[Dropped], list[Conflict]]
) -> None:
    """A merged pair is a row refused as a duplicate, and the row that it was refused for. Recall: the share of the planted
    pairs among them. Precision: every pair that the key does not name counts as two distinct rows merged, and of the merged
    pairs at most 1 in 100 may be one. The planted near pairs were read: each is one question. Outside the key none is merged.
    """
    prompts = {row.id: row.prompt for rows in found.values() for row in rows if isinstance(row, Record)}
    merged = Counter(
        frozenset((str(item.row["prompt"]), prompts[item.detail.split()[1]]))
        for item in deduped[1]
        if item.reason in ("exact_duplicate", "near_duplicate")
    )
    exact = Counter(frozenset((item["prompt"],)) for item in planted("exact_duplicate"))
    near = Counter(frozenset((item["prompt"], item["of"])) for item in planted("near_duplicate"))
    assert (merged & exact).total() >= 0.99 * exact.total()
    assert (merged & near).total() >= 0.95 * near.total()
    assert (merged - exact - near).total() <= 0.01 * merged.total()


def test_a_question_asked_in_two_formats_is_one_group(originals: list[Record]) -> None:
    """More rows only join groups, so that the planted ones alone will do."""
    asked = set().union(*TWINS)
    rows = [row for row in originals if row.prompt in asked]
    group = dict(zip([row.prompt for row in rows], group_ids(rows, PARAMS), strict=True))
    assert all(len({group[prompt] for prompt in pair}) == 1 for pair in TWINS)


def test_every_planted_contradiction_is_listed_and_the_list_is_masked(
    deduped: tuple[list[Record], list[Dropped], list[Conflict]],
) -> None:
    contradicted = Counter(item["prompt"] for item in planted("contradiction"))
    assert Counter(conflict.lost.prompt for conflict in deduped[2]) == contradicted
    page = Path("metrics/data/conflicts.md").read_text(encoding="utf-8")
    assert not [prompt for prompt in contradicted if escape(prompt) not in page]
    assert not [item["value"] for item in planted("pii") if escape(item["value"]) in page]


@pytest.mark.parametrize("kind", sorted({item["kind"] for item in KEY}))
def test_thirty_of_each_kind_of_dirt_are_planted(kind: str) -> None:
    assert len(planted(kind)) >= 30


def test_the_corpus_is_as_large_and_as_mixed_as_the_card_says(originals: list[Record]) -> None:
    assert len({match_key(row.prompt) for row in originals}) >= 2000
    assert len({row.domain for row in originals}) >= 8
    assert len({row.task_type for row in originals}) >= 40
    mix = Counter((row.language, row.register) for row in originals)
    assert all(mix[language, register] >= 250 for language in ("en", "id") for register in ("formal", "informal"))
    assert 0.22 <= (mix["id", "formal"] + mix["id", "informal"]) / len(originals) <= 0.3
    assert all(3 <= len(parse_steps(row.response)) <= 10 for row in originals)


def test_a_third_of_the_drafts_is_reviewed() -> None:
    drafts = [json.loads(line)["custom_id"] for line in DRAFTS.read_text(encoding="utf-8").splitlines()]
    reviewed = {json.loads(line)["draft_id"] for line in REVIEWS.read_text(encoding="utf-8").splitlines()}
    assert len(set(drafts) & reviewed) >= len(drafts) / 3


def test_answers_share_few_steps(originals: list[Record]) -> None:
    """At most 2 % of the answers share more than half of their steps (by `match_key`) with one other answer, whatever its
    group. Questions that were planted in two formats share theirs and are left out. Measured when this was written: 0 %."""
    steps = [{match_key(step) for step in parse_steps(row.response)} for row in originals]
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for number, keys in enumerate(steps):
        for key in keys:
            holders[key].append(number)

    def most_shared(number: int) -> int:
        others = (other for key in steps[number] for other in holders[key] if other != number)
        return max(Counter(other for other in others if not twins(originals[number], originals[other])).values(), default=0)

    assert sum(most_shared(number) > len(keys) / 2 for number, keys in enumerate(steps)) <= 0.02 * len(originals)


def test_no_answers_are_a_template_filled_twice(originals: list[Record]) -> None:
    """At most 0.5 % of the answers are as near to another one of their domain as a template filled with other words would
    be (4-gram Jaccard 0.4; nine in ten pairs of one task type are under 0.16). Measured when this was written: 2 of 2,218."""
    near: set[str] = set()
    for domain in {row.domain for row in originals}:
        rows = [row for row in originals if row.domain == domain]
        for one, other, _ in near_pairs([row.response for row in rows], 0.4):
            near |= set() if twins(rows[one], rows[other]) else {rows[one].id, rows[other].id}
    assert len(near) <= 0.005 * len(originals)


def test_cleaning_the_whole_corpus_twice_changes_nothing(found: dict[str, list[Record | Dropped]]) -> None:
    clean = [row for rows in found.values() for row in rows if isinstance(row, Record)]
    assert clean_rows(PARAMS, clean) == clean


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


@pytest.mark.parametrize("language", ["en", "id"])
def test_an_answer_told_in_sentences_comes_back_as_the_steps_that_it_was(
    found: dict[str, list[Record | Dropped]], language: str
) -> None:
    rows = [row for results in found.values() for row in results if isinstance(row, Record) and row.language == language]
    lists = [list(steps) for steps in {tuple(parse_steps(row.response)) for row in rows}]
    same = sum((parse_steps(" ".join(steps)) or sentence_steps(" ".join(steps))) == steps for steps in lists)
    assert same / len(lists) > 0.98
