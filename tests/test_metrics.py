"""What must hold of any metric: identity is the maximum, nothing is the minimum, order counts where it should."""

import json
from pathlib import Path
from typing import Any

import evaluate
import numpy as np
import pytest

from stages.common.embeddings import minilm
from stages.common.steps import render_steps
from stages.evaluate.keys import ANSWER, STEPS
from stages.evaluate.metrics.bertscore import BertScore
from stages.evaluate.metrics.bleu import Bleu
from stages.evaluate.metrics.exact import Exact
from stages.evaluate.metrics.meteor import Meteor
from stages.evaluate.metrics.rouge import KEYS, Rouge
from stages.evaluate.metrics.steps import Steps
from stages.evaluate.scores import difference
from stages.params.evaluate import Params
from tests.examples import SHARED, needs_shared

FOUR = ["Open the Settings page.", "Tap Security and privacy.", "Turn off the alarm.", "Restart your phone."]
CYRILLIC = "1. Откройте настройки.\n2. Нажмите кнопку."
PARAMS = Params(
    candidate="finetuned", seed=1, resamples=2000, bertscore_model="minilm", bertscore_layer=6, step_threshold=0.7,
    batch_size=16, examples=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def metrics() -> list[Any]:
    bert = BertScore(keep_in_memory=True).use(str(minilm()), 6)
    return [bert, *(kind(keep_in_memory=True) for kind in (Bleu, Rouge, Meteor, Exact, Steps))]


def scores(metrics: list[Any], text: str, truth: str) -> dict[str, float]:
    found = {}
    for metric in metrics:
        found |= {key: rows[0] for key, rows in metric.compute(predictions=[text], references=[truth]).items()}
    return found


@pytest.mark.parametrize("text", [render_steps(FOUR), "1. Tap Freeze.", CYRILLIC, "1. เปิดแอป\n2. แตะปุ่ม", "1. Buka aplikasi."])
def test_an_identical_answer_gets_the_maximum_in_any_script(metrics: list[Any], text: str) -> None:
    found = scores(metrics, text, text)
    assert set(found) == {*ANSWER, *STEPS}
    assert found == pytest.approx(dict.fromkeys(found, 1.0), abs=1e-4)


def test_an_empty_answer_gets_nothing_and_crashes_nothing(metrics: list[Any]) -> None:
    assert set(scores(metrics, "", render_steps(FOUR)).values()) == {0.0}


def test_swapping_two_steps_lowers_order_alone_among_the_step_metrics(metrics: list[Any]) -> None:
    swapped = render_steps([FOUR[1], FOUR[0], *FOUR[2:]])
    found = scores(metrics, swapped, render_steps(FOUR))
    assert found["order"] == pytest.approx(5 / 6)
    assert [found[key] for key in ("accuracy", "completeness", "format")] == [1.0, 1.0, 1.0]
    assert found["rougeL"] < 1
    assert found["bleu"] < 1


def test_reversed_steps_have_order_zero(metrics: list[Any]) -> None:
    assert scores(metrics, render_steps(FOUR[::-1]), render_steps(FOUR))["order"] == 0


def test_a_missing_step_lowers_completeness_and_a_superfluous_one_accuracy(metrics: list[Any]) -> None:
    short = scores(metrics, render_steps(FOUR[:3]), render_steps(FOUR))
    assert (short["completeness"], short["accuracy"]) == (0.75, pytest.approx(6 / 7))
    long = scores(metrics, render_steps([*FOUR, "Buy bread and milk."]), render_steps(FOUR))
    assert (long["completeness"], long["accuracy"]) == (1.0, pytest.approx(8 / 9))


def test_repeating_one_right_step_is_matched_once(metrics: list[Any]) -> None:
    assert scores(metrics, render_steps([FOUR[0]] * 4), render_steps(FOUR))["completeness"] == 0.25


def test_prose_with_the_right_actions_loses_format_and_keeps_content(metrics: list[Any]) -> None:
    found = scores(metrics, " ".join(FOUR), render_steps(FOUR))
    assert (found["format"], found["accuracy"]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("name", "kind"), [("bleu", Bleu), ("rouge", Rouge), ("meteor", Meteor), ("exact", Exact), ("steps", Steps)]
)
def test_each_module_also_loads_through_evaluate(name: str, kind: Any, tmp_path: Path) -> None:
    loaded = evaluate.load(f"stages/evaluate/metrics/{name}.py", keep_in_memory=True, cache_dir=str(tmp_path))
    pair = {"predictions": [render_steps(FOUR[:3])], "references": [render_steps(FOUR)]}
    assert loaded.compute(**pair) == kind(keep_in_memory=True).compute(**pair)


@needs_shared
@pytest.mark.shared
def test_rouge_gives_the_right_answers_of_the_original_program() -> None:
    cases = json.loads((SHARED / "rouge_reference" / "cases.json").read_text(encoding="utf-8"))
    ours = [case for case in cases if case["kind"] in KEYS and not case["stem"]]
    assert len(ours) >= 5
    for case in ours:
        found = Rouge(keep_in_memory=True).compute(predictions=[case["prediction"]], references=[case["target"]])
        assert found[case["kind"]] == [pytest.approx(case["f"], abs=1e-5)]


@needs_shared
@pytest.mark.shared
def test_bleu_gives_the_right_answer_of_sacrebleu() -> None:
    reference = json.loads((SHARED / "metric_reference" / "cases.json").read_text(encoding="utf-8"))["bleu_sentence"]
    expected = next(case["score"] for case in reference["cases"] if case["smooth_method"] == "exp" and case["effective_order"])
    found = Bleu(keep_in_memory=True).compute(predictions=[reference["hyp"]], references=[reference["ref"]])
    assert found["bleu"] == [pytest.approx(expected / 100, abs=1e-4)]


def test_a_paired_difference_is_found_where_an_unpaired_test_would_not_see_it() -> None:
    draw = np.random.default_rng(0)
    easy = draw.uniform(0, 1, 200)
    change = difference(easy, easy + draw.normal(0.03, 0.05, 200), PARAMS)
    assert change.low > 0
    assert change.p_value < 0.01


def test_no_difference_is_no_evidence() -> None:
    draw = np.random.default_rng(3)
    easy = draw.uniform(0, 1, 200)
    change = difference(easy, easy + draw.normal(0, 0.1, 200), PARAMS)
    assert change.low < 0 < change.high
    assert difference(easy, easy, PARAMS).p_value == 1
