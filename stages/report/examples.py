"""Answers to read: the best, the worst, and those that fine-tuning made worse, with what changed in them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from stages.report.findings import Findings

KEY = "answer.token_f1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A run of words: in both texts, only in the old, or only in the new."""

    kind: str  # same, old, new
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    prompt: str
    about: str
    texts: dict[str, str]  # system -> answer
    diff: Sequence[Piece]  # from the baseline's answer to the fine-tuned one


def best(findings: Findings) -> list[Example]:
    return chosen(findings, [(-value, row) for row, value in enumerate(findings.scores["finetuned"][KEY].tolist())])


def worst(findings: Findings) -> list[Example]:
    return chosen(findings, list(zip(findings.scores["finetuned"][KEY].tolist(), range(len(findings.records)), strict=True)))


def regressions(findings: Findings) -> list[Example]:
    """Rows where the fine-tuned answer scores lower than the baseline's, the largest loss first."""
    return chosen(findings, [(value, row) for row, value in enumerate(findings.change(KEY).tolist()) if value < 0])


def chosen(findings: Findings, ranked: Sequence[tuple[float, int]]) -> list[Example]:
    """The first of `ranked` by value, ties by the record's id."""
    order = sorted(ranked, key=lambda item: (item[0], findings.records[item[1]].id))
    return [example(findings, row) for _, row in order[: findings.examples]]


def example(findings: Findings, row: int) -> Example:
    record = findings.records[row]
    texts = {system: texts[row] for system, texts in findings.texts.items()}
    old, new = (findings.scores[system][KEY][row] for system in ("baseline", "finetuned"))
    about = f"{record.domain}, {record.task_type}, {record.language}, {record.register}; token F1 {old:.3f} → {new:.3f}"
    return Example(prompt=record.prompt, about=about, texts=texts, diff=word_diff(texts["baseline"], texts["finetuned"]))


def word_diff(old: str, new: str) -> list[Piece]:
    """`new` as a change of `old`, word by word; white space belongs to the word before it."""
    left, right = re.findall(r"\S+\s*", old), re.findall(r"\S+\s*", new)
    pieces: list[Piece] = []
    for tag, start, end, first, last in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal":
            pieces.append(Piece(kind="same", text="".join(right[first:last])))
            continue
        pieces += [Piece(kind="old", text="".join(left[start:end]))] if end > start else []
        pieces += [Piece(kind="new", text="".join(right[first:last]))] if last > first else []
    return pieces
