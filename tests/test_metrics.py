"""What must hold of any metric: identity is the maximum, nothing is the minimum, order counts where it should."""

from pathlib import Path
from typing import Any

import evaluate
import pytest

from stages.common.embeddings import minilm
from stages.common.steps import render_steps
from stages.evaluate.keys import ANSWER, STEPS
from stages.evaluate.metrics.bertscore import BertScore
from stages.evaluate.metrics.bleu import Bleu
from stages.evaluate.metrics.chrf import Chrf
from stages.evaluate.metrics.exact import Exact
from stages.evaluate.metrics.meteor import Meteor
from stages.evaluate.metrics.rouge import Rouge
from stages.evaluate.metrics.steps import Steps
from stages.evaluate.metrics.surface import Surface

FOUR = ["Open the Settings page.", "Tap Security and privacy.", "Turn off the alarm.", "Restart your phone."]
CYRILLIC = "1. Откройте настройки.\n2. Нажмите кнопку."


@pytest.fixture(scope="module")
def metrics() -> list[Any]:
    bert = BertScore(keep_in_memory=True).use(str(minilm()), 6)
    return [bert, *(kind(keep_in_memory=True) for kind in (Bleu, Rouge, Meteor, Exact, Steps, Chrf))]


def scores(metrics: list[Any], text: str, truth: str) -> dict[str, float]:
    found = {}
    for metric in metrics:
        found |= {key: rows[0] for key, rows in metric.compute(predictions=[text], references=[truth]).items()}
    return found


@pytest.mark.parametrize("text", [render_steps(FOUR), "1. Tap Freeze.", CYRILLIC, "1. เปิดแอป\n2. แตะปุ่ม", "1. Buka aplikasi."])
def test_an_identical_answer_gets_the_maximum_in_any_script(metrics: list[Any], text: str) -> None:
    found = scores(metrics, text, text)
    assert set(found) == {*ANSWER, *STEPS, "chrf"}
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


def test_a_button_in_other_letters_is_another_word_for_bleu_alone(metrics: list[Any]) -> None:
    found = scores(metrics, "1. Tap Save Now.", "1. Tap SAVE Now.")
    assert found["bleu"] < found["rouge1"] == 1


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
    ("name", "kind"),
    [
        ("bleu", Bleu),
        ("rouge", Rouge),
        ("meteor", Meteor),
        ("exact", Exact),
        ("steps", Steps),
        ("chrf", Chrf),
        ("surface", Surface),
    ],
)
def test_each_module_also_loads_through_evaluate(name: str, kind: Any, tmp_path: Path) -> None:
    loaded = evaluate.load(f"stages/evaluate/metrics/{name}.py", keep_in_memory=True, cache_dir=str(tmp_path))
    pair = {"predictions": [render_steps(FOUR[:3])], "references": [render_steps(FOUR)]}
    assert loaded.compute(**pair) == kind(keep_in_memory=True).compute(**pair)


def test_a_synonym_counts_for_meteor_only_where_wordnet_is_installed(tmp_path: Path) -> None:
    write_wordnet(tmp_path, ("auto", "car"))
    pair = {"predictions": ["Lock the auto"], "references": ["Lock the car"]}
    without, with_synonyms = (Meteor(keep_in_memory=True).use(folder) for folder in (None, tmp_path))
    assert with_synonyms.compute(**pair)["meteor"][0] > 0.9 > without.compute(**pair)["meteor"][0]
    assert "no WordNet" in without.signature()
    assert "WordNet 3.0" in with_synonyms.signature()


def write_wordnet(folder: Path, synonyms: tuple[str, str]) -> None:
    """A dictionary of one synset, in the format of wndb(5WN), as a distribution installs it."""
    head = "  1 WordNet 3.0 Copyright 2006 by Princeton University.\n"
    entry = f"{len(head):08d} 06 n {len(synonyms):02x} {' '.join(f'{word} 0' for word in synonyms)} 000 | a thing\n"
    for kind in ("noun", "verb", "adj", "adv"):
        (folder / f"data.{kind}").write_text(head + (entry if kind == "noun" else ""))
        words = [f"{word} n 1 0 1 0 {len(head):08d}  \n" for word in synonyms] if kind == "noun" else []
        (folder / f"index.{kind}").write_text(head + "".join(words))
        (folder / f"{kind}.exc").write_text("")


@pytest.mark.parametrize(
    ("text", "truth", "expected"),
    [("a b", "a b c d", 0.5), ("a b c d", "a b", 0.5), ("a", "b", 1.0), ("", "", 1.0), ("", "a", 0.0)],
)
def test_too_long_lowers_the_length_ratio_as_too_short_does(text: str, truth: str, expected: float) -> None:
    assert surface(text, truth)["length_ratio"] == expected


def test_repetition_is_the_share_of_four_words_that_stood_before() -> None:
    assert surface("tap the red button", "")["repetition_rate"] == 0
    assert surface("a a a a a a", "")["repetition_rate"] == pytest.approx(2 / 3)  # one distinct of three


@pytest.mark.parametrize(
    "text", ["I'm sorry, but I can't help.", "I cannot do that.", "Maaf, saya tidak bisa.", "**Sorry,** no"]
)
def test_a_refusal_is_told_by_how_it_begins(text: str) -> None:
    assert surface(text, "")["refusal_rate"] == 1


@pytest.mark.parametrize("text", ["1. Open Cards.", "1. If you cannot log in, tap Help.", "", "1. Say sorry, I cannot come."])
def test_steps_that_speak_of_what_cannot_be_done_are_no_refusal(text: str) -> None:
    assert surface(text, "")["refusal_rate"] == 0


def surface(text: str, truth: str) -> dict[str, float]:
    found = Surface(keep_in_memory=True).compute(predictions=[text], references=[truth])
    return {key: rows[0] for key, rows in found.items()}
