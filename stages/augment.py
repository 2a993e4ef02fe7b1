"""Reword questions and repeat rare tasks, so that the model meets each task often and in several forms.

Reads the masked records; writes them followed by the derived rows, each with its parent and its parent's group. Only
questions change: an answer is copied byte for byte. A rewording that lost a protected span or lies outside the
similarity band goes to the refused rows.
"""

import random
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import cycle, islice
from pathlib import Path
from typing import Annotated

import nlpaug.augmenter.char as nac
import nlpaug.augmenter.word as naw
import numpy as np
import typer
from rich.progress import track

from stages.common.errors import run
from stages.common.metrics import stage_metrics, write_metrics
from stages.common.records import Dropped, Record, read_records, write_jsonl
from stages.common.text import match_key, similarity
from stages.params.augment import Params
from stages.params.section import load_params

# What must come through unchanged: placeholders, quoted labels, addresses, menu paths, numbers.
PROTECTED = re.compile(r"\[[A-Z_]+_\d+\]|\"[^\"]+\"|https?://\S+|\S+(?: > \S+)+|\d[\d.,:]*")
PHRASES = {
    "en": [
        ["how do i", "how can i", "what's the way to", "what are the steps to", "what do i have to do to"],
        ["can you tell me how", "could you explain how", "please tell me how", "i would like to know how"],
        ["i want to", "i need to", "i'd like to", "i'm trying to"],
        ["is there a way to", "is it possible to", "am i able to"],
        ["where do i", "where can i", "in which place do i"],
        ["i can't", "i cannot", "i'm not able to"],
        ["turn off", "switch off"],
        ["turn on", "switch on"],
        ["set up", "configure"],
        ["get rid of", "remove"],
        ["right now", "at the moment"],
        ["cell phone", "mobile phone"],
        ["by mistake", "accidentally"],
        ["all of my", "all my"],
    ],
    "id": [
        ["bagaimana cara", "gimana cara", "apa saja langkah untuk", "seperti apa cara"],
        ["gimana caranya", "bagaimana caranya", "caranya gimana"],
        ["saya ingin", "saya mau", "saya hendak"],
        ["tidak bisa", "nggak bisa", "gak bisa"],
        ["mohon penjelasan", "tolong jelaskan", "mohon dijelaskan"],
        ["di mana", "di bagian mana", "di sebelah mana"],
        ["apakah bisa", "apa bisa", "bisakah"],
        ["supaya", "agar", "biar"],
        ["kalau", "kalo", "jika"],
        ["sudah", "udah", "telah"],
        ["pakai", "pake", "menggunakan"],
        ["hp", "ponsel"],
    ],
}
Augment = Callable[[str], str]


def phrases(language: str) -> Augment | None:
    """Swap set phrases for others that fill the same place in the sentence."""
    if language not in PHRASES:
        return None
    augmenter = naw.ReservedAug(
        PHRASES[language], case_sensitive=False, aug_p=1.0, aug_max=2, tokenizer=str.split, reverse_tokenizer=" ".join
    )
    # nlpaug leaves its glue in phrases that it marked and then did not choose.
    return lambda text: str(augmenter.augment(text)[0]).replace(naw.ReservedAug.CONNECT_TOKEN, " ")


def typos(_: str) -> Augment:
    """One slip to a neighbouring key, in a word of some length."""
    augmenter = nac.KeyboardAug(
        aug_char_max=1, aug_word_max=1, aug_word_p=0.1, min_char=5,
        include_special_char=False, include_numeric=False, include_upper_case=False,
        tokenizer=str.split, reverse_tokenizer=" ".join,
    )  # fmt: skip
    return lambda text: str(augmenter.augment(text)[0])


def augmenters(params: Params, languages: set[str]) -> dict[tuple[str, str], Augment]:
    makers = {"phrases": phrases, "typos": typos}
    made = {(name, language): makers[name](language) for name in params.augmenters for language in sorted(languages)}
    return {key: augment for key, augment in made.items() if augment}


