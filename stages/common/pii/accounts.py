"""Cards, bank accounts, identity and tax numbers, passports, licences, order and customer numbers, dates of birth."""

import re

from stages.common.pii.manner import Manner, certain, tempered
from stages.common.pii.rules import Rule, compiled, cued
from stages.common.pii.scan import digits_of

ALONE = r"(?<![\w.,/-])"  # a number that is no part of a longer one, nor of a price
END = r"(?![\w-]|[.,/]\d)"
CARD = rf"{ALONE}\d(?:[ -]?\d){{12,18}}{END}"
GROUPED = r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ -][A-Z0-9]{4}){2,7}(?:[ -][A-Z0-9]{1,3})?(?![A-Za-z0-9])"
NIK = rf"{ALONE}\d(?:[ .-]?\d){{15}}{END}"
NPWP = rf"{ALONE}\d{{2}}[. ]?\d{{3}}[. ]?\d{{3}}[. ]?\d[-. ]\d{{3}}[. ]\d{{3}}{END}"
PROVINCES = frozenset(["11", "12", "13", "14", "15", "16", "17", "18", "19", "21", "31", "32", "33", "34", "35", "36", "51", "52", "53", "61", "62", "63", "64", "65", "71", "72", "73", "74", "75", "76", "81", "82", "91", "92", "93", "94", "95", "96", "97"])  # fmt: skip
REFERENCE = r"(?=[A-Z0-9/_-]*\d[A-Z0-9/_-]*\d[A-Z0-9/_-]*\d[A-Z0-9/_-]*\d)[A-Z0-9][A-Z0-9/_-]{4,29}(?![\w-]|[.,]\d)"
MONTH = (r"(?:jan(?:uary|uari)?|feb(?:ruary|ruari)?|mar(?:ch|et)?|apr(?:il)?|may|mei|june?|juni|july?|juli|aug(?:ust)?"
         r"|agu(?:stus)?|agt|sep(?:t|tember)?|o[ck]t(?:ober)?|nov(?:ember)?|de[cs](?:ember)?)")  # fmt: skip
DATE = (rf"(?:\d{{1,2}}[-/. ]\d{{1,2}}[-/. ]\d{{2,4}}|\d{{4}}[-/.]\d{{1,2}}[-/.]\d{{1,2}}"
        rf"|\d{{1,2}}(?:st|nd|rd|th)?(?: of)?[ -]{MONTH}\.?,?[ -]\d{{2,4}}|{MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}})")  # fmt: skip
A_DATE = compiled(DATE)
BORN = r"date of birth|birth date|birthdate|birthday|dob|d\.o\.b|tanggal lahir|tgl lahir|tgl\. lahir|ttl|ultah|tempat tanggal lahir"
BETWEEN = r"(?:[\s:=,.()-]|\b(?:is|was|on|in|di|pada|tanggal|tgl|saya|adalah|my|the|nya|as|[^\W\d_]{3,20}(?=, ?\d))\b){0,9}?"

BESIDE = ("00", "a0", "A0", "/0", "-0", "_0")  # a digit inside a reference


def luhn(text: str) -> bool:
    """The check digit of card numbers (ISO/IEC 7812-1)."""
    digits = [int(digit) for digit in reversed(digits_of(text))]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0


def card(text: str) -> bool:
    """Issuer, length and check digit agree, and the groups have one separator."""
    number = digits_of(text)
    known = number[0] in "3456" or 2221 <= int(number[:4]) <= 2720 or number[:2] == "81"
    return known and len(set(text) - set(number)) <= 1 and len(set(number)) > 1 and luhn(number)


def nik(text: str) -> bool:
    """An Indonesian identity number: province, district, then date of birth (40 added to the day for women)."""
    number = digits_of(text)
    day, month = int(number[6:8]) % 40, int(number[8:10])
    return number[:2] in PROVINCES and 1 <= day <= 31 and int(number[6:8]) <= 71 and 1 <= month <= 12


def iban(text: str) -> bool:
    """ISO 13616: the check digits make the rearranged number 1 modulo 97. Countries that join later pass too."""
    code = text.replace(" ", "").replace("-", "").upper()
    return (
        code.isascii()
        and 15 <= len(code) <= 34
        and int("".join(str(int(letter, 36)) for letter in code[4:] + code[:4])) % 97 == 1
    )


def not_a_date(text: str) -> bool:
    return not A_DATE.fullmatch(text.strip())


def born(cue: str, words: str, manner: Manner = certain) -> Rule:
    pattern = compiled(rf"\b(?:{cue})\b{BETWEEN}(?P<value>{DATE})(?!\d)")
    return Rule(
        "DATE_OF_BIRTH", 0.85, pattern, words=frozenset(words.split()), digits=3, shapes=("00",), reach=0, manner=manner
    )


