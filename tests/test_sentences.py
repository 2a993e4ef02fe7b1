import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stages.common.records import Dropped, Record
from stages.common.steps import is_canonical, parse_steps
from stages.ingest.formats import READERS
from stages.normalize.__main__ import told_in_sentences
from stages.normalize.cleaning import clean_answer, clean_rows, repaired
from stages.normalize.sentences import sentence_steps, sentences
from stages.params.normalize import Params
from stages.params.section import load_params
from tests.examples import SHARED, needs_shared, row

PARAMS = load_params("normalize", Params).model_copy(update={"unstepped": "sentences", "languages": []})


def cleaned(response: str) -> Record | Dropped:
    return clean_rows(PARAMS, [row("a", response=response)])[0]


@pytest.mark.parametrize(
    ("prose", "steps"),
    [
        (
            "Open Settings. Tap Security and choose PIN. Enter the new PIN twice.",
            ["Open Settings.", "Tap Security and choose PIN.", "Enter the new PIN twice."],
        ),
        (
            "Sure! Open Pay. Tap Send. You will get a code. If it does not come, tap Resend. Hope this helps!",
            ["Open Pay.", "Tap Send. You will get a code.", "If it does not come, tap Resend."],
        ),
        (
            "Silakan buka menu Akun. Isi No. Rekening dan Rp 5.000. Kode dikirim lewat SMS. Terakhir, ketuk Selesai.",
            ["Silakan buka menu Akun.", "Isi No. Rekening dan Rp 5.000. Kode dikirim lewat SMS.", "Ketuk Selesai."],
        ),
        ("Open Settings\nTap Security\nEnter the PIN", ["Open Settings.", "Tap Security.", "Enter the PIN."]),
        (
            'Go to https://a.example/x.y. Use v2.1, e.g. Open Beta. Tap "No. Not now." and wait. Tap iPhone.',
            ["Go to https://a.example/x.y.", "Use v2.1, e.g. Open Beta.", 'Tap "No. Not now." and wait.', "Tap iPhone."],
        ),
        ("Defrost the sauce. Gently reheat it. Never boil it.", ["Defrost the sauce.", "Gently reheat it.", "Never boil it."]),
        (
            "Sesampainya di rumah, cabut kabel. Hidupkan lagi. Jangan tekan Reset.",
            ["Sesampainya di rumah, cabut kabel.", "Hidupkan lagi.", "Jangan tekan Reset."],
        ),
    ],
)
def test_a_procedure_in_sentences_becomes_a_step_a_command(prose: str, steps: list[str]) -> None:
    result = cleaned(prose)
    assert isinstance(result, Record)
    assert parse_steps(result.response) == steps


@pytest.mark.parametrize(
    "prose",
    [
        "Open an account.",
        "Yes, you can. The card works in all countries. Keep it with you.",
        "Order confirmations are sent by email. Check your spam folder.",
        "Transfer limits depend on your account. See the fees page.",
        "You can change your PIN at any branch. Bring your passport. Ask for the form.",
        "Sign-in problems happen when cookies are off. Clear them. Try again.",
        "Do you have an account? Log in to see your points.",
        "Note that prices include tax. Delivery is extra.",
        "Open the lid. It clicks. The light blinks. The fan starts.",
        "Pesan Anda akan dijawab dalam sehari. Tunggu balasan kami.",
        "Transfer antarbank membutuhkan dua hari. Hubungi kami jika lebih lama.",
        "Pembayaran diproses otomatis. Tunggu notifikasi.",
    ],
)
def test_an_explanation_and_a_single_sentence_are_refused(prose: str) -> None:
    result = cleaned(prose)
    assert isinstance(result, Dropped)
    assert result.reason == "no_steps"


def test_only_the_kept_answers_that_had_no_list_are_counted() -> None:
    rows = [
        row("a"),
        row("b", response="Open Pay. Tap Send."),
        row("c", response="Call us."),
        row("d", response="- Pay.\n- Go."),
    ]
    kept = [result for result in clean_rows(PARAMS, rows) if isinstance(result, Record)]
    assert [record.id for record in kept] == ["a", "b", "d"]
    assert told_in_sentences(rows, kept) == 1


SENTENCES = ["Open Cards.", "Then tap Pay!", "You will get a code.", "Ketuk Simpan.", 'Tap "Yes. Go."', "Is it on?", "See e.g. Help.",
    "Jika gagal, ulangi.", "Tap 1. Wait 2.5 s.", "First, wait.", "iCloud stays on.", "- Save", "Pay Rp 5.000 (no. 3).", "Okay"]  # fmt: skip
PROSE = st.lists(st.tuples(st.sampled_from(SENTENCES), st.sampled_from([" ", "\n"])), min_size=1).map(
    lambda parts: "".join(text + gap for text, gap in parts).strip()
)


@given(PROSE)
def test_no_word_is_lost_and_cleaning_the_steps_changes_nothing(text: str) -> None:
    assert " ".join(sentences(text)) == " ".join(text.split())
    once = cleaned(text)
    if isinstance(once, Record):
        assert is_canonical(once.response)
        assert clean_answer(once.response) == (once.response, True)


@needs_shared
@pytest.mark.shared
def test_public_explanations_are_not_taken_for_procedures() -> None:
    pages = sorted((SHARED / "btcpay_faq" / "docs").rglob("*.md"))
    answers = [row["answer"] for page in pages for _, row in READERS["markdown"](page) if row["question"].endswith("?")]
    tasks = (SHARED / "self_instruct" / "seed_tasks.jsonl").read_text(encoding="utf-8").splitlines()
    answers += [json.loads(task)["instances"][0]["output"] for task in tasks]
    prose = [body for body, stepped in map(clean_answer, map(repaired, answers)) if not stepped and len(sentences(body)) > 1]
    assert len(prose) > 150
    assert not [text for text in prose if sentence_steps(text)]
