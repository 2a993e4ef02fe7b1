"""What a rule is, and the recogniser that tries those that a text can hold."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from stages.common.pii.manner import WORD, Manner, certain
from stages.common.pii.needs import Index, Needs
from stages.common.pii.presidio import LocalRecognizer, RecognizerResult
from stages.common.pii.scan import Scan

LANGUAGE = "en"  # Presidio's registry wants one; every rule here holds for both languages of the corpus
SHRINK = re.compile(r"[ -][^ -]*$")
# What may stand between a cue and its value: "account number is: 12...", "nomor rekening saya 12...".
GAP = (
    r"(?:[\s:=#.,()-]|\b(?:is|was|number|no|num|nr|nomor|nomer|saya|aku|gue|gw|adalah|ialah|yaitu|the|my|our|code|kode|id|ini"
    r"|dengan|bank|baru|lama|kami|anda|nya|under|from|dari|changed|berubah|ends|ending)\b){0,12}?"
)


@dataclass(frozen=True, slots=True, eq=False)
class Rule(Needs):
    """A pattern whose group `value` (or whole match) is personal data, if `valid` says so."""

    entity: str
    score: float
    pattern: re.Pattern[str]
    valid: Callable[[str], bool] = lambda _: True
    shrink: bool = False  # where the whole is not valid, try it without its last groups
    manner: Manner = certain  # the score in the text where it stands

    def values(self, scan: Scan) -> Iterator[tuple[int, int]]:
        group = "value" if "value" in self.pattern.groupindex else 0
        text = scan.text
        for match in self.matches(self.pattern, scan):
            start, end = match.span(group)
            while self.shrink and not self.valid(text[start:end]) and (shorter := SHRINK.search(text, start, end)):
                end = shorter.start()
            if start < end and self.valid(text[start:end]):
                yield start, end


class ScanRecognizer(LocalRecognizer):
    """A Presidio recogniser that can take texts which are scanned already; in any other engine it tries everything."""

    words: frozenset[str] = frozenset()  # that it looks for in a scan

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: object = None) -> list[RecognizerResult]:  # noqa: ARG002
        return self.scanned(Scan.unread(text), entities)

    def scanned(self, scan: Scan, entities: Sequence[str]) -> list[RecognizerResult]:
        raise NotImplementedError

    def scanned_all(self, scans: Sequence[Scan], entities: Sequence[str]) -> list[list[RecognizerResult]]:
        """The same of many, for what is faster together."""
        return [self.scanned(scan, entities) for scan in scans]


class RuleRecognizer(ScanRecognizer):
    def __init__(self, rules: Sequence[Rule]) -> None:
        self.index = Index(rules)
        self.words = self.index.words
        super().__init__(sorted({rule.entity for rule in rules}), name="rules", supported_language=LANGUAGE)

    def scanned(self, scan: Scan, entities: Sequence[str]) -> list[RecognizerResult]:
        return [
            RecognizerResult(rule.entity, start, end, rule.manner(rule.score, scan.text, start, end))
            for rule in self.index.possible(scan)
            if rule.entity in entities
            for start, end in rule.values(scan)
        ]


def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def cued(
    entity: str,
    score: float,
    cue: str,
    value: str,
    valid: Callable[[str], bool] = lambda _: True,
    digits: int = 0,
    shapes: tuple[str, ...] = (),
) -> Rule:
    """A rule for `value` after one of the words of `cue`, `|` between them, no other groups in it."""
    words = frozenset(WORD.findall(part.lower())[0] for part in cue.split("|"))
    pattern = compiled(rf"\b(?:{cue})\b{GAP}(?P<value>{value})")
    return Rule(entity, score, pattern, valid, words=words, digits=digits, shapes=shapes, reach=0)
