"""Ratings are joined to the systems by a published key; the numbers made of them have known right answers."""

import json
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from stages.common.errors import InputError
from stages.common.ratings import CRITERIA, Key, KeyItem, fingerprint
from stages.common.records import write_jsonl
from stages.evaluate.opinions.agreement import alpha, matrix, self_consistency
from stages.evaluate.opinions.join import opinions
from stages.evaluate.opinions.people import win_rate
from stages.evaluate.opinions.ratings import read_ratings
from stages.report.markdown import people_part
from stages.report.people import blocks
from tests.examples import SHARED, needs_shared

IDS = [f"q{number}" for number in range(8)]
ANSWERS = {system: [f"{system} {name}" for name in IDS] for system in ("baseline", "finetuned")}
BY_ID = {system: dict(zip(IDS, texts, strict=True)) for system, texts in ANSWERS.items()}


def key_item(name: str, a: str, repeat: bool = False) -> KeyItem:
    b = {"baseline": "finetuned", "finetuned": "baseline"}[a]
    prints = {"a_answer": fingerprint(BY_ID[a][name]), "b_answer": fingerprint(BY_ID[b][name])}
    return KeyItem(item=f"{name}-{repeat:d}", record=name, repeat=repeat, a=a, b=b, **prints)  # type: ignore[arg-type]


KEY_ITEMS = [key_item(name, ("baseline", "finetuned")[n % 2]) for n, name in enumerate(IDS)] + [
    key_item("q0", "finetuned", True)
]


def rating(item: KeyItem, preferred: str, good: int, bad: int, rater: str = "anna") -> dict[str, Any]:
    """A rating that prefers a system, gives it `good` by every criterion and the other `bad`; "tie" gives both `good`."""
    marks = {system: dict.fromkeys(CRITERIA, good if preferred in (system, "tie") else bad) for system in (item.a, item.b)}
    sides = {item.a: "a", item.b: "b", "tie": "tie"}
    rated = {
        side: {**marks[system], "acceptable": marks[system]["accuracy"] > 3} for system, side in ((item.a, "a"), (item.b, "b"))
    }
    return {"rater": rater, "item": item.item, "preference": sides[preferred], **rated}


def save(folder: Path, rows: list[dict[str, Any]], rater: str = "anna", items: list[KeyItem] = KEY_ITEMS) -> None:
    """Ratings, key and published hash of one rater, as `make rate` and the page leave them."""
    folder.mkdir(exist_ok=True)
    text = json.dumps(asdict(Key(rater=rater, seed="s", items=items)))
    (folder / f"{rater}.key.json").write_text(text)
    published = folder / "keys.csv"
    before = published.read_text() if published.exists() else "rater,sha256\n"
    published.write_text(f"{before}{rater},{sha256(text.encode()).hexdigest()}\n")
    write_jsonl(folder / f"{rater}.jsonl", rows)


def joined(folder: Path) -> dict[str, Any]:
    """What evaluate makes of `folder` where a metric agrees with people and another does not move."""
    tuned = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.1])
    zero = np.zeros(len(IDS))
    scores = {"baseline": {"answer.x": zero, "answer.y": zero}, "finetuned": {"answer.x": tuned, "answer.y": zero}}
    return opinions(folder, IDS, ANSWERS, scores, 1, 1000)[0]


def test_marks_and_preferences_are_told_by_system_whatever_the_side(tmp_path: Path) -> None:
    save(tmp_path, [rating(item, "finetuned", 5, 2) for item in KEY_ITEMS[:8]])
    found = joined(tmp_path)
    assert found["ratings"] == {"raters": 1, "rows": 8, "n": 8, "stale": 0}
    assert found["preference"] == {
        "n": 8, "wins": 8, "losses": 0, "ties": 0, "win_rate": 1.0, "low": 1.0, "high": 1.0, "p_value": pytest.approx(2 / 2**8)
    }  # fmt: skip
    assert (found["accuracy"]["baseline"], found["accuracy"]["finetuned"], found["accuracy"]["difference"]) == (2, 5, 3)
    assert (found["acceptable"]["baseline"], found["acceptable"]["finetuned"]) == (0, 1)
    assert "alpha" not in found["accuracy"]  # one rater agrees with nobody


