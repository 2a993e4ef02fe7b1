import pytest

from stages.common.pii import analyzer, mask
from stages.common.pii.engine import Engine
from stages.common.records import Conflict
from stages.mask_pii import conflict_page
from stages.params.mask_pii import Params
from stages.params.section import load_params
from tests.examples import row

PARAMS = load_params("mask_pii", Params).model_copy(update={"names": "rules"})


@pytest.fixture(scope="module")
def engine() -> Engine:
    return analyzer(PARAMS)


def masked(text: str, engine: Engine) -> str:
    return mask([text], engine, PARAMS)[0][0]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mail rina.w@example.co.id or rina.w@example.co.id.", "Mail [EMAIL_1] or [EMAIL_1]."),
        ("Call 0812-3456-7890 or +44 20 7946 0958.", "Call [PHONE_1] or [PHONE_2]."),
        ("Card 4111 1111 1111 1111 was charged.", "Card [CARD_1] was charged."),
        ("Pay to GB33BUKB20201555555555 today.", "Pay to [IBAN_1] today."),
        ("Login from 203.0.113.77 last night.", "Login from [IP_1] last night."),
        ("NIK saya 3174015508900001, NPWP 01.234.567.8-901.000.", "NIK saya [ID_NIK_1], NPWP [ID_NPWP_1]."),
        ("My name is Rina Wijaya and I forgot my PIN.", "My name is [PERSON_1] and I forgot my PIN."),
        ("Nama saya Bagus Prakoso, gimana caranya?", "Nama saya [PERSON_1], gimana caranya?"),
    ],
)
def test_personal_data_becomes_a_typed_numbered_placeholder(text: str, expected: str, engine: Engine) -> None:
    assert masked(text, engine) == expected
    assert masked(expected, engine) == expected


@pytest.mark.parametrize(
    "text",
    [
        "1. Open Settings > Security.\n2. Wait 24 hours.\n3. Tap Save changes.",
        "Pay Rp 1.250.000 or $1,299.99 for 2026.",
        "Install version 10.2.1 and restart after 15 minutes.",
        "Type 192.168.1.1 into the address bar.",
        "Enter the 16-digit number and the date 03/2027.",
        "Dial *123# and choose 2.",
    ],
)
def test_numbers_of_help_pages_are_left_alone(text: str, engine: Engine) -> None:
    assert masked(text, engine) == text


def test_one_value_has_one_placeholder_in_question_and_answer(engine: Engine) -> None:
    texts, counts = mask(["I am a@example.com, not b@example.com", "1. Write to b@example.com."], engine, PARAMS)
    assert texts == ["I am [EMAIL_1], not [EMAIL_2]", "1. Write to [EMAIL_2]."]
    assert counts == {"EMAIL_ADDRESS": 3}


def test_a_row_is_masked_the_same_whatever_came_before_it(engine: Engine) -> None:
    alone = masked("Mail b@example.com", engine)
    masked("Mail a@example.com", engine)
    assert masked("Mail b@example.com", engine) == alone


def test_hostile_text_stays_text_on_the_page_of_conflicts() -> None:
    page = conflict_page([Conflict(kept=row("a", "<script>alert(1)</script> | [x](y)"), lost=row("b"))])
    assert "<script>" not in page
    assert "[x](y)" not in page
