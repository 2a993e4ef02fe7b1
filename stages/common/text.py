"""When two texts count as the same: keys and similarity for duplicates, grouping and the leak gate."""

import re
import unicodedata
from collections.abc import Sequence

from stages.common.lookalikes import LOOKALIKES

NGRAM = 4
# Characters that show nothing and are no format characters (category Cf) to Unicode: joiners, fillers, variation selectors.
UNSEEN = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
UNSPOKEN = re.compile(r"[^\w\s]|_")
SPOKEN = re.compile(r"[A-Za-z0-9]")  # of ASCII
ASCII_KEY = "".join(UNSPOKEN.sub(" ", chr(code).lower()) for code in range(128))  # what each character counts as


def match_key(text: str) -> str:
    """The form in which texts are compared: case, punctuation, width, accents' form, invisible and look-alike
    characters don't count. Never used as training text."""
    spoken = text.translate(ASCII_KEY) if text.isascii() else UNSPOKEN.sub(" ", plain_letters(text))
    return " ".join(spoken.split())


def plain_letters(text: str) -> str:
    folded = unicodedata.normalize("NFKC", UNSEEN.sub("", text)).casefold().translate(LOOKALIKES)
    return "".join(char for char in folded if unicodedata.category(char) != "Cf")


def says_something(text: str) -> bool:
    """Whether its key isn't empty."""
    return SPOKEN.search(text) is not None or match_key(text) != ""


def may_hold(text: str, words: Sequence[str]) -> bool:
    """Whether one of the lower-case `words` stands in `text` in any case: quick, before a pattern looks closely.

    Beyond ASCII always true, as other letters (a long s, the Kelvin sign) match ASCII ones there.
    """
    lower = text.lower()
    for word in words:  # `any` takes twice as long
        if word in lower:
            return True
    return not text.isascii()


def padded(key: str) -> str:
    """A key as its 4-grams are taken from it: with its borders, and never too short for one."""
    return f" {key} ".ljust(NGRAM)


def grams(text: str) -> set[str]:
    key = padded(match_key(text))
    return {key[start : start + NGRAM] for start in range(len(key) - NGRAM + 1)}


def similarity(one: str, other: str) -> float:
    """Jaccard similarity of the character 4-grams of two texts' keys, 0..1."""
    left, right = grams(one), grams(other)
    return len(left & right) / len(left | right)
