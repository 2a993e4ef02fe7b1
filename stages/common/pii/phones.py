"""Telephone numbers: Indonesia first, then the regions of params, then whatever looks or is announced like one."""

from collections.abc import Callable, Sequence

import phonenumbers

from stages.common.pii.accounts import not_a_date
from stages.common.pii.presidio import RecognizerResult
from stages.common.pii.rules import LANGUAGE, Rule, ScanRecognizer, compiled, cued
from stages.common.pii.scan import NUMBER, Scan, digits_of

START = r"(?<![\w+])(?<!\d[.,/-])(?<!\d \+)"
END = r"(?![\w]|[.,/-]\d)"
EXTENSION = r"(?:,? ?(?:x|ext\.?|extension|pesawat) ?\d{1,6})?"
MINIMUM, MAXIMUM = 7, 14  # digits, the code of a country included
PRICE = compiled(r"\d{1,3}(?:\.\d{3})+")
QUAD = compiled(r"\d{1,3}(?:\.\d{1,3}){3}")
CUE = (
    r"phone|phones|telephone|tel|telp|tlp|telepon|telpon|telfon|hp|hpku|hpnya|handphone|ponsel|wa|whatsapp|call|calls|calling|"
    r"mobile|cell|cellphone|fax|faks|contact|kontak|hubungi|dihubungi|sms|text me|texted|ring|nomor|nomer|nomorku|nomornya|"
    r"number|reach me|reach|landline|desk|direct|dial me"
)
AFTER = r"mobile|office|fax|home|cell|work|kantor|rumah|hp|wa"


def sized(low: int, high: int) -> Callable[[str], bool]:
    return lambda text: low <= len(digits_of(text.lower().split("x")[0])) <= high and plausible(text)


def plausible(text: str) -> bool:
    """No date, no repeated digit, no thousands: 1.250.000 is a price."""
    return not_a_date(text) and not PRICE.fullmatch(text) and len(set(digits_of(text))) > 1


def dialled(number: str) -> bool:
    """Whether a telephone number can be in it: those of the regions have 7 to 14 digits, and an IP address is none."""
    return MINIMUM <= len(digits_of(number)) <= MAXIMUM and not QUAD.fullmatch(number)


RULES = (
    Rule(
        "PHONE_NUMBER", 0.85,
        compiled(rf"{START}(?:\(?(?:\+|00)?62\)?[ .-]*(?:\(0\)[ ]*)?|\(?0)8[1-9]\d?\)?(?:[ .-]{{0,2}}\d){{6,11}}{EXTENSION}{END}"),
        sized(9, 15), digits=9,
    ),
    Rule("PHONE_NUMBER", 0.8, compiled(rf"{START}(?:\+|00)[1-9]\d{{0,2}}(?:[ .()/-]{{0,3}}\d){{5,13}}{EXTENSION}{END}"), sized(8, 15), digits=8, shapes=("+0", "000")),
    Rule("PHONE_NUMBER", 0.75, compiled(rf"{START}\(0\d{{1,4}}\)(?:[ .-]{{0,2}}\d){{5,8}}{EXTENSION}{END}"), sized(8, 13), digits=8, shapes=("(00",)),
    Rule("PHONE_NUMBER", 0.75, compiled(rf"{START}0[2-9]\d{{1,2}}[ -]\d{{5,8}}{EXTENSION}{END}"), sized(8, 12), digits=8, shapes=("0 00000", "0-00000")),
    Rule("PHONE_NUMBER", 0.5, compiled(rf"{START}0[2-7]\d{{7,9}}{END}"), sized(9, 11), digits=9, shapes=("0" * 9,)),
    Rule(
        "PHONE_NUMBER", 0.75, compiled(rf"{START}(?:\+?1[-. ])?(?:\(\d{{3}}\) ?|\d{{3}}[-. ])\d{{3}}[-. ]\d{{4}}{EXTENSION}{END}"),
        sized(10, 11), digits=10, shapes=("000-0000", "000.0000", "000 0000"),
    ),
    Rule("PHONE_NUMBER", 0.65, compiled(rf"{START}(?:\(\d{{2,5}}\)|0\d{{1,4}})(?:[ -]\d{{2,5}}){{1,5}}{EXTENSION}{END}"), sized(8, 12), digits=8),
    Rule("PHONE_NUMBER", 0.5, compiled(rf"{START}\d{{2,3}}[ -]\d{{3}}[ -]\d{{2,3}}[ -]\d{{2,4}}{EXTENSION}{END}"), sized(9, 12), digits=9,
        shapes=("0 000 0", "0 000-0", "0-000 0", "0-000-0"),
    ),
    cued("PHONE_NUMBER", 0.8, CUE, rf"(?<![\w.,])[+(]{{0,2}}\d(?:[ .()/-]{{0,2}}\d){{6,14}}{EXTENSION}{END}", sized(7, 15), 7),
    Rule(
        "PHONE_NUMBER", 0.8,
        compiled(rf"{START}(?P<value>[+(]{{0,2}}\d(?:[ .()/-]{{0,2}}\d){{6,14}}{EXTENSION})[ ,(]+(?:{AFTER})\b"), sized(7, 15),
        words=frozenset(AFTER.split("|")), digits=7,
    ),
)  # fmt: skip


class RegionRecognizer(ScanRecognizer):
    """Numbers that are valid in one of the regions, by Google's tables."""

    score = 0.6

    def __init__(self, regions: Sequence[str]) -> None:
        self.regions = regions
        super().__init__(["PHONE_NUMBER"], name="phone regions", supported_language=LANGUAGE)

    def scanned(self, scan: Scan, entities: Sequence[str]) -> list[RecognizerResult]:
        if scan.digits < MINIMUM or "PHONE_NUMBER" not in entities:
            return []
        numbers = [number for number in NUMBER.finditer(scan.text) if len(digits_of(number[0])) >= MINIMUM]
        if not any(dialled(number[0]) for number in numbers):
            return []
        found: set[tuple[int, int]] = set()
        for region in self.regions:
            matcher = phonenumbers.PhoneNumberMatcher(scan.text, region, leniency=phonenumbers.Leniency.VALID)
            found.update((match.start, match.end) for match in matcher if plausible(match.raw_string))
            international = {(start + 1, end) for start, end in found if scan.text[start] == "+"}
            if all(number.span() in international for number in numbers):
                break  # with the code of its country a number is the same in every region
        return [RecognizerResult("PHONE_NUMBER", start, end, self.score) for start, end in sorted(found)]
