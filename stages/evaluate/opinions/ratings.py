"""Read people's ratings, hold each file against its published key, and say whose answers the marks belong to.

A rating counts only for the very answers that were shown: where a system answers otherwise by now it is stale.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from pydantic import ValidationError

from stages.common.errors import InputError
from stages.common.judge import Asked
from stages.common.ratings import (
    COMMITMENTS,
    CRITERIA,
    KEY,
    RATING,
    Answers,
    Key,
    KeyItem,
    Marks,
    Rating,
    System,
    fingerprint,
    read_commitments,
)
from stages.common.records import explain, json_lines

ASPECTS = (*CRITERIA, "acceptable")  # what each answer is marked by; acceptable is 0 or 1
SYSTEMS: tuple[System, System] = ("baseline", "finetuned")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One rater's view of one test row, told by system."""

    rater: str
    record: str
    repeat: bool
    preference: float | None  # 1: the fine-tuned answer is better, 0: the baseline's, 0.5: tie
    marks: Mapping[System, Mapping[str, float]]  # system -> aspect -> mark; what was not rated is absent


def read_ratings(folder: Path, answers: Answers) -> tuple[list[Judgement], int]:
    """Every rating of the present answers, and the number of those of others.

    Raises:
        InputError: naming file, line and field of what is no rating, or the key that is missing or not the published one.
    """
    published = read_commitments(folder / COMMITMENTS)
    found: list[Judgement] = []
    stale = 0
    for path in sorted(folder.glob("*.jsonl")):
        if path.name.startswith("judge-"):
            continue
        key = {item.item: item for item in read_key(path, published).items}
        for rating in read_file(path, key):
            item = key[rating.item]
            if current(item, answers):
                found.append(judgement(rating, item))
            else:
                stale += 1
    return found, stale


def read_key(path: Path, published: Mapping[str, str]) -> Key:
    """The key of a rater's file, if it is the one whose hash was published before the rating."""
    rater, file = path.stem, path.with_suffix(".key.json")
    if rater not in published:
        raise InputError(
            f"{path}: no key of '{rater}' was published in {COMMITMENTS} before the rating; build sheets by `make rate`"
        )
    if not file.exists():
        raise InputError(f"{file}: no such file; put the key of '{rater}' beside the ratings")
    content = file.read_bytes()
    if sha256(content).hexdigest() != published[rater]:
        raise InputError(f"{file}: is not the key whose hash was published in {COMMITMENTS}")
    try:
        key = KEY.validate_json(content)
    except ValidationError as error:
        raise InputError(f"{file}: {explain(error)}") from None
    if key.rater != rater:
        raise InputError(f"{file}: field 'rater': is '{key.rater}', must be '{rater}'")
    return key


def read_file(path: Path, key: Mapping[str, KeyItem]) -> Iterator[Rating]:
    seen: set[str] = set()
    for number, value in json_lines(path):
        try:
            rating = RATING.validate_python(value)
        except ValidationError as error:
            raise InputError(f"{path}:{number}: {explain(error)}") from None
        if rating.rater != path.stem:
            raise InputError(
                f"{path}:{number}: field 'rater': is '{rating.rater}', must be '{path.stem}' as in the file's name"
            )
        if rating.item not in key:
            raise InputError(f"{path}:{number}: field 'item': '{rating.item}' is no item of this rater's sheet")
        if rating.item in seen:
            raise InputError(f"{path}:{number}: field 'item': '{rating.item}' stands twice")
        seen.add(rating.item)
        yield rating


def current(item: KeyItem | Asked, answers: Answers) -> bool:
    """Whether both systems still answer as they did when somebody was asked."""
    shown = ((item.a, item.a_answer), (item.b, item.b_answer))
    return all(item.record in answers[system] and fingerprint(answers[system][item.record]) == mark for system, mark in shown)


def judgement(rating: Rating, item: KeyItem) -> Judgement:
    sides: dict[str, System] = {"a": item.a, "b": item.b}
    preference = None
    if rating.preference is not None:
        preference = 0.5 if rating.preference == "tie" else float(sides[rating.preference] == "finetuned")
    marks = {item.a: marks_of(rating.a), item.b: marks_of(rating.b)}
    return Judgement(rater=rating.rater, record=item.record, repeat=item.repeat, preference=preference, marks=marks)


def marks_of(marks: Marks) -> dict[str, float]:
    return {name: float(value) for name in ASPECTS if (value := getattr(marks, name)) is not None}


def mean_marks(judgements: Sequence[Judgement], aspect: str) -> dict[str, tuple[float, float]]:
    """Mean mark of (baseline, fine-tuned) by test row, over the raters who marked both answers."""
    pairs: dict[str, list[tuple[float, float]]] = {}
    for found in judgements:
        if all(aspect in found.marks[system] for system in SYSTEMS):
            pairs.setdefault(found.record, []).append((found.marks["baseline"][aspect], found.marks["finetuned"][aspect]))
    return {
        record: (sum(base for base, _ in rows) / len(rows), sum(tuned for _, tuned in rows) / len(rows))
        for record, rows in sorted(pairs.items())
    }