def test_two_raters_of_one_question_count_as_one_question(tmp_path: Path) -> None:
    for rater in ("anna", "ben"):
        save(tmp_path, [rating(item, "finetuned", 5, 1, rater) for item in KEY_ITEMS[:4]], rater)
    found = joined(tmp_path)
    assert (found["preference"]["n"], found["preference"]["wins"]) == (4, 4)
    assert found["accuracy"]["alpha"] == 1.0
    save(tmp_path, [rating(item, "baseline", 5, 1, "cara") for item in KEY_ITEMS[:4]], "cara")
    assert joined(tmp_path)["accuracy"]["alpha"] < 0


def test_a_tie_is_half_a_win_and_no_vote_in_the_sign_test() -> None:
    found = win_rate([1, 1, 1, 1, 1, 0.5, 0.5, 0], 1, 1000)
    assert (found["wins"], found["losses"], found["ties"]) == (5, 1, 2)
    assert found["win_rate"] == 6 / 8
    assert found["p_value"] == pytest.approx(2 * (6 + 1) / 2**6)  # binomial, 5 or more of 6, both tails
    assert found["low"] < found["win_rate"] < found["high"]


def test_sixty_one_wins_of_a_hundred_are_evidence_and_sixty_are_not() -> None:
    assert win_rate([1.0] * 61 + [0.0] * 39, 1, 100)["p_value"] < 0.05 < win_rate([1.0] * 60 + [0.0] * 40, 1, 100)["p_value"]


def test_a_hidden_repeat_measures_the_rater_and_counts_nowhere_else(tmp_path: Path) -> None:
    first, repeat = KEY_ITEMS[0], KEY_ITEMS[8]
    save(tmp_path, [rating(first, "finetuned", 5, 2), rating(repeat, "finetuned", 4, 2)])
    judgements, _ = read_ratings(tmp_path, BY_ID)
    assert self_consistency(judgements) == {"n": 1, "same_preference": 1.0, "distance": 0.5}
    assert joined(tmp_path)["accuracy"]["finetuned"] == 5


def test_a_metric_that_ranks_questions_as_people_do_correlates_and_one_that_never_differs_has_no_number(tmp_path: Path) -> None:
    marks = [5, 5, 4, 4, 3, 3, 2, 2]
    save(tmp_path, [rating(item, "finetuned", mark, 1) for item, mark in zip(KEY_ITEMS, marks, strict=False)])
    found = joined(tmp_path)["correlation"]
    assert set(found) == {"answer.x"}
    assert found["answer.x"]["n"] == 8
    assert found["answer.x"]["spearman"] == pytest.approx(0.9759, abs=1e-4)


def test_ratings_of_answers_that_have_changed_are_counted_and_not_used(tmp_path: Path) -> None:
    save(tmp_path, [rating(item, "finetuned", 5, 2) for item in KEY_ITEMS[:8]])
    changed = {**BY_ID, "finetuned": {**BY_ID["finetuned"], "q0": "something else"}}
    judgements, stale = read_ratings(tmp_path, changed)
    assert ({found.record for found in judgements}, stale) == (set(IDS[1:]), 1)


def test_without_ratings_the_report_says_that_nobody_rated(tmp_path: Path) -> None:
    assert joined(tmp_path) == {"ratings": {"raters": 0, "rows": 0, "n": 0, "stale": 0}}
    assert "No person has rated these answers" in "".join(people_part(blocks(joined(tmp_path), {})))


def test_the_report_shows_what_was_found(tmp_path: Path) -> None:
    for rater in ("anna", "ben"):
        save(tmp_path, [rating(item, "finetuned", 5, 1 + n % 3, rater) for n, item in enumerate(KEY_ITEMS)], rater)
    text = "".join(people_part(blocks(joined(tmp_path), {"judge-m": win_rate([1, 0.5, 1], 1, 100)})))
    assert "Rated blind: 8 questions, raters 2, ratings 18." in text
    assert "| people | 8 | 8 | 0 | 0 | 1.0000 |" in text
    assert "| judge-m | 3 | 2 | 0 | 1 |" in text
    assert "nan" not in text