def draw(seed: str) -> int:
    """A number in 0..2^32 - 1 that depends on `seed` alone."""
    return int.from_bytes(sha256(seed.encode()).digest()[:4])


def reworded(prompt: str, augment: Augment, seed: str) -> str:
    """`augment(prompt)` as a function of its arguments: nlpaug draws from the global generators."""
    random.seed(draw(seed))
    np.random.seed(draw(seed))
    text = " ".join(augment(prompt).split())
    return text[:1].upper() + text[1:] if prompt[:1].isupper() else text


def refusal(prompt: str, text: str, params: Params) -> str | None:
    """Why `text` is no rewording of `prompt`, as a reason key."""
    if match_key(text) == match_key(prompt):
        return "unchanged_rewording"
    if PROTECTED.findall(text) != PROTECTED.findall(prompt):
        return "damaged_rewording"
    return None if params.min_similarity <= similarity(prompt, text) <= params.max_similarity else "drifted_rewording"


def rewordings(record: Record, tools: dict[tuple[str, str], Augment], params: Params) -> Iterator[tuple[str, Record | Dropped]]:
    """Yield (augmenter, row or refused row) for one original question, a text at most once; the augmenters take turns,
    and which comes first is the record's own."""
    names = [name for name in params.augmenters if (name, record.language) in tools]
    first = draw(f"{params.seed}/{record.id}") % max(1, len(names))
    seen = {match_key(record.prompt)}
    for number, name in enumerate(islice(cycle(names), first, first + params.per_row)):
        row_id = f"{record.id}-{name}{number}"
        text = reworded(record.prompt, tools[name, record.language], f"{params.seed}/{row_id}")
        row = replace(record, id=row_id, prompt=text, origin="paraphrase", parent_id=record.id)
        reason = refusal(record.prompt, text, params) or ("repeated_rewording" if match_key(text) in seen else None)
        seen.add(match_key(text))
        yield name, Dropped.record(row, reason, f"of: {record.prompt}") if reason else row


def oversampled(records: Sequence[Record], params: Params) -> Iterator[Record]:
    """Repeat the rows of rare task types in turn, up to `oversample_to` rows or `oversample_factor` times each."""
    by_task: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_task[record.task_type].append(record)
    for rows in (by_task[task] for task in sorted(by_task)):
        missing = min(params.oversample_to, len(rows) * params.oversample_factor) - len(rows)
        for number, row in enumerate(islice(cycle(rows), max(0, missing))):
            copy = f"{row.id}-copy{number // len(rows) + 1}"
            yield replace(row, id=copy, origin="oversample", parent_id=row.parent_id or row.id)


def main(
    source: Annotated[Path, typer.Argument(help="Masked records, JSONL.")],
    target: Annotated[Path, typer.Argument(help="The records and the derived rows, JSONL.")],
    refused: Annotated[Path, typer.Argument(help="Refused rewordings with their reasons, JSONL.")],
    report: Annotated[Path, typer.Argument(help="Counts, JSON.")],
) -> None:
    """Append rewordings of questions and copies of rows of rare tasks."""
    params = load_params("augment", Params)
    records = read_records(source)
    tools = augmenters(params, {record.language for record in records})
    originals = [record for record in records if not record.derived]
    tried = [result for record in track(originals, "Rewording") for result in rewordings(record, tools, params)]
    accepted = [row for _, row in tried if isinstance(row, Record)]
    dropped = [row for _, row in tried if isinstance(row, Dropped)]
    copies = list(oversampled([*records, *accepted], params))
    rows = [*records, *accepted, *copies]
    write_jsonl(target, rows)
    write_jsonl(refused, dropped)
    attempts = Counter(name for name, _ in tried)
    hits = Counter(name for name, row in tried if isinstance(row, Record))
    rates = {"acceptance": {name: hits[name] / attempts[name] for name in sorted(attempts)}}
    write_metrics(report, {**stage_metrics(len(records), rows, dropped, len(tried) + len(copies)), **rates})


if __name__ == "__main__":
    run(main)
