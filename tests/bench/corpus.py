"""Rows for the data benchmark: the corpus multiplied and perturbed, with known shares of copies and personal data.

A new row is a question and an answer of the corpus in which a part of the words is replaced by other words of the same
language, so that most rows are distinct while their lengths, letters and lists stay those of real help pages.
"""

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from stages.common.records import Record

REPLACED = 0.45  # share of the words of a distinct row
EXACT, NEAR, PERSONAL = 0.05, 0.05, 0.10  # shares of the rows
PEOPLE = (
    " My name is {name}, write to {user}{n}@example.com.",
    " Call me on 0812-{a:04d}-{b:04d}.",
    " The card is 4539 1488 0343 6467, booked by {user}{n}@example.org.",
    " Nama saya {name}, nomor saya +62 813 {a:04d} {b:04d}.",
)
NAMES = ("Rina Hartono", "Budi Santosa", "Alice Moreno", "Peter Lindqvist", "Siti Rahmawati", "Tomas Brandt")


def reworded(text: str, words: Sequence[str], rng: random.Random, share: float) -> str:
    """`text` with about `share` of its longer words replaced; line structure and step numbers stay."""
    return "\n".join(
        " ".join(rng.choice(words) if len(word) > 3 and rng.random() < share else word for word in line.split(" "))
        for line in text.split("\n")
    )


def one_word_changed(text: str, words: Sequence[str], rng: random.Random) -> str:
    parts = text.split(" ")
    parts[rng.randrange(len(parts))] = rng.choice(words)
    return " ".join(parts)


def personal(rng: random.Random) -> str:
    name = rng.choice(NAMES)
    values = {"n": rng.randrange(10**6), "a": rng.randrange(10**4), "b": rng.randrange(10**4)}
    return rng.choice(PEOPLE).format(name=name, user=name.split()[0].lower(), **values)


def multiplied(records: Sequence[Record], size: int, seed: int) -> Iterator[dict[str, str]]:
    """`size` raw rows, a function of its arguments."""
    rng = random.Random(seed)
    words = {
        language: sorted(
            {word for row in records if row.language == language for word in row.response.split() if word.isalpha()}
        )
        for language in {row.language for row in records}
    }
    last: dict[str, str] | None = None
    for _ in range(size):
        kind = rng.random()
        if last is not None and kind < EXACT:
            yield dict(last)
            continue
        record = rng.choice(records)
        vocabulary = words[record.language]
        if last is not None and kind < EXACT + NEAR:
            row = {**last, "prompt": one_word_changed(last["prompt"], words[last["language"]], rng)}
        else:
            labels = {name: getattr(record, name) for name in ("domain", "task_type", "language", "register")}
            prompt = reworded(record.prompt, vocabulary, rng, REPLACED)
            row = {"prompt": prompt, "output": reworded(record.response, vocabulary, rng, REPLACED), **labels}
        if rng.random() < PERSONAL:
            row["prompt"] += personal(rng)
        yield row
        last = row


def write_corpus(records: Sequence[Record], size: int, seed: int, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in multiplied(records, size, seed))
