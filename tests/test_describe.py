from collections import Counter

from stages.describe import composition, histograms, opening_words, summary
from stages.params.describe import Params
from tests.examples import row

PARAMS = Params(question_bin=5, answer_bin=5, openings=1)
ROWS = [
    row("a", "How do I freeze it?", ["Open Cards.", "Tap Freeze.", "Tap Done."]),
    row("b", "Please tell me how I unfreeze my card.", ["Tap Cards.", "Open it.", '"Tap" it.'], register="informal"),
    row("c", "Gimana caranya?", ["Buka Kartu.", "Ketuk Beku."], language="id", review="unreviewed"),
]


def test_every_dimension_counts_every_row_once() -> None:
    lines = list(composition(ROWS, "split"))
    assert {stage for stage, *_ in lines} == {"split"}
    rows: Counter[str] = Counter()
    for _, dimension, _, number in lines:
        rows[dimension] += number
    assert set(rows) == {"domain", "language", "register", "origin", "source", "language and register", "steps"}
    assert set(rows.values()) == {len(ROWS)}
    assert ("split", "steps", "3", 2) in lines
    assert ("split", "language and register", "en informal", 1) in lines


def test_an_answer_without_steps_is_counted_as_such() -> None:
    prose = [row("a", steps=["Open."]), row("b", response="Ask the desk.")]
    assert ("ingest", "steps", "0", 1) in list(composition(prose, "ingest"))


def test_lengths_stand_in_bins_in_the_order_of_their_size() -> None:
    lines = list(histograms(ROWS * 2 + [row("d", "How " * 100, ["Open it."])], PARAMS))
    assert [line for line in lines if line[0] == "words of a question"] == [
        ("words of a question", "id", "0-4", 2),
        ("words of a question", "en", "5-9", 4),
        ("words of a question", "en", "100-104", 1),
    ]


def test_the_commonest_opening_words_are_named_and_the_rest_is_one_line() -> None:
    assert list(opening_words(ROWS, PARAMS)) == [
        ("opening word of a step", "en", "tap", 4),
        ("opening word of a step", "en", "(other)", 2),
        ("opening word of a step", "id", "buka", 1),
        ("opening word of a step", "id", "(other)", 1),
    ]


def test_the_summary_says_how_many_and_how_long() -> None:
    found = summary(ROWS)
    assert (found["questions"], found["task_types"], round(found["share_checked"], 2)) == (3, 1, 0.67)
    assert found["steps"] == {"min": 2, "p10": 2, "median": 3, "p90": 3, "max": 3}
    assert found["answer_words"]["max"] == 6
