"""The cheap look at a text that says which rules can match it at all: most texts hold no personal data.

A few passes over the bytes cost a fiftieth of running every pattern over the text. They see its shape: `A` for a capital
letter, `a` for a small one, `0` for a digit, everything else as it stands.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from stages.common.pii.manner import WORD

LONG = 5  # digits of a number that are counted
RUN = 14  # characters without a space that are counted
NUMBER = re.compile(r"\d(?:[ .()/-]{0,3}\d)*")
BETWEEN = b" .()/-"  # may stand between the digits of a number


def digits_of(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def shape_of(char: str) -> str:
    if char.isalnum():
        return "A" if char.isupper() else "0" if char.isdecimal() else "a"
    return char if char.isascii() else " " if char.isspace() else "~"


class Further(dict[int, str]):
    """For `str.translate`: the shapes of characters beyond ASCII, each looked at once."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        self[code] = char if char.isascii() else shape_of(char)
        return self[code]


def table(change: Callable[[str], str]) -> bytes:
    """For `bytes.translate`: what ASCII becomes."""
    return "".join(map(change, map(chr, range(128)))).ljust(256).encode()


FURTHER = Further()
SHAPES = table(shape_of)
LETTERS = table(lambda char: char.lower() if char.isalpha() else " ")
RUNS = table(lambda char: " " if char.isspace() else "x")


def longest_number(text: str, raw: bytes, shape: str) -> int:
    """How many digits the longest number has at most. The number of a step, alone before its dot, is none."""
    digits = shape.count("0")
    if not digits or digits == shape.startswith("0. ") + shape.count("\n0. ") + 2 * shape.count("\n00. "):
        return 0
    if b"0" * LONG not in raw.translate(SHAPES, BETWEEN):
        return LONG - 1
    return max(LONG - 1, *(len(digits_of(number)) for number in NUMBER.findall(text)))


def longest_run(text: str, raw: bytes) -> int:
    """How many characters stand together without a space, where they are many."""
    return max(map(len, text.split())) if b"x" * RUN in raw.translate(RUNS) else 0


class Scan(NamedTuple):
    """A text, its shape, those of its words that are asked for, its longest number (digits) and its longest run."""

    text: str
    shape: str
    words: frozenset[str]
    digits: int
    run: int
    read: bool = True

    @classmethod
    def unread(cls, text: str) -> "Scan":
        """Nothing known: every rule is tried, as Presidio's own engine does."""
        return cls(text, "", frozenset(), len(text), len(text), read=False)

    @classmethod
    def of(cls, text: str, asked: frozenset[str]) -> "Scan":
        plain = text.isascii()
        raw = (text if plain else text.translate(FURTHER)).encode()
        shape = raw.translate(SHAPES).decode()
        words = raw.translate(LETTERS).decode().split() if plain else WORD.findall(text.lower())
        return cls(text, shape, asked.intersection(words), longest_number(text, raw, shape), longest_run(text, raw))

    def lacks(self, words: frozenset[str]) -> bool:
        return self.read and self.words.isdisjoint(words)


def places(text: str, word: str) -> Iterator[int]:
    place = text.find(word)
    while place >= 0:
        yield place
        place = text.find(word, place + 1)


def led(pattern: re.Pattern[str], text: str, words: Iterable[str]) -> Iterator[re.Match[str]]:
    """The matches of a pattern that begins with one of the words, tried where they stand alone."""
    small, end = text.lower(), 0
    for start in sorted(place for word in words for place in places(small, word)):
        if start >= end and (match := pattern.match(text, start)):
            yield match
            end = match.end()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Needs:
    """What a text must hold for a pattern to match it at all: one of `words`, a number of `digits` digits, `run` characters
    without a space, one of `shapes`. What is empty or 0 is not needed.
    """

    words: frozenset[str] = field(default_factory=frozenset)
    digits: int = 0
    run: int = 0
    shapes: tuple[str, ...] = ()
    leads: bool = False  # every match begins with one of the words

    def matches(self, pattern: re.Pattern[str], scan: Scan) -> Iterator[re.Match[str]]:
        if self.leads and scan.read and scan.text.isascii():  # else small letters may be more than the capitals were
            return led(pattern, scan.text, self.words & scan.words)
        return pattern.finditer(scan.text)

    def met(self, scan: Scan) -> bool:
        """Whether the text holds all of it but for the words."""
        if scan.run < self.run or scan.digits < self.digits:
            return False
        return not self.shapes or any(map(scan.shape.__contains__, self.shapes))


Rule = TypeVar("Rule", bound=Needs)


class Index(Generic[Rule]):
    """Rules by their words, so that a text asks for few of them; those that need fewer digits first."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = sorted(rules, key=lambda rule: rule.digits)
        self.words = frozenset[str]().union(*(rule.words for rule in rules))
        self.wordless = [rule for rule in self.rules if not rule.words]
        self.by_word = {word: [rule for rule in self.rules if word in rule.words] for word in self.words}

    def possible(self, scan: Scan) -> Iterable[Rule]:
        """The rules that can match the text."""
        if not scan.read:
            return self.rules
        found: dict[Rule, None] = {}
        for rules in (self.wordless, *(self.by_word[word] for word in scan.words if word in self.by_word)):
            for rule in rules:
                if rule.digits > scan.digits:
                    break
                if rule.met(scan):
                    found[rule] = None
        return found
