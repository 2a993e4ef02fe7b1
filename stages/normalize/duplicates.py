"""Rows that say the same twice: which of them goes, and which pairs contradict each other."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from rapidfuzz.distance import LCSseq

from stages.common.near import near_pairs
from stages.common.records import Conflict, Dropped, Record
from stages.common.text import match_key, similarity
from stages.params.normalize import Params

ORIGIN_RANK = {"faq": 0, "draft": 1, "paraphrase": 2, "oversample": 3}
REVIEW_RANK = {"verified": 0, "edited": 1, "unreviewed": 2}


def rank(record: Record) -> tuple[int, int, str]:
    """Smaller wins when one of two must go: verified beats unreviewed, FAQ beats draft, then the id decides."""
    return REVIEW_RANK[record.review], ORIGIN_RANK[record.origin], record.id


def same_text(one: str, other: str, threshold: float) -> bool:
    """Near in characters, with the same numbers, and with the words that both have in the same order.

    "A then B" is not "B then A", and "wait 5 minutes" is not "wait 15 minutes", however many letters they share.
    """
    left, right = match_key(one).split(), match_key(other).split()
    shared = Counter(left) & Counter(right)
    numbers = [Counter(word for word in words if any(map(str.isdigit, word))) for words in (left, right)]
    return numbers[0] == numbers[1] and similarity(one, other) >= threshold and LCSseq.similarity(left, right) == shared.total()


def deduplicated(records: Sequence[Record], params: Params) -> tuple[list[Record], list[Dropped], list[Conflict]]:
    """Keep the best of each set of duplicates, whatever the order of the rows.

    Two rows are duplicates when both their questions and their answers are the same text: a near question alone proves
    nothing ("turn on", "turn off"). The very same question with another answer is a conflict, and the lower-ranked row goes;
    in another domain too, as a model is asked the question alone.
    Near questions with different answers both stay, and are listed for a person to read.
    """
    ranked = sorted(records, key=rank)
    winners: dict[int, tuple[int, str]] = {}  # of a row that goes: the row that stays instead, and why
    conflicts = []
    for better, worse in rivals(ranked, params.duplicate_prompt):
        if worse in winners or better in winners:
            continue
        kept, lost = ranked[better], ranked[worse]
        if reason := duplicate(kept, lost, params):
            winners[worse] = better, reason
        if reason in (None, "conflicting_answer") and not akin(kept, lost):
            conflicts.append(Conflict(kept=kept, lost=lost, both_stay=reason is None))
    dropped = [
        Dropped.record(ranked[worse], reason, f"of {ranked[better].id} ({ranked[better].source})")
        for worse, (better, reason) in sorted(winners.items())
    ]
    successor = {ranked[worse].id: ranked[better] for worse, (better, _) in winners.items()}
    return [adopted(row, successor) for row in records if row.id not in successor], dropped, conflicts


def rivals(ranked: Sequence[Record], threshold: float) -> Iterator[tuple[int, int]]:
    """Pairs (better, worse) with the same or a near question; the same question first, the better row in order."""
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for place, row in enumerate(ranked):
        holders[match_key(row.prompt)].append(place)
    # Of the rows with one question only the first stays, so that it alone can be near to another question.
    firsts = [places[0] for places in holders.values()]
    for places in holders.values():
        yield from ((places[0], place) for place in places[1:])
    for one, other, _ in near_pairs([ranked[place].prompt for place in firsts], threshold):
        yield firsts[one], firsts[other]


def duplicate(kept: Record, lost: Record, params: Params) -> str | None:
    """Why one of two rows with near questions must go, as a reason key; None where both stay."""
    same_question = match_key(kept.prompt) == match_key(lost.prompt)
    if same_question and match_key(kept.response) == match_key(lost.response):
        return "exact_duplicate"
    if not same_question and not same_text(kept.prompt, lost.prompt, params.duplicate_prompt):
        return None
    if same_text(kept.response, lost.response, params.duplicate_response):
        return "near_duplicate"
    return "conflicting_answer" if same_question else None


def akin(one: Record, other: Record) -> bool:
    """Whether two rows have one answer by descent, or word for word: they cannot contradict each other."""
    return match_key(one.response) == match_key(other.response) or (one.parent_id or one.id) == (other.parent_id or other.id)


def adopted(row: Record, successor: Mapping[str, Record]) -> Record:
    """A paraphrase whose question was a duplicate belongs to the row that stayed, and answers as that does."""
    heir = successor.get(row.parent_id)
    while heir is not None and heir.id in successor:
        heir = successor[heir.id]
    return row if heir is None else replace(row, parent_id=heir.id, response=heir.response, review=heir.review)
