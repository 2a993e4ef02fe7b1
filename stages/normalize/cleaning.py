"""Repair a row's text and bring its answer to one canonical step list. Cleaning twice changes nothing."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

import ftfy

from stages.common.parallel import FEW, spread
from stages.common.records import Dropped, Record, lines_of, once_each, record_of
from stages.common.steps import parse_steps, read_as_written, render_steps, without_second
from stages.common.text import may_hold, says_something
from stages.normalize.faults import fault
from stages.normalize.grammar import grammar_repaired
from stages.normalize.languages import in_another_language, load
from stages.normalize.rows import Row
from stages.normalize.sentences import sentence_steps
from stages.params.normalize import Params

UNDAMAGED = re.compile(r"[\n -%'-~]*")  # ASCII without controls and `&`: nothing there for a repair to find
GAPS = ("  ", " \n", "\n ", "\n\n\n")  # white space of such a text that isn't plain, but for its ends
OPENING = re.compile(
    r"\s*(?:(?:sure(?: thing)?|of course|certainly|absolutely|no problem|great question|happy to help"
    r"|tentu(?: saja)?|baik(?:lah)?|siap|dengan senang hati|pertanyaan (?:yang )?bagus)\s*[!,.:]+\s*"
    r"|(?:here(?:'s| is| are)|you can|follow|just follow|berikut(?: ini)?(?: adalah)?|begini|ikuti|simak)\b[^.:!\n]{0,60}"
    r"\b(?:how|steps?|instructions|guide|cara|caranya|langkah|langkah-langkah(?:nya)?)\b[^.:!\n]{0,60}:\s*"
    r"|here (?:we|you) go\s*[!.:]+\s*)",
    re.IGNORECASE,
)
BEGIN = r"(?:^|(?<=[.!?*]|[^\x00-\x7f\w\s]))"  # of a sentence: what a step says inside of one is its own
LEAD = r"\s*(?:(?:and|so|but|please|also|dan|silakan)\b,?\s+)*"
CLOSING = re.compile(
    rf"(?:{BEGIN}{LEAD}(?:let me know if|feel free to (?:ask|contact|let|message|reach|write)|jangan ragu untuk"
    r"|if you (?:have any|need) (?:more|other|further) (?:assistance|help|questions?|support)"
    r"|jika (?:ada|masih) (?:ada )?pertanyaan(?! (?:keamanan|rahasia)))"
    rf"|(?:{BEGIN}|(?<=[,;)])){LEAD}(?:(?:i )?hope (?:this|that|it) helps|good luck\b"
    r"|semoga (?:membantu|bermanfaat|berhasil)|selamat mencoba))[^.!?\n]*[.!?]*\s*\Z",
    re.IGNORECASE | re.MULTILINE,
)
# Every closing holds one of them, and few steps do: the pattern is looked for in those alone.
CLOSING_WORDS = (
    "hope th", "hope it", "know if", "feel free", "if you ", "good luck", "semoga ", "jangan ragu", "jika ", "mencoba",
)  # fmt: skip
# A sentence in which there is nothing to clean if it has no closing, as its first word begins no marker: most steps are such,
# and are not looked at more closely.
PLAIN = re.compile(r"(?!Step|Langkah|Tahap)[A-Z][a-z]+(?: [!-~]+)+(?<=[.!?:])")
ADDRESS = re.compile(r"\S*?(?:[.@_]\w|://)")  # of a page, a mailbox or a file: its case is not ours to change


def repaired(text: str) -> str:
    """Unicode repaired (mojibake, entities, quotes, forms), white space plain, lines kept."""
    if UNDAMAGED.fullmatch(text):
        if not any(gap in text for gap in GAPS):
            return text.strip()
    else:
        fixed = unicodedata.normalize("NFC", ftfy.fix_text(text, unescape_html=True))
        text = "".join(char for char in fixed if char.isspace() or unicodedata.category(char) not in ("Cc", "Cf"))
        if text != fixed:  # what hid mojibake from the repair is gone
            return repaired(text)
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def without_opening(text: str) -> str:
    while found := OPENING.match(text):
        text = text[found.end() :]
    return text


def without_closing(text: str) -> str:
    while found := closing(text):
        text = text[: found.start()]
    return text.strip()


def closing(text: str) -> re.Match[str] | None:
    """Looked for in the last sentence alone, as it never goes beyond."""
    end = len(text.rstrip(".!? \n"))
    last = 1 + max(text.rfind(mark, 0, end) for mark in ".!?\n")
    return CLOSING.search(text, last) if may_hold(text[last:], CLOSING_WORDS) else None


@lru_cache(maxsize=10_000)  # help pages say the same step again and again
def clean_step(step: str) -> str:
    """One line, begun with a capital, ended with a full stop; button names keep their case."""
    if is_plain(text := as_sentence(step)):
        return text
    # What was uncovered may itself begin with a marker or end in chatter.
    while (text := cleaned_once(step)) != step:
        step = text
    return step


def is_plain(sentence: str) -> bool:
    return PLAIN.fullmatch(sentence) is not None and not may_hold(sentence, CLOSING_WORDS)


def cleaned_once(step: str) -> str:
    return as_sentence(without_closing(without_second(" ".join(step.split()))))


def as_sentence(step: str) -> str:
    text = step.rstrip(" ,;")
    if text[:1].islower() and text.split(" ", 1)[0].islower() and not ADDRESS.match(text):
        text = text[0].upper() + text[1:]
    ended = text.endswith((".", "!", "?", ":", "…")) or text.rstrip("\"'*_").endswith((".", "!", "?"))
    return text if ended or not text else f"{text}."


def clean_answer(text: str) -> tuple[str, bool]:
    """The answer in canonical form, and whether it has steps."""
    body = without_closing(without_opening(text))
    steps = [step for raw in parse_steps(body) if says_something(step := clean_step(raw))]
    clean = render_steps(steps) if steps else body
    # A list that was repaired may be read otherwise than the broken one; steps that are read as they were written stay.
    settled = clean == text or (steps and read_as_written(steps))
    return (clean, bool(steps)) if settled else clean_answer(clean)


def tidied(record: Record, params: Params) -> tuple[Record, str | None]:
    """The row in its clean form, and the reason to refuse it."""
    prompt, raw = " ".join(repaired(record.prompt).split()), repaired(record.response)
    if reason := fault(prompt, raw):
        return record, reason
    response, stepped = clean_answer(raw)
    if not stepped and params.unstepped == "sentences" and (steps := sentence_steps(response)):
        response, stepped = clean_answer(render_steps(steps))
    if stepped and params.grammar == "harper" and record.language == "en":
        response, stepped = clean_answer(render_steps([grammar_repaired(step) for step in parse_steps(response)]))
    if not says_something(prompt) or not says_something(response):
        return record, "empty_after_repair"
    return replace(record, prompt=prompt, response=response), None if stepped or params.unstepped == "keep" else "no_steps"


def clean_rows(params: Params, records: Sequence[Record]) -> list[Record | Dropped]:
    """Each row in its clean form or refused; of all of them at once, as telling languages is far faster so."""
    tidy = [tidied(record, params) for record in records]
    answers, said = [row.response for row, _ in tidy], [row.language for row, _ in tidy]
    results: list[Record | Dropped] = []
    for record, (row, reason), another in zip(
        records, tidy, in_another_language(answers, said, tuple(params.languages)), strict=True
    ):
        if another and reason in (None, "no_steps"):
            results.append(Dropped.record(record, "wrong_language", f"the answer is not in '{record.language}'"))
        else:
            results.append(Dropped.record(record, reason) if reason else row)
    return results


def clean_lines(params: Params, source: Path, lines: Sequence[tuple[int, bytes]]) -> list[Row | Dropped]:
    """The same from lines to rows, so that reading and packing are spread over the processes too."""
    results = clean_rows(params, [record_of(line, source, number) for number, line in lines])
    return [Row.of(result) if isinstance(result, Record) else result for result in results]


def clean_all(source: Path, params: Params, few: int = FEW) -> Iterator[Row | Dropped]:
    """Every row of the file cleaned, in order and as it is read."""
    if len(params.languages) > 1:
        load(tuple(params.languages))  # before the processes start: on Linux they share it
    results = spread(partial(clean_lines, params, source), lines_of(source), few)
    return once_each(results, lambda result: result.id if isinstance(result, Row) else result.row["id"], source)
