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


def near(text: str, words: Iterable[str], reach: int) -> list[int]:
    """Every place in the text up to `reach` characters before one of the words."""
    found: set[int] = set()
    for word in words:
        place = text.find(word)
        while place >= 0:
            found.update(range(max(0, place - reach), place + 1))
            place = text.find(word, place + 1)
    return sorted(found)


def tried(pattern: re.Pattern[str], text: str, starts: Iterable[int]) -> Iterator[re.Match[str]]:
    """The matches of a pattern that begins at one of the places."""
    end = 0
    for start in starts:
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
    reach: int | None = None  # a match begins at most so many characters before one of the words; None: anywhere

    def matches(self, pattern: re.Pattern[str], scan: Scan) -> Iterator[re.Match[str]]:
        if (
            self.reach is None or not scan.read or not scan.text.isascii()
        ):  # beyond ASCII small letters can be more than capitals
            return pattern.finditer(scan.text)
        return tried(pattern, scan.text, near(scan.text.lower(), self.words & scan.words, self.reach))

    def met(self, scan: Scan) -> bool:
        """Whether the text holds all of it but for the words."""
        if scan.run < self.run or scan.digits < self.digits:
            return False
        return not self.shapes or any(map(scan.shape.__contains__, self.shapes))


Rule = TypeVar("Rule", bound=Needs)


class Index(Generic[Rule]):
    """Rules by what they need, so that a text asks for few of them; those that need fewer digits first."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = sorted(rules, key=lambda rule: rule.digits)
        self.words = frozenset[str]().union(*(rule.words for rule in rules))
        self.by_word = {word: [rule for rule in self.rules if word in rule.words] for word in self.words}
        alike: dict[tuple[object, ...], list[Rule]] = {}
        for rule in self.rules:
            if not rule.words:
                alike.setdefault((rule.digits, rule.run, rule.shapes), []).append(rule)
        self.wordless = list(alike.values())

    def possible(self, scan: Scan) -> Iterable[Rule]:
        """The rules that can match the text."""
        if not scan.read:
            return self.rules
        found: dict[Rule, None] = {}
        for rules in self.wordless:
            if rules[0].digits > scan.digits:
                break
            if rules[0].met(scan):
                found.update(dict.fromkeys(rules))
        for word in scan.words:
            for rule in self.by_word.get(word, ()):
                if rule.digits > scan.digits:
                    break
                if rule.met(scan):
                    found[rule] = None
        return found
