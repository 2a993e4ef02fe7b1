import json
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from time import process_time

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import BertConfig, BertForTokenClassification, BertTokenizerFast

from stages.base_model import train_tokenizer
from stages.common.errors import InputError
from stages.common.json_line import json_line
from stages.common.parallel import spread
from stages.common.pii import analyzer, mask
from stages.common.pii.engine import Engine, digest
from stages.common.pii.presidio import RecognizerResult, spacy
from stages.common.pii.rules import ScanRecognizer
from stages.common.pii.scan import Scan
from stages.common.pii.verdicts import read_verdicts
from stages.common.records import Conflict
from stages.mask_pii import Met, Row, by_band, conflict_page, counted, masked_lines
from stages.mask_pii import masked as masked_record
from stages.params.base_model import Params as BaseParams
from stages.params.mask_pii import Params
from stages.params.normalize import Params as FormParams
from stages.params.section import load_params
from tests.examples import row

PARAMS = load_params("mask_pii", Params).model_copy(update={"names": "rules"})
ENGINE = analyzer(PARAMS)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return ENGINE


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to rina [at] contoh [dot] co [dot] id please.", "Write to [EMAIL_1] please."),
        ("Telepon (021) 8350123 atau 0812 345 678.", "Telepon [PHONE_1] atau [PHONE_2]."),
        ("Rekening BCA 123-456-7890 a/n Zefanya Kolibri.", "Rekening BCA [BANK_ACCOUNT_1] a/n [PERSON_1]."),
        ("NIK 317401.550890.0001", "NIK [ID_NIK_1]"),
        ("NPWP 012345678901000", "NPWP [ID_NPWP_1]"),
        ("Nomor paspor saya C1234567.", "Nomor paspor saya [PASSPORT_1]."),
        ("The box 00:1A:2B:3C:4D:5E is offline.", "The box [MAC_1] is offline."),
        ("api key: sk-proj-Ab12Cd34Ef56Gh78Ij90", "api key: [SECRET_1]"),
        ("See https://rina:hunter2@files.example.com/x now", "See [URL_1] now"),
        ("Pesanan INV/2026/001234 belum sampai.", "Pesanan [ORDER_ID_1] belum sampai."),
        ("Kirim ke Jl. Melati No. 12 RT 003/RW 005, Bandung 40162.", "Kirim ke [ADDRESS_1]."),
        ("I moved to 12 Harbour Road, Leeds LS1 4DY.", "I moved to [ADDRESS_1]."),
        ("Saya lahir 12 Mei 1990 dan", "Saya lahir [DATE_OF_BIRTH_1] dan"),
        ("nama saya rina wijaya, gimana?", "nama saya [PERSON_1], gimana?"),
        ("Dear Bertrand, thanks.\nRegards,\nXanthe Quill", "Dear [PERSON_1], thanks.\nRegards,\n[PERSON_2]"),
    ],
)
def test_what_help_desks_are_sent_is_found_in_both_languages(text: str, expected: str, engine: Engine) -> None:
    assert masked(text, engine) == expected


@pytest.mark.parametrize(
    ("told", "read"),
    [
        ("Marie Dubois cannot open the app.", "Marie Dubois wrote a poem about the sea."),
        ("I sent the refund to Liam Weaver.", "Liam Weaver is the hero of the novel."),
        ("Kenapa Budi Santoso masih di grup saya?", "Budi Santoso adalah pahlawan nasional."),
        ("My son Jonas Weber lost his card.", "In the fairy tale her son Jonas Weber meets a dragon."),
        ("I was born on 12 May 1990, let me in.", "The composer was born on 12 May 1790."),
        ("sari wulandari cannot log in", "sari wulandari menulis puisi pada abad lalu"),
    ],
)
def test_a_customer_is_masked_and_a_person_of_the_world_is_left(told: str, read: str, engine: Engine) -> None:
    assert masked(told, engine) != told
    assert masked(read, engine) == read


def test_a_person_of_the_world_is_counted_as_unlikely_and_masked_where_doubtful_is_set_so(engine: Engine) -> None:
    text = "Marie Dubois wrote a poem about the sea."
    anywhere = PARAMS.model_copy(update={"doubtful": 0.35})
    found = masked_record(row("a", text), engine)[1]
    assert found is not None
    assert by_band(found.bands)["unlikely"] == {"PERSON": 1}
    assert mask([text], engine, anywhere)[0] == ["[PERSON_1] wrote a poem about the sea."]


