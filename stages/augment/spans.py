"""What a rewording must leave as it is: placeholders, quoted labels, addresses, menu paths, numbers.

The augmenters see `{0}`, `{1}`, ... in their place: nlpaug splits addresses and mistypes digits.
"""

import re

from stages.common.placeholders import PLACEHOLDER

PROTECTED = re.compile(
    PLACEHOLDER + r"|\"[^\"]+\"|“[^”]+”|‘[^’]+’|(?<!\w)'[^']+'(?!\w)"
    r"|(?:https?://|www\.)\S+|[\w'/&-]+(?: (?:>|→|›) [\w'/&-]+)+|\d[\d.,:/-]*"
)
MARK = re.compile(r"[\[\"“‘'>→›\d]|://|www\.")  # without one of these nothing is protected: most questions
STAND_IN = re.compile(r"\{ ?(\d+) ?\}")


def protected(text: str) -> list[str]:
    return PROTECTED.findall(text) if MARK.search(text) else []


def hidden(text: str) -> tuple[str, list[str]]:
    """`text` with each protected span replaced by its number in braces, and the spans."""
    spans: list[str] = []
    if not MARK.search(text):
        return text, spans

    def number(match: re.Match[str]) -> str:
        spans.append(match[0])
        return f"{{{len(spans) - 1}}}"

    return PROTECTED.sub(number, text), spans


def restored(text: str, spans: list[str]) -> str:
    """The inverse of `hidden`; a number that an augmenter made up stays, and is found by comparing the spans."""
    return STAND_IN.sub(lambda match: spans[int(match[1])] if int(match[1]) < len(spans) else match[0], text)
