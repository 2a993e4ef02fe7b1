"""The rating page and the review page in a real browser: by keyboard, offline, with text that would like to be markup."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from ruamel.yaml import YAML

from stages.common.records import json_lines, write_jsonl
from stages.evaluate.opinions.ratings import read_ratings
from stages.ingest.__main__ import main as ingest
from stages.rate.__main__ import main as rate
from stages.review.__main__ import main as review
from tests.browser import downloaded, needs_browser, opened, pressed, started
from tests.examples import row

pytestmark = needs_browser
HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} <!-- &lt;b&gt; \u2028 \ud83d\ude00 ${x}"
REVIEWS = Path("data/raw/reviews")
RATED = "4 5 3 2 1 5 y 1 1 1 1 1 1 n"  # all marks of A, then of B


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with started() as found:
        yield found


def rows_of(path: Path) -> list[dict[str, Any]]:
    return [found for _, found in json_lines(path)]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Four questions with hostile texts, and the sheet of Anna."""
    records = [row(name, prompt=f"{name}? {HOSTILE}") for name in ("one", "two", "three", "four")]
    write_jsonl(tmp_path / "test.jsonl", records)
    for system in ("baseline", "finetuned"):
        answers = [{"id": record.id, "answer": f"{system[0]} {record.id} {HOSTILE}"} for record in records]
        write_jsonl(tmp_path / f"{system}.jsonl", answers)
    rate("anna", 4, 1, tmp_path / "test.jsonl", tmp_path, tmp_path, tmp_path / "ratings")
    return tmp_path


def test_an_item_is_rated_by_keyboard_alone_and_comes_back_as_a_rating_that_evaluate_reads(
    browser: Browser, project: Path
) -> None:
    with opened(browser, project / "anna.html") as page:
        pressed(page, f"{RATED} b j {RATED} t j 3")
        assert "3 of 5, 2 done" in page.inner_text("header")
        rows = rows_of(downloaded(page, project / "ratings"))
    mark = {"completeness": 5, "clarity": 3, "format": 2, "fluency": 1, "relevance": 5, "accuracy": 4, "acceptable": True}
    assert rows[0]["a"] == mark
    assert rows[0]["b"] == dict.fromkeys(mark, 1) | {"acceptable": False}
    assert [found.get("preference") for found in rows] == ["b", "tie", None]
    assert rows[2]["a"] == {"accuracy": 3}
    (project / "keys/anna.key.json").rename(project / "ratings/anna.key.json")
    answers = {
        system: {found["id"]: found["answer"] for found in rows_of(project / f"{system}.jsonl")}
        for system in ("baseline", "finetuned")
    }
    judgements, stale = read_ratings(project / "ratings", answers)
    assert (len(judgements), stale) == (3, 0)
    assert {found.preference for found in judgements} <= {0.0, 0.5, 1.0, None}


def test_the_rating_page_keeps_its_state_over_a_reload_and_in_its_file(browser: Browser, project: Path) -> None:
    with opened(browser, project / "anna.html") as page:
        pressed(page, f"{RATED} a j 2")
        page.reload()
        assert "2 of 5, 1 done" in page.inner_text("header")
        first = downloaded(page, project)
    with opened(browser, project / "anna.html") as page:  # another browser: nothing is kept there
        assert "0 done" in page.inner_text("header")
        page.set_input_files("#file", first)
        page.get_by_text("2 rows loaded.").wait_for()
        assert "1 of 5, 1 done" in page.inner_text("header")
        assert rows_of(downloaded(page, project / "again")) == rows_of(first)


def test_a_file_of_another_sheet_is_not_taken(browser: Browser, project: Path) -> None:
    write_jsonl(project / "ben.jsonl", [{"item": "0123", "rater": "ben", "preference": "a"}])
    (project / "broken.jsonl").write_text("<html>")
    with opened(browser, project / "anna.html") as page:
        page.set_input_files("#file", project / "ben.jsonl")
        page.get_by_text("0 rows loaded, 1 are not of this page.").wait_for()
        page.set_input_files("#file", project / "broken.jsonl")
        page.get_by_text("a line is not JSON").wait_for()


def test_hostile_text_is_shown_as_text_and_runs_nowhere(browser: Browser, project: Path) -> None:
    with opened(browser, project / "anna.html") as page:  # fails on a dialog, a script error or a refused resource
        shown = page.inner_text("main")
        assert shown.count(HOSTILE.partition("\u2028")[0]) == 3  # the question and both answers; the verified one is folded
        assert page.locator("main img, main script").count() == 0


def test_the_verified_answer_is_folded_and_opening_it_is_recorded(browser: Browser, project: Path) -> None:
    with opened(browser, project / "anna.html") as page:
        assert not page.locator("#reference .text").is_visible()
        pressed(page, "r")
        assert page.locator("#reference .text").is_visible()
        page.wait_for_function("JSON.stringify(state).includes('reference_seen')")
        assert rows_of(downloaded(page, project))[0]["reference_seen"] is True


