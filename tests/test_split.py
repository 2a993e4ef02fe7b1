import random
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from stages.common.errors import InputError
from stages.common.near import Near
from stages.common.records import Record, json_lines, read_records, write_jsonl
from stages.freeze_split import main as freeze
from stages.ingest.readers import Unreadable, read_csv
from stages.params.split import Params
from stages.split.__main__ import exam_only_checked_originals, unreviewed_groups
from stages.split.__main__ import main as split_stage
from stages.split.leaks import alike, gate, leaks, merged
from stages.split.ledger import read_assigned, settled
from stages.split.names import NAMES, Labels, Name
from stages.split.rows import corpus
from stages.split.strata import assign, balance, labels_of, too_rare
from tests.examples import SHARED, needs_shared, row

PARAMS = Params(
    seed=7, validation=0.1, test=0.1, stratify=["domain", "task_type", "language"], keep_assigned=True, leak_similarity=0.7
)


def groups(count: int, **sizes: int) -> dict[str, Labels]:
    """`count` groups in two languages, and for each name in `sizes` that many groups of such a task."""
    labels: dict[str, Labels] = {
        f"g{n}": (("task_type", "common"), ("language", "en" if n % 3 else "id")) for n in range(count)
    }
    for task, size in sizes.items():
        labels |= {f"{task}{n}": (("task_type", task), ("language", "en")) for n in range(size)}
    return labels


def shares(params: Params) -> dict[Name, float]:
    return {"train": 1 - params.validation - params.test, "validation": params.validation, "test": params.test}


def random_labels(seed: int, count: int) -> dict[str, Labels]:
    """Groups with three labels each that cross: 9 domains, up to 40 tasks of very different sizes, 2 languages."""
    draw = random.Random(seed)
    weights = [draw.paretovariate(1) for _ in range(40)]
    return {
        f"g{number}": (
            ("domain", f"d{draw.randrange(9)}"),
            ("task_type", f"t{draw.choices(range(40), weights)[0]}"),
            ("language", draw.choice(["en", "en", "id"])),
        )
        for number in range(count)
    }


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("validation", "test"), [(0.1, 0.1), (0.1, 0.15), (0.15, 0.15)])
def test_every_stratum_keeps_its_share_and_stands_in_every_split(seed: int, validation: float, test: float) -> None:
    """Within two points, or the next whole group where two points are less than one."""
    params = PARAMS.model_copy(update={"validation": validation, "test": test})
    labels = random_labels(seed, 1500) | {f"pair{n}": (("task_type", "pair"),) for n in range(2)}
    names = assign(labels, {}, params)
    for label in {label for group in labels.values() for label in group}:
        members = [group for group in labels if label in labels[group]]
        found = Counter(names[group] for group in members)
        if len(members) >= 10:
            for name, share in shares(params).items():
                assert abs(found[name] - share * len(members)) <= max(0.02 * len(members), 0.999)
        if len(members) >= 3:
            assert set(found) == set(NAMES)
    assert {names["pair0"], names["pair1"]} == {"train"}
    assert too_rare(labels) == [label for label in too_rare(labels) if label == ("task_type", "pair") or label[1][0] == "t"]
    assert balance(labels, names, params)["labels_off_share"] == 0


@pytest.mark.parametrize("share", [0.001, 0.01, 0.04])
def test_a_small_share_leaves_no_stratum_of_three_groups_out_of_a_split(share: float) -> None:
    params = PARAMS.model_copy(update={"validation": share, "test": share})
    labels = groups(100, ten=10, three=3, nineteen=19)
    names = assign(labels, {}, params)
    for label in set().union(*labels.values()):
        assert {names[group] for group in labels if label in labels[group]} == set(NAMES), label


def test_the_work_grows_with_the_groups_and_not_with_groups_times_labels() -> None:
    labels: dict[str, Labels] = {f"g{n}": (("task_type", f"t{n // 10}"), ("language", "en")) for n in range(20_000)}
    begin = time.process_time()
    assert Counter(assign(labels, {}, PARAMS).values()) == {"train": 16_000, "validation": 2_000, "test": 2_000}
    assert time.process_time() - begin < 10


