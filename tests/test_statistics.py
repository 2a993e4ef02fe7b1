"""What a reader believes of a verdict: that it is rarely false, that it is found, and that equal systems are equal."""

import time
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.random import Generator
from scipy import stats

from stages.evaluate.keys import MEASURED
from stages.evaluate.power import caution, least
from stages.evaluate.statistics import Matrix, bootstrap, compare, holm, randomisation, verdict

ROWS, TRIALS, RESAMPLES = 239, 1000, 2000
OPTIONS = {"seed": 1, "resamples": 2000}


def continuous(draw: Generator, size: tuple[int, int]) -> Matrix:
    return draw.beta(2, 5, size)


def binary(draw: Generator, size: tuple[int, int]) -> Matrix:
    """One row in ten right, as exact match or format may be."""
    return (draw.random(size) < 0.1).astype(np.float64)


def tied(draw: Generator, size: tuple[int, int]) -> Matrix:
    """Nine rows in ten 0, the rest one of three values, as step accuracy of a small model is."""
    return np.where(draw.random(size) < 0.9, 0.0, draw.choice([0.25, 0.5, 1.0], size))


@pytest.mark.parametrize("kind", [continuous, binary, tied])
def test_of_a_thousand_equal_systems_at_most_one_in_forty_is_called_better(kind: Callable[..., Matrix]) -> None:
    draw = np.random.default_rng(7)
    deltas = kind(draw, (ROWS, TRIALS)) - kind(draw, (ROWS, TRIALS))
    p_values, means = randomisation(deltas, 3, RESAMPLES), deltas.mean(axis=0)
    said = [verdict("answer.bleu", float(mean), float(p), 0.0) for mean, p in zip(means, p_values, strict=True)]
    assert 0.01 <= said.count("better") / TRIALS <= 0.035
    assert 0.01 <= said.count("worse") / TRIALS <= 0.035


def test_among_twelve_equal_metrics_a_false_better_is_as_rare_as_for_one() -> None:
    """The metrics of one exam go up and down together; Holm's correction holds for any dependence."""
    draw = np.random.default_rng(11)
    deltas = draw.normal(0, 1, (ROWS, TRIALS, 1)) + draw.normal(0, 1, (ROWS, TRIALS, 12))
    p_values = randomisation(deltas.reshape(ROWS, -1), 5, 1000).reshape(TRIALS, 12)
    false = [((holm(family) < 0.05) & (means > 0)).any() for family, means in zip(p_values, deltas.mean(axis=0), strict=True)]
    assert sum(false) / TRIALS <= 0.035


def test_the_interval_holds_the_true_difference_nineteen_times_in_twenty() -> None:
    deltas = np.random.default_rng(5).normal(0.03, 0.2, (ROWS, TRIALS))
    low, high = bootstrap(deltas, 2, RESAMPLES)
    assert 0.93 <= ((low <= 0.03) & (high >= 0.03)).mean() <= 0.97


def test_a_true_difference_of_three_hundredths_is_found_in_two_hundred_rows_where_an_unpaired_test_is_blind() -> None:
    draw = np.random.default_rng(0)
    easy = draw.uniform(0, 1, 200)
    harder = easy + draw.normal(0.03, 0.1, 200)
    assert compare({"answer.bleu": easy}, {"answer.bleu": harder}, **OPTIONS)["answer.bleu"].verdict == "better"
    assert compare({"answer.bleu": harder}, {"answer.bleu": easy}, **OPTIONS)["answer.bleu"].verdict == "worse"
    assert stats.ttest_ind(easy, harder).pvalue > 0.05


def test_the_numbers_are_those_of_an_independent_implementation() -> None:
    deltas = np.random.default_rng(4).normal(0.02, 0.1, (60, 1))
    theirs = stats.permutation_test((deltas[:, 0],), np.mean, permutation_type="samples", n_resamples=20_000, rng=1)
    assert randomisation(deltas, 1, 20_000)[0] == pytest.approx(theirs.pvalue, abs=0.01)
    interval = stats.bootstrap((deltas[:, 0],), np.mean, method="percentile", n_resamples=20_000, rng=1).confidence_interval
    assert [end[0] for end in bootstrap(deltas, 1, 20_000)] == pytest.approx([interval.low, interval.high], abs=0.002)


