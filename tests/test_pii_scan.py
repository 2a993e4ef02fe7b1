"""The cheap scan decides which rules are tried: it may never keep a rule from a text that it would match."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stages.common.pii import accounts, addresses, network, phones
from stages.common.pii.cues import CUES
from stages.common.pii.names import NameRecognizer
from stages.common.pii.needs import Index
from stages.common.pii.phones import RegionRecognizer
from stages.common.pii.scan import Scan

RULES = (*accounts.RULES, *network.RULES, *phones.RULES, *addresses.RULES)
INDEX = Index(RULES)
NAMES = NameRecognizer(frozenset())
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
    "Nama saya", "a/n Budi", "this is Rina,", "From: Rina", "Attn: Zorbo", "Regards,", "Pak Budi", "Uncle Bob", "my wife, Rina", "istri saya", "atas nama",
    "rina(at)example.com", "rina [@] example.com", "Jalan Melati No. 12", "Send it to 12 Rosebank\nLondon SW1A 1AA", "sort code 12-34-56",
    "account 12345678 to 87654321", "call 0812 345 6789", "12 North Hill Way, Leeds 40111", "12 Long Lane 4, Apt 5", "021 5551234", "0215551234", "021-555-123-456", "BCA 1234567890",
    "SIM C 1234-5678-901234", "his sister, Rina", "api key is a1b2c3d4e5f6g7", "Bearer a1b2c3d4e5f6g7h8i9", "card 4111 1111 1111 1111",
    "NIK saya 3174015508900001", "rekening 12345678901", "order INV/2026/001234", "pelanggan A1B2C3D4", "born on 12/05/1990",
    "driver's licence A1B2C3D4", "tgl lahir 5 Mei 1990", "0812-3456-7890 kantor", "Rina", "İstanbul", "naïve", "٣", "\u2028", "é", "\n", ",", ":", "(", "-", "/",
]  # fmt: skip


def values(scan: Scan) -> set[tuple[str, int, int]]:
    """What each rule that may match finds, and what the recogniser of names does."""
    found = {(rule.pattern.pattern, *span) for rule in INDEX.possible(scan) for span in rule.values(scan)}
    return found | {("name", name.start, name.end) for name in NAMES.scanned(scan, ["PERSON"])}


def missed(text: str) -> set[tuple[str, int, int]]:
    """What is found where everything is tried, and not otherwise; or the other way round."""
    return values(Scan.unread(text)) ^ values(Scan.of(text, INDEX.words | NAMES.words))


def test_every_pattern_finds_something_in_a_value_and_the_scan_lets_it() -> None:
    assert not [fault for value in VALUES for fault in missed(value)]
    patterns = {rule.pattern for rule in [*RULES, *CUES]}
    assert not [pattern for pattern in patterns if not any(map(pattern.search, VALUES))]


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(VALUES), max_size=6), st.sampled_from(["", " ", "\n"]))
def test_a_rule_that_the_scan_skips_could_not_have_matched(values: list[str], joint: str) -> None:
    assert not missed(joint.join(values))


@pytest.mark.parametrize("name", ["data/raw/pii/labelled.jsonl", "data/raw/pii/general.jsonl", "tests/data/planted.jsonl"])
def test_nor_in_the_texts_that_the_masking_is_measured_on(name: str) -> None:
    rows = [json.loads(line) for line in Path(name).read_text(encoding="utf-8").splitlines()]
    assert not [fault for row in rows for fault in missed(row.get("text") or row["prompt"])]


NUMBERS = ["+62 813 1823 9955", "+44 20 7946 0958", "+1 650-253-0000", "+99 0812 3456 7890", "+62", "+", "0812-3456-7890", "020 7946 0958",
           "(650) 253-0000", "4539 1488 0343 6467", "12", "24", "(", ")", "/", "."]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(NUMBERS), max_size=5), st.sampled_from(["", " ", ", "]))
def test_regions_together_find_what_each_finds_alone(numbers: list[str], joint: str) -> None:
    text = joint.join(numbers)

    def found(*regions: str) -> set[tuple[int, int]]:
        return {(one.start, one.end) for one in RegionRecognizer(regions).analyze(text, ["PHONE_NUMBER"])}

    assert found("ID", "US", "GB") == found("ID") | found("US") | found("GB")
