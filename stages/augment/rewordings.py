"""The rewordings of questions: made side by side where there are many, compared with their questions, accepted or refused."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from itertools import cycle, islice
from typing import NamedTuple

from stages.augment.augmenters import REGISTERS, Tools, draw, fitting, reworded
from stages.augment.checks import Similarity, characters, damage, in_band
from stages.augment.summary import Tried
from stages.common.parallel import spread
from stages.common.records import Dropped, Record, Register
from stages.common.text import match_key
from stages.params.augment import Params

BLOCK = 2048  # questions whose rewordings are compared together


class Question(NamedTuple):
    """What of a record decides how it is reworded: it travels between processes, and a record takes ten times as long."""

    id: str
    prompt: str
    language: str
    register: Register


class Candidate(NamedTuple):
    augmenter: str
    id: str
    text: str
    reason: str | None  # why it is refused before anything is compared
    similarity: float = 0.0  # to its question


def candidates(question: Question, tools: Tools, params: Params) -> Iterator[Candidate]:
    """The rewordings of one original question, a text at most once; the augmenters take turns, and which comes first is
    the record's own."""
    fit = fitting(question.register, tools(question.language))
    first = draw(f"{params.seed}/{question.id}") % max(1, len(fit))
    seen: set[str] = set()
    for number, (name, augment) in enumerate(islice(cycle(fit.items()), first, first + params.per_row)):
        row_id = f"{question.id}-{name}{number}"
        text = reworded(question.prompt, augment, f"{params.seed}/{row_id}")
        key = match_key(text)
        reason = damage(question.prompt, text) or ("repeated_rewording" if key in seen else None)
        seen.add(key)
        yield Candidate(name, row_id, text, reason)


def candidates_of(
    questions: Sequence[Question], tools: Tools, params: Params, similarity: Similarity | None = None
) -> list[list[Candidate]]:
    """Of each question; compared where `similarity` is given."""
    made = [list(candidates(question, tools, params)) for question in questions]
    return compared(questions, made, similarity) if similarity else made


def compared(
    questions: Sequence[Question | Record], made: Sequence[Sequence[Candidate]], similarity: Similarity
) -> list[list[Candidate]]:
    pairs = [
        (question.prompt, one.text) for question, ones in zip(questions, made, strict=True) for one in ones if not one.reason
    ]
    values = iter(similarity(pairs) if pairs else ())
    return [[one if one.reason else one._replace(similarity=next(values)) for one in ones] for ones in made]


def rewordings(records: Iterable[Record], tools: Tools, similarity: Similarity, params: Params) -> Iterator[Tried]:
    """Every rewording tried for the original questions, accepted or refused; held are the questions at work."""
    waiting: deque[Record] = deque()

    def questions() -> Iterator[Question]:
        for record in records:
            waiting.append(record)
            yield Question(record.id, record.prompt, record.language, record.register)

    # Letters are compared where the rewordings are made; a model compares a block at a time, here.
    at_once = similarity if similarity is characters else None
    found = spread(partial(candidates_of, tools=tools, params=params, similarity=at_once), questions())
    while made := list(islice(found, BLOCK)):
        block = [waiting.popleft() for _ in made]
        for parent, ones in zip(block, made if at_once else compared(block, made, similarity), strict=True):
            yield from (judged(parent, one, params) for one in ones)


def judged(parent: Record, made: Candidate, params: Params) -> Tried:
    register = REGISTERS[made.augmenter][1] if made.augmenter in REGISTERS else parent.register
    row = replace(parent, id=made.id, prompt=made.text, register=register, origin="paraphrase", parent_id=parent.id)
    reason = made.reason or (None if in_band(made.similarity, row.language, params) else "drifted_rewording")
    result = Dropped.record(row, reason, f"of: {parent.prompt}") if reason else row
    return Tried(made.augmenter, parent, result, made.similarity)