def test_identical_systems_differ_by_nothing_and_that_is_no_evidence() -> None:
    rows = np.random.default_rng(1).uniform(0, 1, 50)
    found = compare({"answer.bleu": rows}, {"answer.bleu": rows.copy()}, **OPTIONS)["answer.bleu"]
    assert (found.n, found.mean, found.low, found.high, found.p_value) == (50, 0, 0, 0, 1)
    assert found.verdict == "no evidence"


def test_one_row_is_never_evidence() -> None:
    found = compare({"answer.bleu": np.zeros(1)}, {"answer.bleu": np.ones(1)}, **OPTIONS)["answer.bleu"]
    assert (found.p_value, found.verdict) == (1, "no evidence")


def test_a_difference_within_the_noise_floor_is_no_evidence() -> None:
    first, second = {"answer.bleu": np.zeros(100)}, {"answer.bleu": np.full(100, 0.01)}
    assert compare(first, second, **OPTIONS)["answer.bleu"].verdict == "better"
    assert compare(first, second, **OPTIONS, noise={"answer.bleu": 0.01})["answer.bleu"].verdict == "no evidence"


def test_more_of_a_rate_is_worse() -> None:
    first, second = {"safety.refusal_rate": np.zeros(50)}, {"safety.refusal_rate": np.ones(50)}
    assert compare(first, second, **OPTIONS)["safety.refusal_rate"].verdict == "worse"


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_holm_only_raises_p_values_and_keeps_their_order(values: list[float]) -> None:
    corrected = holm(values).tolist()
    assert all(value <= raised <= 1 for value, raised in zip(values, corrected, strict=True))
    assert min(corrected) == pytest.approx(min(1, min(values) * len(values)))
    ordered = [raised for _, raised in sorted(zip(values, corrected, strict=True))]
    assert ordered == sorted(ordered)


def test_holm_is_that_of_a_worked_example() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]).tolist() == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_eighteen_metrics_on_a_thousand_rows_take_seconds() -> None:
    draw = np.random.default_rng(2)
    first, second = ({f"answer.m{n}": draw.uniform(0, 1, 1000) for n in range(18)} for _ in range(2))
    start = time.perf_counter()
    compare(first, second, seed=1, resamples=10_000)
    assert time.perf_counter() - start < 10


def test_too_few_questions_show_nothing_however_large_the_difference_and_the_fewest_that_do_are_named() -> None:
    keys = [f"answer.{number}" for number in range(18)]
    for rows, expected in ((least(18) - 1, "no evidence"), (least(18), "better")):
        worst, best = (dict.fromkeys(keys, np.full(rows, level)) for level in (0.0, 1.0))
        found = compare(worst, best, seed=1, resamples=10_000)
        assert {difference.verdict for difference in found.values()} == {expected}


HEADLINE = ["answer.rougeL", "answer.bertscore_f1", "steps.accuracy", "steps.format"]


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (9, "Only 9 questions: the test, corrected for 18 metrics, can find no difference in so few"),
        (
            10,
            "a change smaller than 0.060 (answer.rougeL), 0.060 (answer.bertscore_f1), 0.060 (steps.accuracy), half the width",
        ),
        (199, "Only 199 questions: a change smaller than 0.060 (answer.rougeL)"),
        (200, ""),
    ],
)
def test_a_small_exam_says_what_it_could_not_have_shown(rows: int, expected: str) -> None:
    difference = {key: {"low": -0.02, "high": 0.1} for key in MEASURED} | {"steps.format": {"low": 1.0, "high": 1.0}}
    said = caution({"test_set": {"rows": rows}, "difference": difference, "headline": HEADLINE})
    assert expected in said
    assert bool(said) == bool(expected)
