import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.common.steps import is_canonical, parse_steps, render_steps, steps_or_sentences

OPEN_TAP_PAY = ["Open the app.", "Tap Scan.", "Pay the bill."]
WORDS = st.text("abcdefghij", min_size=2, max_size=9)
STEPS = st.lists(
    st.lists(WORDS, min_size=2, max_size=8).map(lambda words: " ".join(words).capitalize() + "."), min_size=1, max_size=12
)


@pytest.mark.parametrize(
    "text",
    [
        "1. Open the app.\n2. Tap Scan.\n3. Pay the bill.",
        "1) Open the app.\n2) Tap Scan.\n3) Pay the bill.",
        "(1) Open the app.\n(2) Tap Scan.\n(3) Pay the bill.",
        "1.Open the app.\n2.Tap Scan.\n3.Pay the bill.",
        "1. Open the app.\n1. Tap Scan.\n1. Pay the bill.",
        "2. Open the app.\n2. Tap Scan.\n7. Pay the bill.",
        "**1.** Open the app.\n**2.** Tap Scan.\n**3.** Pay the bill.",
        "1. 1. Open the app.\n2. 2. Tap Scan.\n3. 3. Pay the bill.",
        "Step 1: Open the app.\nStep 2: Tap Scan.\nStep 3: Pay the bill.",
        "**Step 1:** Open the app.\n**Step 2:** Tap Scan.\n**Step 3:** Pay the bill.",
        "**Step 1: Open the app.**\n**Step 2: Tap Scan.**\n**Step 3: Pay the bill.**",
        "Step 1 of 3: Open the app.\nStep 2 of 3: Tap Scan.\nStep 3 of 3: Pay the bill.",
        "1.) Open the app.\n2.) Tap Scan.\n3.) Pay the bill.",
        "1. Open the app.\n1.1. Tap Scan.\n2. Pay the bill.",
        "1️⃣ Open the app.\n2️⃣ Tap Scan.\n3️⃣ Pay the bill.",
        "① Open the app.\n② Tap Scan.\n③ Pay the bill.",
        "### 1. Open the app.\n\n---\n\n### 2. Tap Scan.\n\n***\n### 3. Pay the bill.",
        "## In the app\n1. Open the app.\n2. Tap Scan.\n## At the till\n3. Pay the bill.\n---",
        "- [ ] Open the app.\n- [x] Tap Scan.\n- [ ] Pay the bill.",
        "Langkah 1: Open the app.\nLangkah 2: Tap Scan.\nLangkah 3: Pay the bill.",
        "a. Open the app.\nb. Tap Scan.\nc. Pay the bill.",
        "I. Open the app.\nII. Tap Scan.\nIII. Pay the bill.",
        "- Open the app.\n* Tap Scan.\n• Pay the bill.",
        "Sure! Here you go:\n\n1. Open the app.\n\n2. Tap Scan.\n\n3. Pay the bill.\n\nHope this helps!",
        "1. Open the app.\n   - Tap Scan.\n2. Pay the bill.",
        "1. Open\nthe app.\n2. Tap Scan.\n3. Pay the bill.",
        "Easy: 1. Open the app. 2. Tap Scan. 3. Pay the bill.",
        "Step 1: Open the app. Step 2: Tap Scan. Step 3: Pay the bill.",
        "1.Open the app. 2.Tap Scan. 3.Pay the bill.",
    ],
)
def test_every_notation_gives_the_same_steps(text: str) -> None:
    assert parse_steps(text) == OPEN_TAP_PAY


NOTATIONS = [
    "{n}. ", "{n}) ", "({n}) ", "{n}.) ", "**{n}.** ", "1. ", "a. ", "B) ", "iv. ", "Step {n}: ", "Langkah ke-{n}: ", "- ", "• ", "### {n}. "
]  # fmt: skip
OWN_WORDS = [
    "A. Budi answers.",
    "Tap SIM 2. Wait.",
    "Step 2 of the form opens.",
    "5.5 GB are enough.",
    "10:30 is late.",
    "Open 1.2.3.",
]


