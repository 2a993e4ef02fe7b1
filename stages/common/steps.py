"""A step list as text and back: the one definition that cleaning, training and metrics share.

Canonical form: one step a line, `1. First action.`, numbered 1..n without a gap.
"""

import re
from collections.abc import Iterable, Sequence

# A number, a word with a number, a letter, or a bullet: one pattern, as four in turn take three times as long.
NUMBERED = r"(?:#{2,6}\s*)?(?:\*\*|__)?\(?\d{1,2}(?:[.:]?\)|[.:])(?:\*\*|__)?(?!\d)\s*"
WORDED = (  # "Step 2 of the form asks for a name." begins no step
    r"(?i:[#*_]*\s*(?:step|langkah|tahap)\s*(?:ke-?\s*)?\d{1,2}(?:\s*(?:of|dari|/)\s*\d{1,2})?)"
    r"(?:\s*[:.)\-–—](?!\d)[*_]*\s*|[*_]+\s*|\s*$|\s+(?=[A-Z]))"
)
BULLET = r"(?:(?:[-*+–—]\s+|[•●·○▪■◦‣⁃►➤✓✔✅→]\s*)(?=\S)(?:\[[ xX]\]\s+)?|(?:\d\ufe0f?\u20e3|[\u2460-\u2473\U0001f51f])\s*)"
MARKER = re.compile(
    rf"\s*(?:{NUMBERED}|{WORDED}|\(?(?:[a-zA-Z]|[ivx]{{2,4}}|[IVX]{{2,4}})[.)]\s+|{BULLET}|\d{{1,2}}\.\d[.)]\s+)"
)
# What may follow another marker: "A." is an initial there, "1.1." a number.
SECOND = re.compile(rf"\s*(?:{NUMBERED}|{WORDED}|\(?(?:[a-z]|[ivx]{{2,4}})[.)]\s+|{BULLET})")
APART = re.compile(r"[-*_=]{3,}|#{2,6}\s.*")  # a rule or a heading between the steps
DIGIT = re.compile(r"\d")
INLINE = re.compile(
    r"(?:^|(?<=\s))(?:\(?(\d{1,2})[.)](?:(?-i:(?=[A-Z]))|\s+(?=\S))|(?:step|langkah)\s+(\d{1,2})\s*[:.)-]\s+(?=\S))",
    re.IGNORECASE,
)
ORDINAL = re.compile(
    r"(?:^|(?<=[.;:!,]\s))(?:and\s+|lalu\s+|dan\s+)?"
    r"(?:first(?:ly)?|second(?:ly)?|third(?:ly)?|then|next(?! to\b)|after that|finally|lastly|"
    r"pertama(?:-tama)?|kedua|ketiga|lalu|kemudian|selanjutnya|berikutnya|setelah itu|terakhir)\b"
    # "Second hand phones", "lalu lintas": no words of order.
    r"(?!\s+(?:aid|class|day|floor|hand|month|name|party|time|week|year|belah|kali|lintas|pihak)\b)[,:]?\s+",
    re.IGNORECASE,
)
# Once "first" has been said, such a word begins a step without a comma too; in capitals it may be the name of a button.
FIRST = re.compile(r"(?:and\s+)?(?:first|pertama)", re.IGNORECASE)
LOOSE = re.compile(
    rf"{ORDINAL.pattern}|(?-i:(?<=\w\s)(?:and\s+|dan\s+)?"
    r"(?:then|after that|finally|lalu|kemudian|setelah itu|selanjutnya|terakhir)\b,?\s+)",
    re.IGNORECASE,
)
CONDITION = re.compile(  # what follows it belongs to it: "If it asks, then tap Allow."
    r"(?:^|[.;:!?,]\s+)(?:and\s+|but\s+|dan\s+|tetapi\s+)?(?:if|when|once|unless|jika|bila|kalau|apabila|ketika|saat)\b"
    r"[^.,;:!?]*,?\s*$",
    re.IGNORECASE,
)
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"'“(\[])")
BLANK = "\0"  # stands for an empty line; cleaned text never holds it
LINE_NUMBER = re.compile(
    r"^[\s(#*_]*(?:(?:step|langkah|tahap)\s*(?:ke-?\s*)?|(?=\d{1,2}[.):](?!\d)))(\d{1,2})", re.IGNORECASE | re.MULTILINE
)
CANONICAL = re.compile(r"^(\d+)\. (\S.*)$")


def render_steps(steps: Sequence[str]) -> str:
    return "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))


def is_canonical(text: str) -> bool:
    """Whether `text` is a clean list: every line one action, numbered 1..n."""
    return all(
        (match := CANONICAL.match(line)) is not None
        and int(match[1]) == number
        and not SECOND.match(match[2])
        and all(number_of(inline) != number + 1 for inline in _inline_marks(match[2]))
        for number, line in enumerate(text.strip().split("\n"), 1)
    )


