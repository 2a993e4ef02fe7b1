"""The report: it shows what the numbers say, shows any text as text, and fetches nothing."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stages.common.records import Record, write_jsonl
from stages.evaluate.comparison import comparison, weaknesses
from stages.evaluate.distribution import distribution_csv, total_variation
from stages.evaluate.groups import FIELDS, by_group, group_csv
from stages.evaluate.human import by_row, headroom_closed, human_exam, measured_rows, peers
from stages.evaluate.keys import MEASURED
from stages.evaluate.row_scores import read_scores, row_lines, scores_csv
from stages.evaluate.statistics import Scores
from stages.evaluate.table import comparison_rows
from stages.params.evaluate import Params
from stages.params.section import load_params
from stages.report.examples import regressions, word_diff
from stages.report.findings import Findings, read_findings
from stages.report.markdown import markdown
from stages.report.page import page
from tests.examples import SHARED, needs_shared, row

HOSTILE = [
    "<script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "</style><svg/onload=alert(1)>",
    "{{ 7*7 }} {% raw %}",
    "a|b\n| --: |\n# title `code` [x](javascript:alert(1)) &lt;b&gt;",
]
ROWS = 40


def scores(level: float) -> Scores:
    draw = np.random.default_rng(5)
    return {key: draw.uniform(0, 1, ROWS) * level for key in MEASURED}


def found(folder: Path, records: list[Record], answers: list[str]) -> Findings:
    """The findings of a model that scores three times the baseline, except in the first row."""
    params = load_params("evaluate", Params)
    all_scores = {
        "baseline": scores(0.2),
        "finetuned": scores(0.6),
        "reference": scores(0) | {"answer.token_f1": np.ones(ROWS)},
    }
    all_scores["finetuned"]["answer.token_f1"][0] = 0
    groups = {
        field: by_group({name: all_scores[name] for name in ("baseline", "finetuned")}, records, field) for field in FIELDS
    }
    compared = {
        "headline": params.headline,
        **comparison(all_scores, {"rows_changed": 0, "floor": dict.fromkeys(MEASURED, 0.0)}, params),
        **weaknesses(groups, params),
        "human": {"ratings": {"raters": 0, "rows": 0, "n": 0, "stale": 0}},
        "judges": {},
        "human_reference": {"rows": ROWS, "leave_one_out": 0},
        "signatures": {"bleu": answers[0]},
        "test_set": {"rows": ROWS, "sha256": "0" * 64},
    }
    texts = {"baseline": answers, "finetuned": answers[::-1]}
    write_jsonl(folder / "test.jsonl", records)
    for system, said in texts.items():
        rows = [{"id": record.id, "answer": text, "truncated": False} for record, text in zip(records, said, strict=True)]
        write_jsonl(folder / f"{system}.jsonl", rows)
    write_jsonl(folder / "scores.jsonl", row_lines([record.id for record in records], all_scores))
    (folder / "comparison.json").write_text(json.dumps(compared))
    return read_findings(folder / "test.jsonl", folder, folder, 3)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What other stages leave in metrics/."""
    (tmp_path / "data").mkdir()
    (tmp_path / "plots").mkdir()
    counts = {"rows_in": 9, "rows_added": 0, "rows_out": 7, "dropped_too_short": 2}
    (tmp_path / "data/ingest.json").write_text(json.dumps(counts))
    (tmp_path / "plots/train_loss.csv").write_text("step,loss\n1,3.5\n2,2.5\n")
    (tmp_path / "pii.json").write_text(json.dumps({"canaries": {"tried": 40, "generated": 0}}))
    return tmp_path


def records(texts: list[str]) -> list[Record]:
    domains = ["banking"] * 30 + ["health"] * 10
    return [row(f"r{n:02d}", prompt=texts[n % len(texts)], domain=domains[n]) for n in range(ROWS)]