GOOD = rating(KEY_ITEMS[0], "tie", 3, 3)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{**GOOD, "a": {"accuracy": 6}}], r"anna\.jsonl:1: field 'a\.accuracy': .*less than or equal to 5"),
        ([{**GOOD, "a": {"accuracy": True}}], r"anna\.jsonl:1: field 'a\.accuracy'"),
        ([{**GOOD, "preference": "left"}], r"anna\.jsonl:1: field 'preference'"),
        ([{**GOOD, "system": "baseline"}], r"anna\.jsonl:1: field 'system'"),
        ([GOOD, GOOD], r"anna\.jsonl:2: field 'item': 'q0-0' stands twice"),
        ([{**GOOD, "item": "x"}], r"anna\.jsonl:1: field 'item': 'x' is no item of this rater's sheet"),
        ([{**GOOD, "rater": "ben"}], r"anna\.jsonl:1: field 'rater': is 'ben', must be 'anna'"),
    ],
)
def test_a_bad_rating_is_refused_by_file_line_and_field(tmp_path: Path, rows: list[Any], message: str) -> None:
    save(tmp_path, rows)
    with pytest.raises(InputError, match=message):
        read_ratings(tmp_path, BY_ID)


def test_ratings_without_a_published_key_or_with_another_one_are_refused(tmp_path: Path) -> None:
    save(tmp_path, [GOOD])
    key = tmp_path / "anna.key.json"
    key.write_text(key.read_text().replace('"a": "baseline"', '"a": "finetuned"'))
    with pytest.raises(InputError, match="is not the key whose hash was published"):
        read_ratings(tmp_path, BY_ID)
    key.unlink()
    with pytest.raises(InputError, match=r"anna\.key\.json: no such file; put the key"):
        read_ratings(tmp_path, BY_ID)
    (tmp_path / "keys.csv").unlink()
    with pytest.raises(InputError, match="no key of 'anna' was published"):
        read_ratings(tmp_path, BY_ID)


def test_alpha_needs_two_ratings_of_a_unit_and_two_different_values() -> None:
    missing = float("nan")
    assert alpha(np.array([[1.0, missing], [missing, 2.0]]), "ordinal") is None
    assert alpha(np.array([[3.0, 3.0], [3.0, 3.0]]), "ordinal") is None
    assert alpha(np.empty((0, 0)), "nominal") is None
    assert alpha(np.array([[1.0, 5.0], [1.0, 5.0]]), "ordinal") == 1


def test_a_rater_who_did_not_rate_an_answer_leaves_a_gap_and_no_zero(tmp_path: Path) -> None:
    save(tmp_path, [{"rater": "anna", "item": "q0-0", "a": {"clarity": 2}, "b": {}}])
    judgements, _ = read_ratings(tmp_path, BY_ID)
    assert matrix(judgements, "clarity").tolist()[0][0] == 2
    assert np.isnan(matrix(judgements, "clarity")[0, 1])


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize("name", ["wikipedia_krippendorff", "gwet_raw4raters", "gwet_raw5observers", "gwet_raw_gender"])
def test_alpha_gives_the_published_values(name: str) -> None:
    cases = json.loads((SHARED / "metric_reference/cases.json").read_text())["agreement"]
    case = next(case for case in cases if case["name"] == name)
    codes = {"a": 1, "b": 2, "c": 3, None: np.nan}
    ratings = np.array([[codes.get(cell, cell) for cell in row] for row in case["data"]], dtype=float)
    known = {"nominal": "nominal", "interval": "interval", "interval_quadratic": "interval", "ratio": "ratio"}
    known["krippendorff_ordinal_metric"] = "ordinal"
    expected = {key.removeprefix("alpha_"): value for key, value in case["expect"].items() if key.startswith("alpha_")}
    checked = {kind: value for kind, value in expected.items() if kind in known}
    assert checked
    for kind, value in checked.items():
        digits = len(str(value).split(".")[1])
        assert alpha(ratings, known[kind]) == pytest.approx(value, abs=0.5000001 * 10**-digits), kind  # type: ignore[arg-type]


@pytest.mark.shared
@needs_shared
@pytest.mark.parametrize(("column", "expected"), [("correctness", 0.458692), ("selection", 0.781275), ("overall", 0.798256)])
def test_alpha_of_incomplete_ratings_on_a_hundred_point_scale(column: str, expected: float) -> None:
    table = pd.read_csv(SHARED / "squality_ratings/ratings_long.csv")
    wide = table.pivot(index="worker_id", columns=["passage_id", "question", "system"], values=column)
    assert wide.isna().any().all()  # a quarter of the matrix is missing by design
    assert alpha(wide.to_numpy(dtype=float), "interval") == pytest.approx(expected, abs=5e-7)