@pytest.mark.parametrize(
    "text",
    [
        "1234 Main Street Apt 5\nSpringfield, IL 62704",
        "77 Orchard Lane\nFlat 3\nBristol\nBS1 4DJ",
        "Jl. Gatot Subroto Kav. 52-53\nJakarta Selatan 12950",
        "27 2279 President St\nGleniti\nCanada 32586",
        "98 Hauptstraße 12, 10115 Berlin",
    ],
)
def test_an_address_is_masked_to_its_last_line(text: str, engine: Engine) -> None:
    assert masked(f"I moved to {text}\nThanks!", engine) == "I moved to [ADDRESS_1]\nThanks!"


@pytest.mark.parametrize(
    "text",
    [
        "See https://help.example.com/cards and come back on 12/03/2026 at 09.45.",
        "Mark all as read, then check Bill Pay and Grace Period in May.",
        "Saldo turun dari 3.500.000 ke 350.000, kode galat 50012.",
        "My name is wrong on the ticket.",
        "Bapak dan Ibu bisa pilih Bayar Nanti.",
    ],
)
def test_links_dates_prices_and_words_that_are_names_too_are_left_alone(text: str, engine: Engine) -> None:
    assert masked(text, engine) == text


PIECES = [
    "My name is Rina Wijaya", "a/n", "Pak", "Dear", "Budi", "[PERSON_1]", "[EMAIL_7]", "[PHONE_k3f9a2]", "0812-3456-7890", "call me",
    "x@example.com", "4111 1111 1111 1111", "3174015508900001", "rekening", "12345678901", "Jl. Melati No. 12", ",", "\n", ">", "1. Tap Save",
    "order", "INV/2026/001234", "born on", "12/05/1990", "@", "203.0.113.77", "[", "]", "_1]", "GB33BUKB20201555555555", "Kak",
]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(PIECES), max_size=8), st.sampled_from(["", " "]), st.sampled_from([b"", b"key"]))
def test_masking_what_is_masked_changes_nothing(pieces: list[str], joint: str, key: bytes) -> None:
    once = mask([joint.join(pieces)], ENGINE, PARAMS, key)[0]
    assert mask(once, ENGINE, PARAMS, key)[0] == once


def test_with_a_key_a_value_has_one_pseudonym_in_all_records(engine: Engine) -> None:
    one, other = (mask([text], engine, PARAMS, b"key")[0][0] for text in ("Mail b@example.com", "a@example.com, B@example.com"))
    assert re.fullmatch(r"Mail \[EMAIL_k[0-9a-f]{6}\]", one)
    assert other.endswith(one.removeprefix("Mail "))
    assert mask(["Mail b@example.com"], engine, PARAMS, b"other")[0][0] != one


def test_a_verdict_decides_on_a_value_and_its_hash_tells_nothing(tmp_path: Path) -> None:
    text = "Yesterday Fernando helped me."
    assert masked(text, ENGINE) == "Yesterday [PERSON_1] helped me."
    row = {"hash": digest("PERSON", "fernando"), "entity": "PERSON", "verdict": "not_pii"}
    (tmp_path / "pii-1.jsonl").write_text(json.dumps(row) + "\n")
    assert mask([text], analyzer(PARAMS, read_verdicts(tmp_path)), PARAMS)[0] == [text]
    (tmp_path / "pii-2.jsonl").write_text(json.dumps({**row, "verdict": "pii"}) + "\n")
    engine = analyzer(PARAMS, read_verdicts(tmp_path))
    assert [item.score for item in engine.find(text)] == [1.0]


def test_a_verdict_on_overlapping_findings_is_on_the_value_that_was_shown() -> None:
    text = "Ask Zorbo Rina about it."
    engine = analyzer(PARAMS, {digest("PERSON", "Zorbo Rina"): False})

    class Both(ScanRecognizer):
        def scanned(self, scan: Scan, entities: Sequence[str]) -> list[RecognizerResult]:  # noqa: ARG002
            return [RecognizerResult("PERSON", scan.text.index("Zorbo"), scan.text.index(" about"), 0.5)]

    engine.recognizers = [*engine.recognizers, Both(["PERSON"], name="both", supported_language="en")]
    assert mask([text], engine, PARAMS)[0] == [text]


def test_a_wrong_verdict_is_named_with_file_line_and_field(tmp_path: Path) -> None:
    (tmp_path / "pii-1.jsonl").write_text('{"hash": "x", "entity": "PERSON", "verdict": "maybe"}\n')
    with pytest.raises(InputError, match=r"pii-1\.jsonl:1: field 'hash'.*field 'verdict'"):
        read_verdicts(tmp_path)