class Reader(HTMLParser):
    """Tags and attributes of a page, as a browser would see them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    return reader


def test_hostile_text_stays_text_in_both_forms(folder: Path) -> None:
    hostile = found(folder, records(HOSTILE), [HOSTILE[n % len(HOSTILE)] for n in range(ROWS)])
    html = read(page(hostile))
    assert html.tags.isdisjoint({"script", "img", "iframe", "object", "link", "b", "a"})
    assert not {name for name in html.attributes if name.startswith("on") or name in {"href", "src"}}
    assert "<script>alert(1)</script>" in "".join(html.text)
    assert "{{ 7*7 }}" in "".join(html.text)
    text = markdown(hostile)
    assert "<script" not in text
    assert "<img" not in text
    assert not re.search(r"(?<!\\)\[x\]\(", text)
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in rows if "script" in line} <= {4}


@needs_shared
@pytest.mark.shared
def test_naughty_strings_break_neither_form(folder: Path) -> None:
    naughty = [text for text in json.loads((SHARED / "naughty_strings/blns.json").read_text(encoding="utf-8")) if text.strip()]
    plain = read(page(found(folder, records(["How?"]), ["1. Tap."] * ROWS)))
    for start in range(0, len(naughty), ROWS):
        some = (naughty[start : start + ROWS] * ROWS)[:ROWS]
        findings = found(folder, records(some), some)
        assert read(page(findings)).tags <= plain.tags | {"del", "ins"}
        assert "<script" not in markdown(findings).lower()


def test_the_page_is_one_small_file_with_all_its_parts_and_the_same_bytes_each_time(folder: Path) -> None:
    findings = found(folder, records(["How do I pay?"]), ["1. Tap Pay."] * ROWS)
    html = page(findings)
    assert html == page(findings)
    assert len(html.encode()) < 1_000_000
    assert not re.search(r"(?:src|href|url\(|@import|https?://)", html)
    assert "prefers-color-scheme: dark" in html
    for part in (
        "Differences with their 95 % intervals",
        "by domain",
        "Loss by training step",
        "Steps an answer",
        "canaries.tried",
    ):
        assert part in html
    assert "canaries.tried | 40" in markdown(findings)


def test_verdicts_stand_before_the_table_and_name_each_metric_once(folder: Path) -> None:
    text = markdown(found(folder, records(["How?"]), ["1. Tap."] * ROWS))
    verdicts = text[: text.index("| metric |")]
    assert "of 18 metrics: better on " in verdicts
    headline, told = verdicts.split("\n- Better:")
    assert "- Headline: answer.rougeL +" in headline
    assert all(told.count(f" {key}") == 1 for key in MEASURED)
    assert f"\n- Only {ROWS} questions: a change smaller than 0." in verdicts


def test_what_people_said_is_text_in_both_forms(folder: Path) -> None:
    findings = found(folder, records(["How?"]), ["1. Tap."] * ROWS)
    asked = replace(findings, people=["Rated <blind>.", (["who", "win rate"], [["people | all", "0.7"]])])
    assert "Rated &lt;blind>." in markdown(asked)
    assert "| people \\| all | 0.7 |" in markdown(asked)
    assert "<td>people | all</td><td>0.7</td>" in page(asked)


def test_a_group_of_few_rows_is_counted_but_never_the_worst(folder: Path) -> None:
    few = [row(f"r{n}", domain="health" if n < 9 else "banking") for n in range(ROWS)]
    low: Scores = {key: np.where(np.arange(ROWS) < 9, 0.0, np.linspace(0.5, 1, ROWS)) for key in MEASURED}
    groups = {field: by_group({"baseline": low, "finetuned": low}, few, field) for field in FIELDS}
    weak = weaknesses(groups, load_params("evaluate", Params))
    assert list(weak["groups"]["domain"]) == ["banking"]
    assert weak["small_groups"]["domain"] == 1
    assert "health" not in json.dumps(weak["worst_group"])
    assert list(weak["worst_group"]) == load_params("evaluate", Params).headline
    assert "domain,health,9," in group_csv(groups, ("baseline", "finetuned"), ["steps.order"])


def test_regressions_are_the_rows_that_got_worse(folder: Path) -> None:
    findings = found(folder, [row(f"r{n:02d}") for n in range(ROWS)], [f"1. Tap {n}." for n in range(ROWS)])
    assert [example.prompt for example in regressions(findings)] == [findings.records[0].prompt]


def test_a_word_diff_holds_both_texts_and_nothing_else() -> None:
    old, new = "1. Open the app.\n2. Tap Pay.", "1. Open the web page.\n2. Tap Pay."
    pieces = word_diff(old, new)
    assert "".join(piece.text for piece in pieces if piece.kind != "old") == new
    assert [piece.text.strip() for piece in pieces if piece.kind == "old"] == ["app."]
    assert [piece.text.strip() for piece in pieces if piece.kind == "new"] == ["web page."]


def test_the_headroom_closed_is_the_share_of_the_way_to_the_reference() -> None:
    assert headroom_closed(0.2, 0.6, 1.0) == pytest.approx(0.5)
    assert headroom_closed(0.5, 0.4, 1.0) == pytest.approx(-0.2)
    assert headroom_closed(1.0, 1.0, 1.0) is None


def test_answers_to_the_same_question_are_peers_and_others_are_not() -> None:
    same = {"prompt": "How do I pay a bill?", "group_id": "g", "task_type": "pay_bill"}
    rows = [row("a", **same), row("b", **same), row("c", **{**same, "language": "id"}), row("d", group_id="h")]
    assert peers(rows) == [[1], [0], [], []]
    assert peers([row("a", **same), row("b", **{**same, "prompt": "How do I pay a parking fine?"})]) == [[], []]


def test_a_person_is_scored_against_the_others_who_answered_the_same_question() -> None:
    same = {"prompt": "How do I pay a bill?", "group_id": "g", "task_type": "pay_bill"}
    rows = [row("a", **same), row("b", **same), row("c", **same), row("d", group_id="h")]
    exam = human_exam(rows)
    assert len(exam.truths) == 3 * 2 + 1
    scores = {"answer.bleu": np.array([0.2, 0.4, 0.0, 0.0, 0.5, 0.7, 1.0])}
    assert by_row(scores, rows)["answer.bleu"].tolist() == pytest.approx([0.3, 0.0, 0.6, 1.0])
    assert measured_rows(rows) == 3


def test_scores_by_row_survive_the_way_through_git() -> None:
    values: dict[str, Any] = {"answer.bleu": np.array([0.12341, 1.0]), "steps.order": np.array([0.0, 0.5])}
    ids, back = read_scores(scores_csv(["a", "b"], values), "x")
    assert ids == ["a", "b"]
    assert {key: found.tolist() for key, found in back.items()} == {"answer.bleu": [0.1234, 1.0], "steps.order": [0.0, 0.5]}


def test_the_distance_of_distributions_is_the_share_of_rows_that_would_have_to_move() -> None:
    assert total_variation({"a": 50, "b": 50}, {"a": 5, "b": 5}) == 0
    assert total_variation({"a": 3, "b": 1}, {"a": 1, "b": 1}) == pytest.approx(0.25)
    assert total_variation({"a": 1}, {"b": 9}) == 1
    assert "language,en,train,2\n" in distribution_csv({"train": [row("a"), row("b")], "test": [row("c")]})


def test_the_table_has_three_systems_and_a_verdict_for_each_metric(folder: Path) -> None:
    rows = comparison_rows(found(folder, records(["How?"]), ["1. Tap."] * ROWS).comparison)
    assert [cells[0].removesuffix(" ↓") for cells in rows] == list(MEASURED)
    assert {cells[-1] for cells in rows} <= {"better", "worse", "no evidence"}
    assert {len(cells) for cells in rows} == {8}