def test_where_two_rules_exclude_one_another_the_least_is_given_up() -> None:
    """Twelve tasks of three groups want twelve of 36 groups in each exam; their domain allows five. The domain gives way."""
    labels = {f"g{n}": (("domain", "d"), ("task_type", f"t{n // 3}")) for n in range(36)}
    names = assign(labels, {}, PARAMS)
    assert Counter(names.values()) == {"train": 12, "validation": 12, "test": 12}
    assert balance(labels, names, PARAMS) == {"labels": 13, "labels_too_rare": 0, "labels_off_share": 1}


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


def test_a_tenth_more_rows_move_no_old_row_from_file_to_file(tmp_path: Path) -> None:
    rows = [replace(item, task_type=f"t{number % 9}") for number, item in enumerate(raw_questions())]
    new = {item.id for item in random.Random(5).sample(rows, len(rows) // 10)}
    (tmp_path / "frozen.csv").write_text("id,split\n")
    before = split_anew([item for item in rows if item.id not in new], tmp_path)
    freeze(tmp_path / "splits", tmp_path / "frozen.csv")
    after = split_anew(rows, tmp_path)
    assert {name: after[name] for name in before} == before
    assert {after[name] for name in new & after.keys()} == set(NAMES)


def split_anew(rows: Sequence[Record], folder: Path) -> dict[str, str]:
    """Where the stage puts each row."""
    write_jsonl(folder / "rows.jsonl", rows)
    files = [folder / name for name in ("rows.jsonl", "frozen.csv", "splits", "refused.jsonl", "report.json")]
    split_stage(*files)
    return {item.id: name for name in NAMES for item in read_records(folder / "splits" / f"{name}.jsonl")}


def test_rows_come_out_as_they_went_in_whatever_their_order_and_only_the_groups_change(tmp_path: Path) -> None:
    """Lines are copied; of a question that is asked twice the second takes the first's group."""
    (tmp_path / "frozen.csv").write_text("id,split\n")
    rows = [row(f"r{n}") for n in range(60)]
    rows += [row(f"{item.id}b", item.prompt, group_id=f"{item.group_id}b") for item in rows[:20]]
    rows += [row(f"{item.id}c", f"And {item.id}?", group_id=item.group_id, parent_id=item.id) for item in rows[:40]]
    moved = {f"{item.group_id}b": item.group_id for item in rows[:20]}
    random.Random(2).shuffle(rows)
    one = split_anew(rows, tmp_path)
    kept = [item for name in NAMES for item in read_records(tmp_path / "splits" / f"{name}.jsonl")]
    held = {item.id: item for item in rows}
    assert kept == [replace(held[item.id], group_id=moved.get(item.group_id, item.group_id)) for item in kept]
    refused = {item["row"]["id"] for _, item in json_lines(tmp_path / "refused.jsonl")}
    assert {*one, *refused} == held.keys()
    assert split_anew(rows[::-1], tmp_path) == one


def test_a_new_row_that_links_two_splits_is_refused_and_no_old_row_moves() -> None:
    rows = [row("a", group_id="a"), row("b", group_id="a"), row("new", group_id="a")]
    kept, refused = settled(corpus(rows, PARAMS).rows, {"a": "train", "b": "test"})
    assert [(item.id, item.group_id) for item in kept] == [("a", "a/train"), ("b", "a/test")]
    assert [item.reason for item in refused] == ["links_two_splits"]


def test_an_answer_that_nobody_checked_is_never_an_exam_question() -> None:
    rows = [row("a"), row("b", group_id="a", review="unreviewed"), row("c", review="unreviewed")]
    read = corpus(rows, PARAMS).rows
    assert unreviewed_groups(read) == {"c"}
    splits, refused = exam_only_checked_originals(read, {"a": "test", "c": "train"})
    assert [item.id for item in splits["test"]] == ["a"]
    assert [item.reason for item in refused] == ["unreviewed_in_test"]


@pytest.mark.parametrize(
    ("fields", "found"),
    [({"review": "unreviewed"}, "of 9 groups .* 0 have one"), ({"group_id": "g"}, "of 1 groups .* 1 have one")],
)
def test_a_split_without_a_row_is_an_error_that_says_what_there_is(fields: dict[str, str], found: str, tmp_path: Path) -> None:
    (tmp_path / "frozen.csv").write_text("id,split\n")
    with pytest.raises(InputError, match=f"validation is empty: each needs a question whose answer .* checked; {found}"):
        split_anew([row(f"{letter * 3}", **fields) for letter in "abcdefghi"], tmp_path)


def test_validation_and_test_keep_only_original_rows() -> None:
    rows = [row("a"), row("b"), row("a2", group_id="a", parent_id="a"), row("b2", group_id="b", parent_id="b")]
    splits, refused = exam_only_checked_originals(corpus(rows, PARAMS).rows, {"a": "test", "b": "train"})
    assert {name: [item.id for item in part] for name, part in splits.items()} == {
        "train": ["b", "b2"], "validation": [], "test": ["a"],
    }  # fmt: skip
    assert [(item.reason, item.row.id) for item in refused] == [("derived_in_test", "a2")]


def searched(splits: Mapping[Name, Sequence[Record]]) -> None:
    """The gate with a search of its own."""
    records = [item for part in splits.values() for item in part]
    read = corpus(records, PARAMS)
    rest = iter(read.rows)
    parts = {name: list(islice(rest, len(part))) for name, part in splits.items()}
    gate(parts, alike(read, PARAMS.leak_similarity), lambda item: records[item.place].prompt)


def reported_in(records: Sequence[Record]) -> set[str]:
    read = corpus(records, PARAMS)
    found = leaks(read.rows, np.array([item.group_id for item in records]), alike(read, PARAMS.leak_similarity))
    return {read.rows[place].id for places in found for place in places}


def joined(records: Sequence[Record]) -> list[Record]:
    read = corpus(records, PARAMS)
    rows = merged(read.rows, alike(read, PARAMS.leak_similarity))
    return [replace(record, group_id=item.group_id) for record, item in zip(records, rows, strict=True)]


def labels(records: Sequence[Record], params: Params = PARAMS) -> dict[str, Labels]:
    return labels_of(corpus(records, params).rows)


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
        searched({"train": [TRAIN], "validation": [], "test": [row("test", **LEAKS[kind])]})


def test_the_gate_lets_different_questions_pass() -> None:
    searched({"train": [row("a")], "validation": [row("b")], "test": [row("c")]})


QUESTION_FIELDS = {"telecom": ("prompt", "output"), "health": ("instruction", "output")}


def raw_questions() -> list[Record]:
    """The telecom and health FAQs as they were written, each row a group of its own until `merged`."""
    rows = []
    for name in ("telecom", "health"):
        for line, item in json_lines(Path(f"data/raw/faqs/{name}.jsonl")):
            question, answer = (str(item[key]) for key in QUESTION_FIELDS[name])
            if question.strip() and answer.strip() and not item.get("parent_id"):
                rows.append(replace(row(f"{name}{line}", question), response=answer))
    return joined(rows)


PARAPHRASES = {
    item["question"]: item["paraphrase"] for _, item in json_lines(Path("data/raw/drafts/paraphrases-2026-10.jsonl"))
}


def one_word_less(text: str, victim: int) -> str:
    words = text.split()
    del words[victim % len(words)]
    return " ".join(words)


def tidied(answer: str) -> str:
    """The same answer, differently written: another first word, no full stops, and a line at the end."""
    return answer.replace(".", "").replace("Open", "Go to", 1) + "\nThat is all"


HOMOGLYPHS = str.maketrans("aeopcxyiABEHKMOPTX", "аеорсхуіΑΒЕНКМОРТХ")
PLANTS: dict[str, Callable[[Record, int], Record]] = {
    "exact": lambda row, _: row,
    "case": lambda row, n: replace(row, prompt=row.prompt.upper() if n % 2 else row.prompt.title()),
    "punctuation": lambda row, n: replace(row, prompt="... " + row.prompt.replace(" ", " - ", 1 + n % 3) + "?!"),
    "look-alike letters": lambda row, _: replace(row, prompt=row.prompt.translate(HOMOGLYPHS)),
    "zero-width": lambda row, n: replace(row, prompt="\u200b\u200d\u2060\ufeff\ufe0f\u034f"[n % 6].join(row.prompt)),
    "one word": lambda row, n: replace(row, prompt=one_word_less(row.prompt, n)),
    "rewording": lambda row, n: replace(
        row, prompt=PARAPHRASES.get(row.prompt, f"Number {n} asks for help"), response=tidied(row.response)
    ),
    "augmented child": lambda row, n: replace(row, prompt=f"Anything at all {n}", parent_id=row.id),
}


def test_eight_hundred_planted_leaks_are_all_caught_and_the_clean_split_is_silent() -> None:
    rows = raw_questions()
    names = assign(labels(rows), {}, PARAMS)
    splits = {name: [item for item in rows if names[item.group_id] == name] for name in NAMES}
    searched(splits)
    assert len({item.group_id for item in rows}) > 0.8 * len(rows), "merging everything would be silent too"
    victims = random.Random(3).sample(splits["train"], 100)
    planted = [
        replace(plant(victim, number), id=f"{kind}/{number}", group_id=f"{kind}/{number}")
        for kind, plant in PLANTS.items()
        for number, victim in enumerate(victims)
    ]
    reported = reported_in([*splits["train"], *planted])
    assert len(planted) == 800
    assert [item.id for item in planted if item.id not in reported] == []
    for kind in PLANTS:
        with pytest.raises(InputError, match="leak"):
            searched({**splits, "test": [*splits["test"], next(item for item in planted if item.id == f"{kind}/0")]})


def test_a_copied_question_is_caught_whatever_its_answer_says() -> None:
    victims = [item for item in raw_questions() if len(item.prompt) > 20][:100]
    for kind in ("exact", "case", "punctuation", "look-alike letters", "zero-width"):
        planted = [
            replace(PLANTS[kind](victim, number), id=f"p{number}", group_id=f"p{number}", response=f"Answer {number * 7919}")
            for number, victim in enumerate(victims)
        ]
        reported = reported_in([*victims, *planted])
        assert [item.id for item in planted if item.id not in reported] == [], kind


def test_groups_brought_near_by_masking_are_joined_before_the_split() -> None:
    one = row("a", "My number is [PHONE_1], how do I change it in the app?")
    two = row("b", "My number is [PHONE_1], how can I change it in the app?")
    assert len({item.group_id for item in joined([one, two, row("c")])}) == 2


def pairs(near: Near) -> list[list[int]]:
    return [near.left.tolist(), near.right.tolist()]


def test_two_processes_find_what_one_finds(monkeypatch: pytest.MonkeyPatch) -> None:
    read = corpus(raw_questions(), PARAMS)
    questions, answers = map(pairs, alike(read, 0.3))
    monkeypatch.setattr("stages.split.leaks.FEW", 0)
    assert [questions, answers] == list(map(pairs, alike(read, 0.3)))
    assert questions != answers
    assert questions
    assert answers


def test_labels_come_from_an_original_row_whatever_the_order() -> None:
    original, child = row("b", group_id="g"), row("a", group_id="g", parent_id="b", domain="travel")
    assert labels([child, original]) == labels([original, child])
    assert dict(labels([child, original])["g"])["domain"] == "banking"


@needs_shared
@pytest.mark.shared
def test_real_questions_of_77_intents_split_without_a_leak_and_every_intent_in_every_split() -> None:
    rows: list[Record] = []
    for line, fields in read_csv(SHARED / "banking77" / "train.csv"):
        assert not isinstance(fields, Unreadable)
        intent = fields["category"].casefold().replace("?", "")
        rows.append(row(f"r{line}", fields["text"], [sha256(fields["text"].encode()).hexdigest()], task_type=intent))
    assert len(rows) == 10_003
    params = PARAMS.model_copy(update={"stratify": ["task_type"]})
    read = corpus(rows, params)
    near = alike(read, params.leak_similarity)
    grouped = merged(read.rows, near)
    labels = labels_of(grouped)
    names = assign(labels, {}, params)
    splits, _ = exam_only_checked_originals(grouped, names)
    assert not leaks(grouped, np.array([item.group_id for item in grouped]), near)[0].size
    gate(splits, near, str)
    intents = {name: {rows[item.place].task_type for item in part} for name, part in splits.items()}
    assert all(len(found) == 77 for found in intents.values())
    assert balance(labels, names, params) == {"labels": 77, "labels_too_rare": 0, "labels_off_share": 0}


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
