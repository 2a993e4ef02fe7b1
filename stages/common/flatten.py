"""The plain form of text that some designs train on: lower case, no punctuation. Its steps stay steps."""

import re

from stages.common.placeholders import PLACEHOLDER

# A step's number, a placeholder, an address: these carry meaning, not style.
KEPT = re.compile(rf"(^\d+\. |{PLACEHOLDER}|https?://\S+)", re.MULTILINE)
PUNCTUATION = re.compile(r"(?<!\w)[^\w\s]+|[^\w\s]+(?!\w)")  # not inside a word or number: 10:30, e-mail, 1.250
GAP = re.compile(r"[ \t]+")


def flattened(text: str, lowercase: bool, strip_punctuation: bool) -> str:
    """`text` with the same lines; a line that would be left with no word stays as it is."""
    return "\n".join(flattened_line(line, lowercase, strip_punctuation) for line in text.split("\n"))


def flattened_line(line: str, lowercase: bool, strip_punctuation: bool) -> str:
    parts = KEPT.split(line)
    for place in range(0, len(parts), 2):  # the odd ones are kept
        words = parts[place].lower() if lowercase else parts[place]
        parts[place] = PUNCTUATION.sub(" ", words) if strip_punctuation else words
    plain = GAP.sub(" ", "".join(parts)).strip() if strip_punctuation else "".join(parts)
    number = KEPT.match(line)
    return plain if plain[number.end() if number and line[0].isdigit() else 0 :].strip() else line
