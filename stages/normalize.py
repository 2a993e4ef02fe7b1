"""Repair the text, bring every answer to one canonical step list, and remove what stands there twice.

Reads the ingested records; writes the survivors with their `group_id`, the refused rows, the counts, and the questions
that have answers contradicting each other (still unmasked: `mask_pii` makes the page of them that goes into Git).
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, TypeAlias

import ftfy
import typer
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from stages.common.errors import InputError, run
from stages.common.metrics import stage_metrics, write_metrics
from stages.common.near import near_pairs
from stages.common.records import Conflict, Dropped, Record, read_records, write_jsonl
from stages.common.steps import parse_steps, render_steps, without_marker
from stages.common.text import Groups, match_key, similarity
from stages.params.normalize import Params
from stages.params.section import load_params

# What a chat template would read as a command, and what a person wrote as one. Such rows are kept aside, not cleaned:
# who put a control token into an answer may have put more there.
CONTROL = re.compile(
    r"\[/?INST\]|</?s>|<(?:unk|pad|mask)>|<</?SYS>>|<\|[^|<>]{1,40}\|>|\[(?:AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]",
    re.IGNORECASE,
)
INJECTION = re.compile(
    r"\b(?:ignore|disregard|forget)\b.{0,30}\b(?:previous|prior|above|earlier|all)\b.{0,30}\b(?:instruction|prompt|rule|message)"
    r"|\babaikan\b.{0,30}\b(?:instruksi|perintah|petunjuk|aturan)\b.{0,20}\b(?:sebelum|di atas|tadi|semua)"
    r"|\b(?:reveal|print|show)\b.{0,20}\bsystem prompt\b|^\s*system\s*:",
    re.IGNORECASE | re.MULTILINE,
)
REFUSAL = re.compile(
    r"\bas an? (?:ai|artificial intelligence|(?:large )?language model)\b"
    r"|\bsebagai (?:model bahasa|(?:model |asisten )?(?:ai|kecerdasan buatan))\b"
    r"|^(?:i'?m sorry|sorry|maaf),? (?:but |tetapi |tapi )?(?:i|saya) (?:can'?t|cannot|am unable|tidak (?:bisa|dapat))",
    re.IGNORECASE,
)
CLOSING = re.compile(
    r"\s*(?:(?:i )?hope (?:this|that) helps|let me know if|feel free to|if you (?:have any|need) (?:more|other|further)|"
    r"semoga (?:membantu|bermanfaat)|jangan ragu untuk|jika (?:ada|masih) pertanyaan)[^.!?]*[.!?]*\s*$",
    re.IGNORECASE,
)
SURE = 0.99  # probability
Identify: TypeAlias = Callable[[str], str | None]
ORIGIN_RANK = {"faq": 0, "draft": 1, "paraphrase": 2, "oversample": 3}
REVIEW_RANK = {"verified": 0, "edited": 1, "unreviewed": 2}


def repaired(text: str) -> str:
    """Unicode repaired (mojibake, entities, quotes, forms), white space plain, lines kept."""
    text = unicodedata.normalize("NFC", ftfy.fix_text(text, unescape_html=True))
    text = "".join(char for char in text if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf"))
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def clean_step(step: str) -> str:
    """One line, begun with a capital, ended with a full stop; button names keep their case."""
    text = CLOSING.sub("", without_marker(" ".join(step.split()))).rstrip(" ,;")
    if text.split(" ", 1)[0].islower():
        text = text[0].upper() + text[1:]
    if text and not text.endswith((".", "!", "?", ":", '."', '!"', '?"')):
        text += "."
    # What was uncovered may itself begin with a marker or end in chatter.
    return text if text == step else clean_step(text)


def clean_answer(text: str) -> tuple[str, bool]:
    """The answer in canonical form, and whether it has steps."""
    steps = [step for raw in parse_steps(text) if any(map(str.isalpha, step := clean_step(raw)))]
    return (render_steps(steps), True) if steps else (CLOSING.sub("", text).strip(), False)


def fault(prompt: str, response: str) -> str | None:
    """Why a row may not be learnt from, as a reason key."""
    both = f"{prompt}\n{response}"
    if CONTROL.search(both):
        return "control_token"
    if INJECTION.search(both):
        return "injected_instruction"
    return "refusal" if REFUSAL.search(response) else None


def cleaned(record: Record, params: Params, language_of: Identify | None = None) -> Record | Dropped:
    prompt, raw = " ".join(repaired(record.prompt).split()), repaired(record.response)
    if reason := fault(prompt, raw):
        return Dropped.record(record, reason)
    response, stepped = clean_answer(raw)
    if not match_key(prompt) or not match_key(response):
        return Dropped.record(record, "empty_after_repair")
    if language_of and record.language in params.languages and language_of(response) not in (None, record.language):
        return Dropped.record(record, "wrong_language", f"the answer is not in '{record.language}'")
    if not stepped and params.unstepped == "drop":
        return Dropped.record(record, "no_steps")
    return replace(record, prompt=prompt, response=response)


def identifier(languages: Sequence[str]) -> Identify | None:
    """A function that names the language of a text, or None where it is not sure; None where nothing can be told apart."""
    if len(languages) < 2:
        return None
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    try:
        model.set_languages(list(languages))
    except ValueError as error:
        raise InputError(f"params.yaml: normalize.languages: {error}") from None

    def language_of(text: str) -> str | None:
        language, probability = model.classify(text)
        return str(language) if probability >= SURE else None

    return language_of


def rank(record: Record) -> tuple[int, int, str]:
    """Smaller wins when one of two must go: verified beats unreviewed, FAQ beats draft, then the id decides."""
    return REVIEW_RANK[record.review], ORIGIN_RANK[record.origin], record.id


def deduplicated(records: Sequence[Record], params: Params) -> tuple[list[Record], list[Dropped], list[Conflict]]:
    """Keep the best of each set of duplicates, whatever the order of the rows.

    Two rows are duplicates when both their questions and their answers are near: a near question alone proves nothing
    ("turn on", "turn off"). The very same question with another answer is a conflict, and the lower-ranked row goes.
    """
    ranked = sorted(records, key=rank)
    keys = [match_key(row.prompt) for row in ranked]
    # Near answers are needed for rows with near questions only, and those are few.
    close: defaultdict[int, list[int]] = defaultdict(list)
    for better, worse, _ in near_pairs([row.prompt for row in ranked], params.duplicate_prompt):
        close[worse].append(better)
    winners: dict[int, int] = {}
    dropped, conflicts = [], []
    for worse, row in enumerate(ranked):
        for better in (index for index in close[worse] if index not in winners):
            answers_near = similarity(ranked[better].response, row.response) >= params.duplicate_response
            if not answers_near and keys[better] != keys[worse]:
                continue
            winners[worse] = better
            exact = keys[better] == keys[worse] and match_key(ranked[better].response) == match_key(row.response)
            reason = "exact_duplicate" if exact else "near_duplicate" if answers_near else "conflicting_answer"
            dropped.append(Dropped.record(row, reason, f"of {ranked[better].id} ({ranked[better].source})"))
            if not answers_near:
                conflicts.append(Conflict(kept=ranked[better], lost=row))
            break
    successor = {ranked[worse].id: ranked[better] for worse, better in winners.items()}
    kept = [adopted(row, successor) for row in records if row.id not in successor]
    return kept, dropped, conflicts


def adopted(row: Record, successor: Mapping[str, Record]) -> Record:
    """A paraphrase whose question was a duplicate belongs to the row that stayed, and answers as that does."""
    heir = successor.get(row.parent_id)
    while heir is not None and heir.id in successor:
        heir = successor[heir.id]
    return row if heir is None else replace(row, parent_id=heir.id, response=heir.response, review=heir.review)


def grouped(records: Sequence[Record], params: Params) -> Iterator[Record]:
    """Give one `group_id` to rows that a split must not separate: derived, near in question, or near in answer."""
    index = {row.id: number for number, row in enumerate(records)}
    groups = Groups(len(records))
    for row in records:
        if row.parent_id in index:
            groups.join(index[row.id], index[row.parent_id])
    for texts, threshold in (
        ([row.prompt for row in records], params.group_prompt),
        ([row.response for row in records], params.group_response),
    ):
        for one, other, _ in near_pairs(texts, threshold):
            groups.join(one, other)
    members: defaultdict[int, list[str]] = defaultdict(list)
    for number, row in enumerate(records):
        members[groups.find(number)].append(row.id)
    for number, row in enumerate(records):
        yield replace(row, group_id=min(members[groups.find(number)]))


def main(
    source: Annotated[Path, typer.Argument(help="Ingested records, JSONL.")],
    target: Annotated[Path, typer.Argument(help="Normalised records, JSONL.")],
    refused: Annotated[Path, typer.Argument(help="Refused rows with their reasons, JSONL.")],
    report: Annotated[Path, typer.Argument(help="Counts, JSON.")],
    disputed: Annotated[Path, typer.Argument(help="Questions with contradicting answers, JSONL.")],
) -> None:
    """Repair text, bring answers to numbered steps, remove duplicates and give groups."""
    params = load_params("normalize", Params)
    rows = read_records(source)
    language_of = identifier(params.languages)
    results = [cleaned(row, params, language_of) for row in rows]
    good = [row for row in results if isinstance(row, Record)]
    dropped = [row for row in results if isinstance(row, Dropped)]
    if not good:
        raise InputError(f"{source}: every row was refused; the first, from {dropped[0].source}: {dropped[0].reason}")
    unique, doubles, conflicts = deduplicated(good, params)
    kept, dropped = list(grouped(unique, params)), [*dropped, *doubles]
    write_jsonl(target, kept)
    write_jsonl(refused, dropped)
    groups = {"groups": len({row.group_id for row in kept}), "conflicts": len(conflicts)}
    write_metrics(report, {**stage_metrics(len(rows), kept, dropped), **groups})
    write_jsonl(disputed, sorted(conflicts, key=lambda item: rank(item.lost)))


if __name__ == "__main__":
    run(main)
