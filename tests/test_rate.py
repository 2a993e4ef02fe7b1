"""A rater must not be able to tell whose answer is whose, and nobody may choose the key afterwards."""

import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binom
from sklearn.ensemble import RandomForestClassifier

from stages.common.errors import InputError
from stages.common.ratings import read_commitments
from stages.common.records import write_jsonl
from stages.rate.__main__ import main as rate
from stages.rate.__main__ import sheet, shown
from stages.rate.assignment import Placed, assign, sample
from tests.examples import row

RECORDS = {name: row(name) for name in ("one", "two", "three", "four", "five", "six", "seven", "eight")}
SAME = "1. Open the page."  # both systems say the same here, so that all that could tell them apart is how they are shown
ANSWERS = {system: dict.fromkeys(RECORDS, SAME) for system in ("baseline", "finetuned")}


def test_half_of_the_items_show_the_finetuned_answer_first() -> None:
    for seed in ("a", "b", "c"):
        firsts = [place for place in assign([str(n) for n in range(60)], 6, seed) if not place.repeat]
        assert Counter(place.a for place in firsts) == {"baseline": 30, "finetuned": 30}


def test_a_repeat_comes_half_a_sheet_later_with_its_sides_swapped_under_an_id_of_its_own() -> None:
    placed = assign([str(n) for n in range(60)], 6, "seed")
    first = {place.record: (where, place) for where, place in enumerate(placed) if not place.repeat}
    repeats = [(where, place) for where, place in enumerate(placed) if place.repeat]
    assert len(repeats) == 6
    for where, place in repeats:
        before, original = first[place.record]
        assert where - before >= 30
        assert place.a != original.a
    assert len({place.item for place in placed}) == 66


def test_each_rater_has_an_order_and_sides_of_their_own_on_the_same_items() -> None:
    anna, ben = assign(list(RECORDS), 0, "anna"), assign(list(RECORDS), 0, "ben")
    assert {place.record for place in anna} == {place.record for place in ben}
    assert [place.record for place in anna] != [place.record for place in ben]
    assert {place.item for place in anna}.isdisjoint(place.item for place in ben)


def test_a_larger_sample_contains_the_smaller_one() -> None:
    assert set(sample(list(RECORDS), 3)) < set(sample(list(RECORDS), 5))


def visible(page: str, placed: list[Placed]) -> list[list[float]]:
    """What a page shows of each item beside its texts: place, id, where it stands in the file, key order, sizes, record."""
    items = json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])["queues"][0]["items"]  # type: ignore[index]
    names, seen, rows = list(RECORDS), Counter[str](), []
    for number, (item, place) in enumerate(zip(items, placed, strict=True)):
        assert item["item"] == place.item
        seen[item["question"]] += 1
        chunk = page[page.index(item["item"]) - 200 : page.index(item["item"]) + 200]
        digits = [int(digit, 16) for digit in item["item"]]
        asked = names.index(next(name for name in names if RECORDS[name].prompt == item["question"]))
        order = [list(item).index(key) for key in ("a", "b", "item", "question", "reference")]
        sizes = [len(page), page.index(item["item"]), chunk.count('"'), len(json.dumps(item))]
        rows.append([number, number % 2, seen[item["question"]], asked, *digits, *order, *sizes])
    return rows


def guessed(sheets: list[list[Placed]]) -> tuple[int, int]:
    """How many sides of unseen sheets a classifier gets right, and of how many."""
    features, truth = [], []
    for placed in sheets:
        page = sheet("anna", [shown(place, RECORDS[place.record], ANSWERS) for place in placed])
        features.append(visible(page, placed))
        truth.append([place.a == "finetuned" for place in placed])
    half = len(sheets) // 2
    model = RandomForestClassifier(60, min_samples_leaf=5, random_state=0)
    model.fit(np.concatenate(features[:half]), np.concatenate(truth[:half]))
    right = model.predict(np.concatenate(features[half:])) == np.concatenate(truth[half:])
    return int(right.sum()), len(right)


def test_a_classifier_on_a_thousand_sheets_stays_at_chance() -> None:
    right, total = guessed([assign(list(RECORDS), 2, str(seed)) for seed in range(1000)])
    low, high = binom.interval(0.999, total, 0.5)
    assert low <= right <= high, f"{right} of {total}"


@pytest.mark.parametrize("leak", ["by record", "by id", "by place"])
def test_the_classifier_would_see_a_leak(leak: str) -> None:
    def leaky(place: Placed, number: int) -> Placed:
        told = {"by record": place.record < "one", "by id": place.item < "8", "by place": number % 2 == 0}[leak]
        return Placed(place.item, place.record, "finetuned" if told else "baseline", place.repeat)

    sheets = [[leaky(place, n) for n, place in enumerate(assign(list(RECORDS), 2, str(seed)))] for seed in range(60)]
    right, total = guessed(sheets)
    assert right > 0.9 * total


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_jsonl(tmp_path / "test.jsonl", RECORDS.values())
    for system in ("baseline", "finetuned"):
        write_jsonl(tmp_path / f"{system}.jsonl", [{"id": name, "answer": f"{system[:1]} {name}"} for name in RECORDS])
    return tmp_path


def build(project: Path, rater: str = "anna", items: int = 6) -> None:
    rate(rater, items, 2, project / "test.jsonl", project, project / "out", project / "ratings")


def test_the_page_names_neither_system_and_the_key_is_published_by_its_hash(project: Path) -> None:
    build(project)
    page = (project / "out/anna.html").read_text()
    assert not re.search("baseline|fine-?tuned|adapter", page, re.IGNORECASE)
    assert json.loads((project / "out/keys/anna.key.json").read_text())["seed"] not in page
    assert set(read_commitments(project / "ratings/keys.csv")) == {"anna"}


def test_a_lost_page_is_built_again_the_same_but_a_published_key_never_changes(project: Path) -> None:
    build(project)
    first = (project / "out/anna.html").read_bytes()
    build(project)
    assert (project / "out/anna.html").read_bytes() == first
    with pytest.raises(InputError, match="is published; take another name"):
        build(project, items=5)
    assert (project / "out/anna.html").read_bytes() == first


@pytest.mark.parametrize("name", ["Anna", "a b", "judge-x", "../x", ""])
def test_a_name_that_cannot_be_a_file_is_refused(project: Path, name: str) -> None:
    with pytest.raises(InputError, match="a rater's name"):
        build(project, name)
