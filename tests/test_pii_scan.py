"""The cheap scan decides which rules are tried: it may never keep a rule from a text that it would match."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.common.pii import analyzer
from stages.common.pii.engine import joined
from stages.common.pii.presidio import RecognizerResult
from stages.common.pii.scan import Scan
from stages.params.mask_pii import Params
from stages.params.section import load_params

PARAMS = load_params("mask_pii", Params)
ENGINE = analyzer(PARAMS.model_copy(update={"names": "rules"}))
VALUES = [
    "1. Tap Save", "\n2. ", "\n10. Open", "3.", "x@example.com", "rina [at] example dot com", "rina @ example . com", "::1", "203.0.113.77",
    "2001:db8::1", "aa:bb:cc:dd:ee:0f", "aa-bb-cc-dd-ee-ff", "00 1a 2b 3c 4d 5e", "001a.2b3c.4d5e", "mac address is 001a2b3c4d5e",
    "0x" + "aB3" * 13 + "f", "bc1" + "q2w3e4r5" * 4, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT", "sk-live-" + "a1B2" * 5, "AKIAIOSFODNN7EXAMPLE",
    "-----BEGIN PRIVATE KEY-----", "api key is", "a1b2c3d4e5f6g7", "Bearer", "password: Hunter2", "https://me:pw@example.com/x",
    "https://example.com/?token=abcdef", "https://example.com/users/rina", "www.facebook.com/rina.w", "/home/rina/x", "C:\\Users\\rina\\x",
    "GB33BUKB20201555555555", "GB33 BUKB 2020 1555 5555 55", "iban gb33bukb20201555555555", "4111 1111 1111 1111", "card", "NIK saya",
    "3174015508900001", "NPWP 01.234.567.8-901.000", "SSN 078-05-1120", "rekening", "account", "no. rek", "12345678901", "to 12345678",
    "passport A1234567", "driver's licence", "A1B2C3D4", "order", "INV/2026/001234", "pelanggan", "born on", "12/05/1990", "5 Mei 1990",
    "tempat tanggal lahir", "0812-3456-7890", "+62 813 1823 9955", "(021) 555-1234", "call me", "kantor", "Jl. Melati No. 12", "jl mawar no 3",
    "RT 01/RW 02", "12 High Street", "12, North Hill Way", "lives at 12 Long Lane 4", "suite 5", "PO Box 12", "Springfield, IL 62704", "SW1A 1AA",
    "zip code 90210", "Rue de Rivoli 12", "Hauptstraße 5", "Bergweg 12", "Kirchstr. 7", "alamat saya: Melati 5, Bandung 40111", "My name is",
    "Nama saya", "a/n Budi", "this is Rina,", "From: Rina", "Regards,", "Pak Budi", "Uncle Bob", "my wife, Rina", "istri saya", "atas nama",
    "Rina", "İstanbul", "naïve", "٣", "\u2028", "é", "\n", ",", ":", "(", "-", "/",
]  # fmt: skip


def spans(results: list[RecognizerResult]) -> list[tuple[str, int, int, float]]:
    return [(item.entity_type, item.start, item.end, item.score) for item in joined(results)]


def missed(text: str) -> list[tuple[str, int, int, float]]:
    """What the recognisers find in the text when they try everything, and not otherwise."""
    scan = Scan.of(text, ENGINE.words)
    return [
        span
        for recognizer in ENGINE.recognizers
        for span in set(spans(recognizer.analyze(text, PARAMS.entities)))
        ^ set(spans(recognizer.scanned(scan, PARAMS.entities)))
    ]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(VALUES), max_size=6), st.sampled_from(["", " ", "\n"]))
def test_a_rule_that_the_scan_skips_could_not_have_matched(values: list[str], joint: str) -> None:
    assert not missed(joint.join(values))


@pytest.mark.parametrize("name", ["data/raw/pii/labelled.jsonl", "data/raw/pii/general.jsonl", "tests/data/planted.jsonl"])
def test_nor_in_the_texts_that_the_masking_is_measured_on(name: str) -> None:
    rows = [json.loads(line) for line in Path(name).read_text(encoding="utf-8").splitlines()]
    assert not [fault for row in rows for fault in missed(row.get("text") or row["prompt"])]
