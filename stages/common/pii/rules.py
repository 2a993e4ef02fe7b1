"""What a rule is, and the cheap scan that says which rules can match a text at all.

Most texts hold no personal data. One scan of the words and of the longest number, and a set intersection a rule, are a
twentieth of the work of running every pattern over every text.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from stages.common.pii.manner import WORD, Manner, certain
from stages.common.pii.presidio import LocalRecognizer, RecognizerResult

LANGUAGE = "en"  # Presidio's registry wants one; every rule here holds for both languages of the corpus
NUMBER = re.compile(r"\d(?:[ .()/-]{0,3}\d)*")
LONG = 5  # digits
DIGIT = re.compile(r"\d")
LONG_NUMBER = re.compile(r"\d(?:[ .()/-]{0,3}\d){4}")
SHRINK = re.compile(r"[ -][^ -]*$")
# What may stand between a cue and its value: "account number is: 12...", "nomor rekening saya 12...".
GAP = (
    r"(?:[\s:=#.,()-]|\b(?:is|was|number|no|num|nr|nomor|nomer|saya|aku|gue|gw|adalah|ialah|yaitu|the|my|our|code|kode|id|ini"
    r"|dengan|bank|baru|lama|kami|anda|nya|under|from|dari|changed|berubah|ends|ending)\b){0,12}?"
)


@dataclass(frozen=True, slots=True)
class Scan:
    """A text, its words in lower case, how many digits its longest number has at most, its longest run without a space."""

    text: str
    words: frozenset[str] | None  # None: not looked at, so that any word may stand there
    digits: int
    run: int

    @classmethod
    def unread(cls, text: str) -> "Scan":
        """Nothing known: every rule is tried, as Presidio's own engine does."""
        return cls(text, None, len(text), len(text))

    def lacks(self, words: frozenset[str]) -> bool:
        return self.words is not None and self.words.isdisjoint(words)

    @classmethod
    def of(cls, text: str) -> "Scan":
        longest = LONG - 1 if DIGIT.search(text) else 0  # at most
        if longest and LONG_NUMBER.search(text):
            longest = max(len(digits_of(run)) for run in NUMBER.findall(text))
        return cls(text, frozenset(WORD.findall(text.lower())), longest, max(map(len, text.split()), default=0))


@dataclass(frozen=True, slots=True)
class Rule:
    """A pattern whose group `value` (or whole match) is personal data, if `valid` says so.

    The other fields say what a text must hold for the pattern to match at all: one of `words`, a number of `digits`
    digits, the string `mark`, `run` characters without a space.
    """

    entity: str
    score: float
    pattern: re.Pattern[str]
    valid: Callable[[str], bool] = lambda _: True
    words: frozenset[str] = field(default_factory=frozenset)
    digits: int = 0
    mark: str = ""
    run: int = 0
    shrink: bool = False  # where the whole is not valid, try it without its last groups
    manner: Manner = certain  # the score in the text where it stands

    def possible(self, scan: Scan) -> bool:
        return (
            scan.digits >= self.digits
            and scan.run >= self.run
            and self.mark in scan.text
            and not (self.words and scan.lacks(self.words))
        )

    def matches(self, text: str) -> Iterator[tuple[int, int]]:
        group = "value" if "value" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            start, end = match.span(group)
            while self.shrink and not self.valid(text[start:end]) and (shorter := SHRINK.search(text, start, end)):
                end = shorter.start()
            if start < end and self.valid(text[start:end]):
                yield start, end


class ScanRecognizer(LocalRecognizer):
    """A Presidio recogniser that can take a text which is scanned already; in any other engine it tries everything."""

    def load(self) -> None:
        """Nothing to load."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: object = None) -> list[RecognizerResult]:  # noqa: ARG002
        return self.scanned(Scan.unread(text), entities)

    def scanned(self, scan: Scan, entities: Sequence[str]) -> list[RecognizerResult]:
        raise NotImplementedError


class RuleRecognizer(ScanRecognizer):
    """Rules that belong together. Most want a long number, so that most texts need ask a few only."""

    def __init__(self, name: str, rules: Sequence[Rule]) -> None:
        self.rules = rules
        self.few = [rule for rule in rules if rule.digits < LONG]
        super().__init__(sorted({rule.entity for rule in rules}), name=name, supported_language=LANGUAGE)

    def scanned(self, scan: Scan, entities: Sequence[str]) -> list[RecognizerResult]:
        return [
            RecognizerResult(rule.entity, start, end, rule.manner(rule.score, scan.text, start, end))
            for rule in (self.few if scan.digits < LONG else self.rules)
            if rule.possible(scan) and rule.entity in entities
            for start, end in rule.matches(scan.text)
        ]


def compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


def cued(
    entity: str, score: float, cue: str, value: str, valid: Callable[[str], bool] = lambda _: True, digits: int = 0
) -> Rule:
    """A rule for `value` after one of the words of `cue`, `|` between them, no other groups in it."""
    words = frozenset(WORD.findall(part.lower())[0] for part in cue.split("|"))
    return Rule(entity, score, compiled(rf"\b(?:{cue})\b{GAP}(?P<value>{value})"), valid, words, digits)


def digits_of(text: str) -> str:
    return "".join(filter(str.isdigit, text))
