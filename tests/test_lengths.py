from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.common.lengths import Fitted, TooLong, fitted
from stages.common.prompts import IGNORED, TokenRow
from stages.common.steps import parse_steps, render_steps
from tests.examples import row

END = 0


def render(question: str, answer: str) -> TokenRow:
    """A token a character, and the end."""
    prompt, reply = [ord(char) for char in question], [*map(ord, answer), END]
    return TokenRow(prompt + reply, [IGNORED] * len(prompt) + reply)


def answer(token_row: TokenRow) -> str:
    return "".join(chr(token) for token in token_row.labels if token not in {IGNORED, END})


LONG = row("a", "How?", ["Open Cards.", "Tap Freeze.", "Enter your PIN."])


@pytest.mark.parametrize(
    ("most", "too_long", "expected"),
    [
        (53, "drop", "1. Open Cards.\n2. Tap Freeze.\n3. Enter your PIN."),
        (52, "drop", None),
        (52, "truncate", "1. Open Cards.\n2. Tap Freeze."),
        (34, "truncate", "1. Open Cards.\n2. Tap Freeze."),
        (33, "truncate", "1. Open Cards."),
        (18, "truncate", None),
    ],
)
def test_a_row_that_is_too_long_is_left_out_or_loses_whole_steps_from_its_end(
    most: int, too_long: TooLong, expected: str | None
) -> None:
    result = fitted([LONG], render, most, too_long)
    assert [answer(item) for item in result.rows] == ([expected] if expected else [])
    assert (result.dropped, result.longest) == (0 if expected else 1, len(render(LONG.prompt, LONG.response).input_ids))
    assert result.truncated == (expected is not None and expected != LONG.response)


def test_prose_has_no_step_to_lose_and_is_left_out() -> None:
    prose = replace(LONG, response="Call us and we will do it for you at once.")
    assert fitted([prose], render, 20, "truncate") == Fitted(rows=[], records=[], dropped=1, truncated=0, longest=47)


@given(
    st.lists(st.text("abc de", min_size=1).map(lambda text: f"Do {text.strip()}."), min_size=1, max_size=9), st.integers(1, 120)
)
def test_what_is_kept_fits_ends_and_is_the_beginning_of_the_answer(steps: list[str], most: int) -> None:
    record = replace(LONG, response=render_steps(steps))
    result = fitted([record], render, most, "truncate")
    assert len(result.rows) + result.dropped == 1
    for item in result.rows:
        assert len(item.input_ids) <= most
        assert item.labels[-1] == item.input_ids[-1] == END
        whole = parse_steps(record.response) or steps
        kept = answer(item).count("\n") + 1
        assert answer(item) == "\n".join(record.response.split("\n")[:kept])
        assert 1 <= kept <= len(whole)