RULES = (
    Rule("IBAN_CODE", 0.97, compiled(r"(?<![a-z0-9])[a-z]{2}\d{2}[a-z0-9]{11,30}(?![a-z0-9])"), iban, digits=2, run=15, shapes=("A00", "a00")),
    Rule("IBAN_CODE", 0.97, re.compile(rf"{GROUPED}"), iban, digits=2, shapes=("A00 A", "A00 0", "A00-A", "A00-0"), shrink=True),
    cued("IBAN_CODE", 0.7, "iban|ibans", r"[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?(?!\w)", digits=2, shapes=("A00", "a00")),
    Rule("CREDIT_CARD", 0.95, compiled(CARD), card, digits=13),
    cued("CREDIT_CARD", 0.96, "card|visa|mastercard|amex|kartu|kartunya|kartuku|debit|kredit|credit", rf"{CARD}", luhn, 13),
    Rule("ID_NIK", 0.9, compiled(NIK), nik, digits=16),
    cued("ID_NIK", 0.97, "nik|ktp|e-ktp|nomor induk kependudukan|kartu keluarga|kk|id card|identity|identitas", NIK, digits=16),
    Rule("ID_NPWP", 0.95, compiled(NPWP), digits=15, shapes=("000.000", "000 000")),
    cued("ID_NPWP", 0.98, "npwp|npwpnya|tax|pajak|wajib pajak|tin", rf"{ALONE}\d(?:[ .-]?\d){{14,15}}{END}", digits=15),
    cued(
        "US_SSN", 0.9, "ssn|social security|security number", r"\d{3}[- ]?\d{2}[- ]?\d{4}(?!\d)", digits=9
    ),
    Rule("US_SSN", 0.7, compiled(rf"{ALONE}(?!000|666|9)\d{{3}}-(?!00)\d\d-(?!0000)\d{{4}}{END}"), digits=9, shapes=("000-00-0000",)),
    cued(
        "BANK_ACCOUNT", 0.85,
        r"rekening|rekeningku|rekeningnya|rek|norek|no\.? ?rek|account number|account no|acct|a/c|acc no|bank account|account",
        rf"(?<![\w.,])\d(?:[ .-]?\d){{6,17}}{END}", not_a_date, 7,
    ),
    cued(
        "BANK_ACCOUNT", 0.8, "bca|bri|bni|mandiri|bsi|btn|cimb|permata|danamon|jago|transfer ke",
        rf"(?<![\w.,])\d(?:[ -]?\d){{8,15}}{END}", not_a_date, 9,
    ),
    Rule(
        "BANK_ACCOUNT", 0.8,  # the second of two
        compiled(rf"\b(?:rekening|account)\b[^\d\n]{{0,40}}\d[\d .-]{{6,20}}\d,? (?:to|ke|and|dan|or|atau) (?P<value>\d(?:[ .-]?\d){{6,17}}){END}"),
        not_a_date, words=frozenset({"rekening", "account"}), digits=7,
    ),
    cued("BANK_ACCOUNT", 0.8, "sort code", r"\d\d-\d\d-\d\d(?![\d-])", digits=6),
    cued("PASSPORT", 0.85, "passport|passports|paspor|paspornya|pasporku", r"(?:[A-Z]{1,2} ?\d{6,8}|\d{8,9}|(?=\w*\d{3})[A-Z0-9]{8,9})(?!\w)", digits=3, shapes=("000",)),
    cued(
        "DRIVER_LICENSE", 0.8,
        r"driver'?s? licen[cs]e|driver’s licen[cs]e|driving licen[cs]e|drivers licen[cs]e|licen[cs]e number|licen[cs]e no|surat izin mengemudi",
        r"(?=[A-Z-]*\d[A-Z-]*\d[A-Z-]*\d)[A-Z0-9][A-Z0-9-]{5,18}(?![\w-])", digits=3, shapes=BESIDE,
    ),
    cued("DRIVER_LICENSE", 0.8, r"sim|sim a|sim c|sim b1", r"(?<!\d)\d{4}[- ]?\d{4}[- ]?\d{4,6}(?![\w-])", digits=12),
    cued(
        "ORDER_ID", 0.75,
        r"order|orders|order id|pesanan|pesananku|pesanannya|invoice|faktur|inv|resi|noresi|awb|tracking|parcel|shipment|booking|"
        r"ticket|tiket|reference|ref|case|kasus|transaction|transaksi|laporan|pengaduan|komplain|rma|voucher|reservation|reservasi",
        REFERENCE, not_a_date, 4, BESIDE,
    ),
    cued(
        "CUSTOMER_ID", 0.75,
        r"customer|customers|client|member|membership|pelanggan|anggota|nasabah|policy|polis|student|nim|nisn|nip|bpjs|"
        r"patient|pasien|rekam medis|meter|employee|karyawan|user id|subscriber|loyalty|imei|serial|username",
        REFERENCE, not_a_date, 4, BESIDE,
    ),
    born(BORN, "date birth birthdate birthday dob d tanggal tgl ttl ultah tempat"),
    born("born|lahir|kelahiran", "born lahir kelahiran", tempered),  # an author is born too
)  # fmt: skip
