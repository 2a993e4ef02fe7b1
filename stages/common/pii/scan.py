"""The cheap look at a text that says which rules can match it at all: most texts hold no personal data.

A few passes over the bytes cost a hundredth of running every pattern over the text. They see its shape: `A` for a capital
letter, `a` for a small one, `0` for a digit, everything else as it stands.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

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
