"""Rows that a split must not separate: derived, near in question, near in answer, or near in meaning."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TypeAlias

from stages.common.text import Groups
from stages.normalize.rows import Row
from stages.normalize.wordings import Wordings

Pair: TypeAlias = tuple[int, int]


def grouped(rows: Sequence[Row], wordings: Iterable[Wordings], alike: Sequence[Pair] = ()) -> list[str]:
    """One group id for the rows that belong together, of each row; `alike` are the places of rows that mean the same."""
    index = {row.id: number for number, row in enumerate(rows)}
    derived = [(index[row.id], index[row.parent_id]) for row in rows if row.parent_id in index]
    questions, answers = wordings
    near = chain(joining([row.question for row in rows], questions), joining([row.answer for row in rows], answers))
    groups = Groups(len(rows))
    for one, other in chain(derived, near, alike):
        groups.join(one, other)
    members: defaultdict[int, list[str]] = defaultdict(list)
    for number, row in enumerate(rows):
        members[groups.find(number)].append(row.id)
    names = {found: min(ids) for found, ids in members.items()}
    return [names[groups.find(number)] for number in range(len(rows))]


def joining(keys: Sequence[str], wordings: Wordings) -> Iterator[Pair]:
    """Pairs of places with the same or a near key, enough to join all of them."""
    holder: dict[str, int] = {}
    yield from ((holder.setdefault(key, place), place) for place, key in enumerate(keys))
    for one, other in wordings.near(wordings.group):
        if one in holder and other in holder:
            yield holder[one], holder[other]


def alike_in_meaning(rows: Sequence[Row], thresholds: Mapping[str, float]) -> list[Pair]:
    """Places of rows of one language whose questions' embeddings are as near as that language's threshold asks.

    Of original rows alone: a derived row is in its parent's group anyway.
    """
    pairs = []
    for language, threshold in sorted(thresholds.items()):
        from stages.common.embeddings import near_in_meaning  # noqa: PLC0415  brings torch: only where it is asked for

        places = [place for place, row in enumerate(rows) if row.language == language and not row.derived]
        found = near_in_meaning([rows[place].record.prompt for place in places], threshold)
        pairs += [(places[one], places[other]) for one, other in found]
    return pairs
