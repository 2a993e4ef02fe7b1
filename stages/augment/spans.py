"""What a rewording must leave as it is: placeholders, quoted labels, code, addresses, menu paths, numbers.

The augmenters see `{0}`, `{1}`, ... in their place: nlpaug splits addresses and mistypes digits.
"""

import re

from stages.common.placeholders import PLACEHOLDER

QUOTED = PLACEHOLDER + r"|\"[^\"]+\"|“[^”]+”|‘[^’]+’|(?<!\w)'[^']+'(?!\w)|`[^`]+`"
ADDRESS = r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.\w+|(?<!\w)(?:[\w-]+\.)+[a-z]{2,}/\S+"
PATH = r"[\w'/&-]+(?: (?:>|→|›) [\w'/&-]+)+"
NUMBER = r"\d[\d.,:/-]*(?:[^\W\d_]+\b)?"  # with its unit: "5g", "6pm"
PROTECTED = re.compile(f"{QUOTED}|{ADDRESS}|{PATH}|{NUMBER}")
PATHLESS = re.compile(
    f"{QUOTED}|{ADDRESS}|{NUMBER}"
)  # where no menu path can stand: looking for one at every word takes longest
MARK = re.compile(r"[\[\"“‘'`@/\d]|www\.")  # without one of these nothing of these is protected: most questions
ARROWS = (">", "→", "›")
STAND_IN = re.compile(r"\{ ?(\d+) ?\}")


def pattern(text: str) -> re.Pattern[str] | None:
    """What finds the spans of `text`; None where there can be none."""
    if any(arrow in text for arrow in ARROWS):
        return PROTECTED
    return PATHLESS if MARK.search(text) else None


def protected(text: str) -> list[str]:
    spans = pattern(text)
    return spans.findall(text) if spans else []


def hidden(text: str) -> tuple[str, list[str]]:
    """`text` with each protected span replaced by its number in braces, and the spans."""
    spans: list[str] = []

    def number(match: re.Match[str]) -> str:
        spans.append(match[0])
        return f"{{{len(spans) - 1}}}"

    found = pattern(text)
    return (found.sub(number, text) if found else text), spans


def restored(text: str, spans: list[str]) -> str:
    """The inverse of `hidden`; a number that an augmenter made up stays, and is found by comparing the spans."""
    return STAND_IN.sub(lambda match: spans[int(match[1])] if int(match[1]) < len(spans) else match[0], text)
