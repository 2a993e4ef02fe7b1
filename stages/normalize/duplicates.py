"""Rows that say the same twice: which of them goes, and which pairs contradict each other."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from rapidfuzz.distance import OSA, LCSseq

from stages.common.records import Conflict, Dropped
from stages.common.text import match_key, similarity
from stages.normalize.rows import Row, rank
from stages.normalize.wordings import Wordings
from stages.params.normalize import Params

NEGATIONS = {
    "not", "no", "never", "cannot", "without", "t", "tidak", "bukan", "jangan", "tanpa", "belum", "tak", "nggak", "gak"
}  # t: of "don't"  # fmt: skip


def same_text(one: str, other: str, threshold: float) -> bool:
    """Near in characters, with the same numbers, and with the words that both have in the same order.

    "A then B" is not "B then A", and "wait 5 minutes" is not "wait 15 minutes", however many letters they share.
    """
    return same_key(match_key(one), match_key(other), threshold)


def same_key(one: str, other: str, threshold: float) -> bool:
    return same_words(one, other) and similarity(one, other) >= threshold


def same_words(one: str, other: str) -> bool:
    """Of two keys, whether they have the same numbers, and the words of both in the same order."""
    left, right = one.split(), other.split()
    shared = Counter(left) & Counter(right)
    numbers = [Counter(word for word in words if any(map(str.isdigit, word))) for words in (left, right)]
    return numbers[0] == numbers[1] and LCSseq.similarity(left, right) == shared.total()


def agree(one: str, other: str) -> bool:
    """Whether of two answers, given as keys, neither replaces or negates a word of the other: "switch on" is not "switch
    off". In a word of four letters or more one letter may differ: a slip."""
    left, right = Counter(one.split()), Counter(other.split())
    mine, theirs = left - right, right - left
    fewer, more = sorted((mine, theirs), key=len)
    slips = (any(len(word) > 3 and OSA.distance(word, like) < 2 for like in more) for word in fewer)
    return NEGATIONS.isdisjoint([*mine, *theirs]) and all(slips)


def deduplicated(rows: Sequence[Row], questions: Wordings, params: Params) -> tuple[list[Row], list[Dropped], list[Conflict]]:
    """Keep the best of each set of duplicates, whatever the order of the rows.

    Two rows are duplicates when both their questions and their answers are the same text: a near question alone proves
    nothing ("turn on", "turn off"). The very same question with another answer is a conflict, and the lower-ranked row goes;
    in another domain too, as a model is asked the question alone.
    Near questions with different answers both stay, and are listed for a person to read.
    """
    ranked = sorted(rows, key=rank)
    winners: dict[int, tuple[int, str]] = {}  # of a row that goes: the row that stays instead, and why
    conflicts = []
    for better, worse in rivals(ranked, questions.near(params.duplicate_prompt)):
        if worse in winners or better in winners:
            continue
        kept, lost = ranked[better], ranked[worse]
        if reason := duplicate(kept, lost, params):
            winners[worse] = better, reason
        if reason in (None, "conflicting_answer") and not akin(kept, lost):
            conflicts.append(Conflict(kept=kept.record, lost=lost.record, both_stay=reason is None))
    dropped = [
        Dropped.record(ranked[worse].record, reason, f"of {ranked[better].id} ({ranked[better].record.source})")
        for worse, (better, reason) in sorted(winners.items())
    ]
    successor = {ranked[worse].id: ranked[better] for worse, (better, _) in winners.items()}
    return [adopted(row, successor) for row in rows if row.id not in successor], dropped, conflicts


def rivals(ranked: Sequence[Row], near: Iterable[tuple[str, str]]) -> Iterator[tuple[int, int]]:
    """Pairs (better, worse) with the same or a near question; the same question first, the better row in order."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(ranked):
        holders[row.question].append(place)
    for places in holders.values():
        yield from ((places[0], place) for place in places[1:])
    # Of the rows with one question only the first stays, so that it alone can be near to another question.
    for one, other in near:
        yield holders[one][0], holders[other][0]


def duplicate(kept: Row, lost: Row, params: Params) -> str | None:
    """Why one of two rows with near questions must go, as a reason key; None where both stay."""
    same_question = kept.question == lost.question
    if same_question and kept.answer == lost.answer:
        return "exact_duplicate"
    if not same_question and not same_words(kept.question, lost.question):
        return None
    if same_key(kept.answer, lost.answer, params.duplicate_response) and agree(kept.answer, lost.answer):
        return "near_duplicate"
    return "conflicting_answer" if same_question else None


def akin(one: Row, other: Row) -> bool:
    """Whether two rows have one answer by descent, or word for word: they cannot contradict each other."""
    return one.answer == other.answer or (one.parent_id or one.id) == (other.parent_id or other.id)


def adopted(row: Row, successor: Mapping[str, Row]) -> Row:
    """A paraphrase whose question was a duplicate belongs to the row that stayed, and answers as that does."""
    heir = successor.get(row.parent_id)
    while heir is not None and heir.id in successor:
        heir = successor[heir.id]
    if heir is None:
        return row
    return Row.of(replace(row.record, parent_id=heir.id, response=heir.record.response, review=heir.record.review))
