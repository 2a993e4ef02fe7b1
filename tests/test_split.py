import random
from collections import Counter
from pathlib import Path

import pytest

from stages.common.errors import InputError
from stages.common.records import Record
from stages.ingest.readers import Unreadable, read_csv
from stages.params.split import Params
from stages.split import (
    NAMES,
    Labels,
    assign,
    exam_only_checked_originals,
    gate,
    labels_of,
    leaks,
    merged,
    read_assigned,
    settled,
    unreviewed_groups,
)
from tests.examples import SHARED, needs_shared, row

PARAMS = Params(
    seed=7, validation=0.1, test=0.1, stratify=["domain", "task_type", "language"], keep_assigned=True, leak_similarity=0.7
)
SHARES = {"train": 0.8, "validation": 0.1, "test": 0.1}


def groups(count: int, **sizes: int) -> dict[str, Labels]:
    """`count` groups in two languages, and for each name in `sizes` that many groups of such a task."""
    labels: dict[str, Labels] = {
        f"g{n}": (("task_type", "common"), ("language", "en" if n % 3 else "id")) for n in range(count)
    }
    for task, size in sizes.items():
        labels |= {f"{task}{n}": (("task_type", task), ("language", "en")) for n in range(size)}
    return labels


def test_shares_are_kept_and_every_label_of_three_groups_stands_in_every_split() -> None:
    labels = groups(400, rare=3, small=5, medium=12, pair=2)
    names = assign(labels, {}, PARAMS)
    for label in {label for group in labels.values() for label in group}:
        members = [group for group in labels if label in labels[group]]
        found = Counter(names[group] for group in members)
        if len(members) >= 10:
            assert all(abs(found[name] - share * len(members)) <= 0.02 * len(members) + 1 for name, share in SHARES.items())
        if len(members) >= 3:
            assert set(found) == set(NAMES)
    assert {names["pair0"], names["pair1"]} == {"train"}


def test_the_split_does_not_depend_on_the_order_of_rows_and_does_on_the_seed() -> None:
    labels = groups(200, rare=4)
    mixed = list(labels.items())
    random.Random(1).shuffle(mixed)
    assert assign(dict(mixed), {}, PARAMS) == assign(labels, {}, PARAMS)
    assert assign(labels, {}, PARAMS.model_copy(update={"seed": 8})) != assign(labels, {}, PARAMS)


def test_with_the_earlier_assignments_new_groups_move_no_old_one() -> None:
    old = groups(200, rare=4)
    before = assign(old, {}, PARAMS)
    after = assign({**old, **{f"new{n}": labels for n, labels in enumerate(list(old.values())[:20])}}, before, PARAMS)
    assert {group: after[group] for group in old} == before
    assert {after[f"new{n}"] for n in range(20)} == {"train", "validation", "test"}


def test_a_new_row_that_links_two_splits_is_refused_and_no_old_row_moves() -> None:
    rows = [row("a", group_id="a"), row("b", group_id="a"), row("new", group_id="a")]
    kept, dropped = settled(rows, {"a": "train", "b": "test"})
    assert [(item.id, item.group_id) for item in kept] == [("a", "a/train"), ("b", "a/test")]
    assert [item.reason for item in dropped] == ["links_two_splits"]


def test_an_answer_that_nobody_checked_is_never_an_exam_question() -> None:
    rows = [row("a"), row("b", group_id="a", review="unreviewed"), row("c", review="unreviewed")]
    assert unreviewed_groups(rows) == {"c"}
    splits, dropped = exam_only_checked_originals(rows, {"a": "test", "c": "train"})
    assert [item.id for item in splits["test"]] == ["a"]
    assert [item.reason for item in dropped] == ["unreviewed_in_test"]


def test_validation_and_test_keep_only_original_rows() -> None:
    rows = [row("a"), row("b"), row("a2", group_id="a", parent_id="a"), row("b2", group_id="b", parent_id="b")]
    splits, dropped = exam_only_checked_originals(rows, {"a": "test", "b": "train"})
    assert {name: [item.id for item in part] for name, part in splits.items()} == {
        "train": ["b", "b2"], "validation": [], "test": ["a"],
    }  # fmt: skip
    assert [(item.reason, item.row["id"]) for item in dropped] == [("derived_in_test", "a2")]


TRAIN = row("train", "How do I transfer money to my savings account today?")
LEAKS = {
    "exact": {"prompt": TRAIN.prompt},
    "case": {"prompt": TRAIN.prompt.upper()},
    "punctuation": {"prompt": TRAIN.prompt.rstrip("?") + " !!"},
    "look-alike letters": {"prompt": TRAIN.prompt.translate(str.maketrans("aeo", "аео"))},
    "zero-width": {"prompt": "\u200b".join(TRAIN.prompt)},
    "one word": {"prompt": TRAIN.prompt.replace("today", "tonight")},
    "same answer": {"response": TRAIN.response.upper()},
    "same group": {"group_id": "train"},
}


@pytest.mark.parametrize("kind", LEAKS)
def test_the_gate_catches_a_leak(kind: str) -> None:
    with pytest.raises(InputError, match="leak"):
        gate({"train": [TRAIN], "validation": [], "test": [row("test", **LEAKS[kind])]}, PARAMS.leak_similarity)


def test_the_gate_lets_different_questions_pass() -> None:
    gate({"train": [row("a")], "validation": [row("b")], "test": [row("c")]}, PARAMS.leak_similarity)


def test_groups_brought_near_by_masking_are_joined_before_the_split() -> None:
    one = row("a", "My number is [PHONE_1], how do I change it in the app?")
    two = row("b", "My number is [PHONE_1], how can I change it in the app?")
    assert len({item.group_id for item in merged([one, two, row("c")], 0.7)}) == 2


def test_labels_come_from_an_original_row_whatever_the_order() -> None:
    original, child = row("b", group_id="g"), row("a", group_id="g", parent_id="b", domain="travel")
    assert labels_of([child, original], PARAMS) == labels_of([original, child], PARAMS)
    assert dict(labels_of([child, original], PARAMS)["g"])["domain"] == "banking"


@needs_shared
@pytest.mark.shared
def test_real_questions_of_77_intents_split_without_a_leak_and_every_intent_in_every_split() -> None:
    rows: list[Record] = []
    for line, fields in read_csv(SHARED / "banking77" / "train.csv"):
        assert not isinstance(fields, Unreadable)
        rows.append(row(f"r{line}", fields["text"], task_type=fields["category"].casefold().replace("?", "")))
    assert len(rows) == 10_003
    params = PARAMS.model_copy(update={"stratify": ["task_type"]})
    joined = merged(rows, params.leak_similarity)
    splits, _ = exam_only_checked_originals(joined, assign(labels_of(joined, params), {}, params))
    assert not list(leaks(joined, params.leak_similarity))
    gate(splits, params.leak_similarity)
    intents = {name: {item.task_type for item in part} for name, part in splits.items()}
    assert all(len(found) == 77 for found in intents.values())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,train\n",
        "id;split\n",
        "id,split\na,exam\n",
        "id,split\na,train\na,test\n",
        "id,split\na,train,x\n",
        "id,split\n,train\n",
    ],
)
def test_assignments_that_would_be_lost_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InputError, match=r"a\.csv:\d"):
        read_assigned(tmp_path / "a.csv")