def parse_steps(text: str) -> list[str]:
    """The steps of an answer in any of the notations that people and models use; [] where it has none.

    Reads numbered (`1.` `1)` `(1)` `**1.**` `①`), worded (`Step 1:` `Langkah 1:`), lettered and bulleted lines,
    numbers inside one paragraph, and prose in the form "First ..., then ...". A number that comes next begins a step inside
    a line too ("1. Select SIM 2. Tap Save."), unless a line has it. Continuation lines join their step;
    what precedes the first marker is an introduction and is left out, as are headings between steps, and what follows the
    list after a blank line.
    """
    lines = _line_steps(text)
    if any(map(DIGIT.search, lines)):
        lines = _counted_on(lines, _whole(text, len(lines)))
    if len(lines) > 1:
        return lines
    whole = " ".join(text.split())
    return _inline_steps(whole) or lines or _ordinal_steps(whole)


def read_as_written(steps: Sequence[str]) -> bool:
    """Whether steps without a marker of their own are the same once rendered and read again."""
    # Of lines numbered through the last alone may go on inside with the number that comes next.
    return (1 < len(steps) < 100 and not DIGIT.search(steps[-1])) or parse_steps(render_steps(steps)) == steps


def steps_or_sentences(text: str) -> list[str]:
    """The steps, or else the sentences: an answer without a list still gets credit for what it says."""
    return parse_steps(text) or [part for part in SENTENCE.split(" ".join(text.split())) if part]


def without_marker(line: str) -> str:
    """`line` without the list markers that it begins with: pasted lists often carry two."""
    marker = MARKER.match(line)
    if marker is None:
        return line.strip()
    step = line[marker.end() :]
    return without_second(step.replace("**", "", 1) if marker[0].count("**") == 1 else step)  # "**1. Open the app**"


def without_second(step: str) -> str:
    """A step without the markers that its own left behind."""
    while marker := SECOND.match(step):
        step = step[marker.end() :]
    return step.strip()


def _line_steps(text: str) -> list[str]:
    steps: list[str] = []
    apart: list[str] = []  # paragraphs after the last step: its own if another step follows, else a closing remark
    after_blank = False
    for line in filter(None, map(str.strip, text.replace("\n\n", f"\n{BLANK}\n").split("\n"))):
        if (step := without_marker(line)) == line and (line == BLANK or APART.fullmatch(line)):
            after_blank = True
        elif step != line:
            if steps and apart:
                steps[-1] = " ".join([steps[-1], *apart])
            steps.append(step)
            apart, after_blank = [], False
        elif steps and after_blank:
            apart.append(line)
        elif steps:
            steps[-1] = f"{steps[-1]} {line}".strip()
    return [step for step in steps if step]


def _inline_steps(text: str) -> list[str]:
    """Steps numbered 1, 2, 3 ... inside one paragraph."""
    first = next((mark for mark in _inline_marks(text) if number_of(mark) == 1), None)
    steps = _counted_on([text[first.end() :]]) if first else []
    return steps if len(steps) > 1 else []


def _whole(text: str, count: int) -> int:
    """How many of `count` lines say a number inside as their own text: all where the lines bear no numbers that count, and
    all but the last where they bear 1..count."""
    numbers = [int(number) for number in LINE_NUMBER.findall(text)]
    if numbers == list(range(1, count + 1)):
        return count - 1
    return 0 if len(set(numbers)) > 1 else count


def _counted_on(steps: Sequence[str], whole: int = 0) -> list[str]:
    """The steps, cut where one goes on with the number that comes next; the first `whole` of them stay whole."""
    result = list(steps[:whole])
    for step in steps[whole:]:
        start = 0
        for mark in _inline_marks(step):
            if number_of(mark) == len(result) + 2 and step[start : mark.start()].strip():
                result.append(step[start : mark.start()].strip())
                start = mark.end()
        result.append(step[start:].strip())
    return result


def _inline_marks(text: str) -> Iterable[re.Match[str]]:
    return INLINE.finditer(text) if DIGIT.search(text) else ()


def number_of(mark: re.Match[str]) -> int:
    return int(mark[1] or mark[2])


def _ordinal_steps(text: str) -> list[str]:
    """Steps told as prose: "First open the app, then tap Scan." needs two such words at least."""
    marks = _order_marks(ORDINAL, text)
    if marks and FIRST.match(marks[0][0]):
        marks = _order_marks(LOOSE, text, marks[0].start())
    if len(marks) < 2:
        return []
    ends = [mark.start() for mark in marks[1:]] + [len(text)]
    lead = text[: marks[0].start()].strip()
    steps = [text[mark.end() : end].strip(" ,;") for mark, end in zip(marks, ends, strict=True)]
    # What stands before the first word of order is a step too, unless it announces the list: "To pay, first ...".
    opens = lead.endswith(".") or (lead.endswith(",") and not FIRST.match(marks[0][0]))
    return [step for step in [lead.strip(" ,") if opens else "", *steps] if step]


def _order_marks(pattern: re.Pattern[str], text: str, start: int = 0) -> list[re.Match[str]]:
    """The words of order but for those that end a condition."""
    found = list(pattern.finditer(text, start))
    before = [text[end : mark.start()] for end, mark in zip([0, *(mark.end() for mark in found)], found, strict=False)]
    return [mark for mark, said in zip(found, before, strict=True) if FIRST.match(mark[0]) or not CONDITION.search(said)]
