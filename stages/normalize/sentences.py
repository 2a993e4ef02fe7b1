"""Steps of an answer that is told in plain sentences: "Open Settings. Tap Security. You will get a code. Enter it."

A step is a sentence that commands; what follows it and does not ("You will get a code.") belongs to it. An answer is a
procedure if it begins with a step, has two at least, and more of them than of other sentences.
"""

import re
from itertools import pairwise

from stages.normalize.imperatives import commands, without_order

# The end of a sentence, before a capital or a name such as iCloud. A full stop before anything else ends none.
END = re.compile(r"""(?:[.!?]["')\]]*\s+|\n\s*)(?=["'(\[]?(?:[^\W\d_a-z]|[a-z]{1,2}[A-Z]))""")
SHORT = re.compile(r"\b(?:e\.g|i\.e|vs|mr|mrs|ms|dr|st|jl|a\.n|u\.p)\.\s+$", re.IGNORECASE)
ENCLOSED = re.compile(r'"[^"\n]*"|\([^()\n]*\)|\[[^\]\n]*\]')  # a button's name, an aside: one piece


def sentences(text: str) -> list[str]:
    """The sentences of `text`. Halves of one that is cut by mistake ("No. Rekening") meet again as step and remark."""
    enclosed = [span.span() for span in ENCLOSED.finditer(text)]
    ends = [
        found.end()
        for found in END.finditer(text)
        if not SHORT.search(text, 0, found.end()) and not any(start < found.end() < stop for start, stop in enclosed)
    ]
    return [" ".join(text[start:end].split()) for start, end in pairwise([0, *ends, len(text)])]


def sentence_steps(text: str) -> list[str]:
    """A step for each sentence that commands, with what is said about it; [] where the answer is no procedure."""
    parts = sentences(text)
    steps: list[str] = []
    for part in parts:
        if commands(part):
            steps.append(without_order(part))
        elif steps:
            steps[-1] = f"{steps[-1]} {part}"
        else:
            return []
    return steps if len(steps) > 1 and 2 * len(steps) > len(parts) else []