@pytest.mark.parametrize("notation", NOTATIONS)
@given(data=st.data())
def test_in_any_notation_a_step_keeps_what_it_says_of_initials_numbers_and_other_steps(
    notation: str, data: st.DataObject
) -> None:
    steps = [*data.draw(st.lists(st.sampled_from(OWN_WORDS), min_size=2, max_size=4)), "Wait."]
    text = "\n".join(notation.format(n=number) + step for number, step in enumerate(steps, 1))
    assert parse_steps(text) == steps
    assert parse_steps(render_steps(steps)) == steps


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        (
            "1. Select SIM 2. Tap Save.",
            ["Select SIM", "Tap Save."],
        ),  # or one step about SIM 2: lists without full stops are commoner
        ("1. Select SIM 2. Tap Save.\n2. Wait.", ["Select SIM 2. Tap Save.", "Wait."]),
        ("1. Select SIM 2.\n2. Tap Save. 3. Wait.", ["Select SIM 2.", "Tap Save.", "Wait."]),
        ("1. Select SIM. 2. Tap Save.\n3. Wait.", ["Select SIM.", "Tap Save.", "Wait."]),
    ],
)
def test_the_next_number_begins_a_step_inside_a_line_unless_a_line_has_it(text: str, steps: list[str]) -> None:
    assert parse_steps(text) == steps


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("First, open the app. Then tap Scan. Finally, pay.", ["open the app.", "tap Scan.", "pay."]),
        ("Pertama, buka aplikasi. Lalu ketuk Pindai. Terakhir, bayar.", ["buka aplikasi.", "ketuk Pindai.", "bayar."]),
        ("First open the app and then tap Next then pay.", ["open the app", "tap Next", "pay."]),
        ("Caranya: pertama buka aplikasi lalu ketuk Pindai kemudian bayar.", ["buka aplikasi", "ketuk Pindai", "bayar."]),
        ("Open the app, then tap Then, then pay.", ["Open the app", "tap Then", "pay."]),
        ("To pay, first open the app, then tap Scan.", ["open the app", "tap Scan."]),
        ("Open the app. Then tap Scan. Finally, pay.", ["Open the app.", "tap Scan.", "pay."]),
        ("First open it, if it asks then tap Yes, finally pay.", ["open it, if it asks then tap Yes", "pay."]),
        ("Pertama buka. Jika diminta, lalu ketuk Ya. Terakhir bayar.", ["buka. Jika diminta, lalu ketuk Ya.", "bayar."]),
        ("First, wash it. Second hand phones too. Then pay.", ["wash it. Second hand phones too.", "pay."]),
        ("Pertama, buka. Kedua belah pihak hadir. Lalu bayar.", ["buka. Kedua belah pihak hadir.", "bayar."]),
    ],
)
def test_prose_with_words_of_order_is_a_list(text: str, steps: list[str]) -> None:
    assert parse_steps(text) == steps


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Call support.",
        "Wait 2. 5 GB are enough.",
        "It costs 1.50 today.",
        "Version 2.1 is out.\nIt works.",
        "Step 2 of the form asks your name.",
        "Lalu lintas padat. Lalu belok.",
        "Next to the bar is a mic. Next month it goes.",
    ],
)
def test_an_answer_without_a_list_has_no_steps(text: str) -> None:
    assert parse_steps(text) == []


@given(STEPS)
def test_parsing_undoes_rendering(steps: list[str]) -> None:
    assert parse_steps(render_steps(steps)) == steps
    assert is_canonical(render_steps(steps))


@pytest.mark.parametrize(
    "text",
    ["", "Open the app.", "1) Open.\n2) Tap.", "1. Open.\n3. Tap.", "2. Open.\n3. Tap.", "1. Open.\n\n2. Tap.", "Here:\n1. Open.",
     "1. Open. 2. Tap.", "1. 1. Open.", "1. - Open.", "1. Open.\nand tap."],
)  # fmt: skip
def test_what_is_not_a_clean_list_is_not_canonical(text: str) -> None:
    assert not is_canonical(text)


def test_an_answer_without_a_list_is_read_by_sentence() -> None:
    assert steps_or_sentences("Open the app. Tap Scan.") == ["Open the app.", "Tap Scan."]