@pytest.mark.parametrize(("width", "scheme"), [(390, "dark"), (1400, "light")])
def test_the_page_fits_its_window_and_every_control_has_a_name(
    browser: Browser, project: Path, width: int, scheme: str
) -> None:
    with opened(browser, project / "anna.html", width, scheme=scheme) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        for control in page.locator("button, input[type=radio], fieldset").all():
            assert control.evaluate("node => (node.labels?.[0] ?? node.querySelector('legend') ?? node).innerText.trim()")
        backgrounds = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert backgrounds == ("rgb(22, 24, 28)" if scheme == "dark" else "rgb(251, 250, 248)")


def draft(name: str, answer: str) -> dict[str, Any]:
    """A line of a batch API's output."""
    labels = {"domain": "banking", "task_type": "freeze_card", "language": "en", "register": "formal"}
    message = {"choices": [{"message": {"content": answer}}]}
    asked = {"messages": [{"role": "user", "content": f"How do I {name}? {HOSTILE}"}]}
    return {"custom_id": name, "metadata": labels, "request": asked, "response": {"body": message}, "error": None}


@pytest.fixture
def queues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two doubtful findings, one of them twice, and three drafts, one of them reviewed."""
    yaml, params = YAML(), YAML().load(Path("params.yaml"))
    wanted = {"draft": "data/raw/drafts/*.jsonl", "review": "data/raw/reviews/drafts-*.jsonl"}
    params["ingest"]["sources"] = [
        {**source, "path": wanted.pop(source["kind"])} for source in params["ingest"]["sources"] if source["kind"] in wanted
    ]
    yaml.dump(params, tmp_path / "params.yaml")
    text = f"\U0001f600 Call Budi. {HOSTILE}"
    finding = {"hash": "a" * 64, "entity": "PERSON", "score": 0.55, "text": text, "start": 7, "end": 11, "source": "x:1"}
    write_jsonl(tmp_path / "queue.jsonl", [finding, finding, {**finding, "hash": "b" * 64, "start": 2, "end": 6}])
    write_jsonl(
        tmp_path / "data/raw/drafts/a.jsonl", [draft(name, f"1. {HOSTILE}") for name in ("lock", "pay", "sign", "scan")]
    )
    write_jsonl(tmp_path / "data/raw/reviews/drafts-1.jsonl", [{"draft_id": "scan", "verdict": "accepted"}])
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_verdicts_on_personal_data_hold_a_hash_and_no_text_and_are_not_asked_again(browser: Browser, queues: Path) -> None:
    review(Path("queue.jsonl"), REVIEWS, Path("review.html"))
    with opened(browser, Path("review.html")) as page:
        assert page.inner_text("mark") == "Budi"
        assert "Personal data (2)" in page.inner_text("header")
        pressed(page, "y n")
        rows = rows_of(downloaded(page, queues / REVIEWS))
    assert rows == [
        {"hash": "a" * 64, "entity": "PERSON", "verdict": "pii"},
        {"hash": "b" * 64, "entity": "PERSON", "verdict": "not_pii"},
    ]
    review(Path("queue.jsonl"), REVIEWS, Path("review.html"))
    assert "a" * 64 not in Path("review.html").read_text()
    with opened(browser, Path("review.html")) as page:
        assert "Personal data (0)" in page.inner_text("header")


def test_drafts_are_accepted_edited_and_rejected_in_the_form_that_ingest_reads(browser: Browser, queues: Path) -> None:
    review(Path("none.jsonl"), REVIEWS, Path("review.html"))
    with opened(browser, Path("review.html")) as page:
        pressed(page, "a e")
        page.get_by_label("The answer as it should be").fill(f"1. Better. {HOSTILE}")
        pressed(page, "Control+Enter x")
        page.get_by_label("Why is it rejected?").fill("  ")
        pressed(page, "Enter")  # a blank reason is none
        assert "2 done" in page.inner_text("header")
        page.get_by_label("Why is it rejected?").fill("wrong product")
        pressed(page, "Enter")
        assert "3 done" in page.inner_text("header")
        rows = rows_of(downloaded(page, queues / REVIEWS))
    assert [(found["draft_id"], found["verdict"]) for found in rows] == [
        ("lock", "accepted"), ("pay", "edited"), ("sign", "rejected")
    ]  # fmt: skip
    ingest(Path("out.jsonl"), Path("dropped.jsonl"), Path("counts.json"))
    reviews = {found["prompt"].split("?")[0]: found["review"] for found in rows_of(Path("out.jsonl"))}
    assert reviews == {"How do I lock": "verified", "How do I pay": "edited", "How do I scan": "verified"}
    assert [found["reason"] for found in rows_of(Path("dropped.jsonl"))] == ["rejected_in_review"]


def test_a_second_verdict_replaces_the_first_with_all_that_belonged_to_it(browser: Browser, queues: Path) -> None:
    review(Path("none.jsonl"), REVIEWS, Path("review.html"))
    with opened(browser, Path("review.html")) as page:
        pressed(page, "x")
        page.get_by_label("Why is it rejected?").fill("wrong product")
        pressed(page, "Enter k a")
        rows = rows_of(downloaded(page, queues / "again"))
    assert [sorted(found) for found in rows] == [["date", "draft_id", "verdict"]]