def test_a_doubtful_value_is_masked_and_queued_once_a_sure_one_is_not_queued() -> None:
    rows = [row("a", "Yesterday Fernando helped me, mail x@example.com"), row("b", "Did Fernando call my bank?")]
    met = Met()
    assert len(list(counted((Row(item.id, (), "", masked_record(item, ENGINE)[1]) for item in rows), met))) == 2
    queue = list(met.doubts.values())
    assert [(item["entity"], item["text"][item["start"] : item["end"]]) for item in queue] == [("PERSON", "Fernando")]
    assert queue[0]["hash"] == digest("PERSON", "FERNANDO")
    assert by_band(met.bands)["doubtful"] == {"PERSON": 2}


def test_processes_mask_like_one_process_and_in_order() -> None:
    records = [row(f"r{n}", f"How do I open file {n}?", ["Tell Fernando." if n % 90 == 0 else "Tap it."]) for n in range(600)]
    records[550] = row("x", "I am Rina Kolibri, mail r@example.com", ["Call 0812-1234-9911."])
    lines = [(number, json_line(record).encode()) for number, record in enumerate(records, 1)]
    work = partial(
        masked_lines, source=Path("rows.jsonl"), engine=ENGINE, key=b"key", form=load_params("normalize", FormParams)
    )
    assert list(spread(work, lines, few=0)) == work(lines)
    with pytest.raises(InputError, match=r"rows\.jsonl:601: field 'id'"):
        list(spread(work, [*lines, (601, b"{}")], few=0))


def test_a_placeholder_survives_the_tokenizer_of_the_embedded_model() -> None:
    words = ["Open Settings and tap Save.", "Nama saya siapa?"] * 20
    tokenizer = train_tokenizer(words, load_params("base_model", BaseParams).embedded.model_copy(update={"vocab_size": 400}))
    for text in ("My name is [PERSON_1], mail [EMAIL_12].", "[ID_NIK_3] [PHONE_k3f9a2]"):
        assert tokenizer.decode(tokenizer(text, add_special_tokens=False)["input_ids"]) == text


def test_a_model_that_is_not_there_is_named_and_nothing_is_downloaded() -> None:
    for names in ("transformers:no/such/folder", "gliner:no/such/folder", "spacy:no_such_package"):
        with pytest.raises(InputError, match=r"mask_pii\.names: no .*no.such"):
            analyzer(PARAMS.model_copy(update={"names": names}))


def test_any_spacy_pipeline_on_disk_can_find_the_names(tmp_path: Path) -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Qwxyz"}])
    nlp.to_disk(tmp_path / "model")
    engine = analyzer(PARAMS.model_copy(update={"names": f"spacy:{tmp_path / 'model'}"}))
    assert mask(["ask qwxyz or Qwxyz"], engine, PARAMS)[0] == ["ask qwxyz or [PERSON_1]"]


def test_a_transformers_model_on_disk_can_find_the_names(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("\n".join(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ask", "rina"]))
    BertTokenizerFast(vocab_file=str(tmp_path / "vocab.txt")).save_pretrained(tmp_path)
    size = {"hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8, "vocab_size": 7}
    model = BertForTokenClassification(BertConfig(**size, id2label={0: "O", 1: "B-PER"}, label2id={"O": 0, "B-PER": 1}))
    torch.nn.init.zeros_(model.classifier.weight)
    model.classifier.bias.data = torch.tensor([0.0, 5.0])  # everything is a person
    model.save_pretrained(tmp_path)
    engine = analyzer(PARAMS.model_copy(update={"names": f"transformers:{tmp_path}"}))
    assert mask(["ask rina"], engine, PARAMS)[0] == ["[PERSON_1] [PERSON_2]"]


@pytest.mark.parametrize(
    "piece",
    ["12-", "a.", "a dot ", "sk-", "a@", "my name is ", "rekening ", "Jl. Melati ", "12 Maple ", "https://x/?a=b&", "ab:"],
)
def test_text_that_repeats_itself_is_read_in_a_second(piece: str, engine: Engine) -> None:
    start = process_time()
    mask([piece * (3000 // len(piece))], engine, PARAMS)
    assert process_time() - start < 2


def test_hostile_text_stays_text_on_the_page_of_conflicts() -> None:
    page = "".join(conflict_page([Conflict(kept=row("a", "<script>alert(1)</script> | [x](y)"), lost=row("b"))]))
    assert "<script>" not in page
    assert "[x](y)" not in page
