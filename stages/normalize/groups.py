"""Rows that a split must not separate: derived, near in question, near in answer, or near in meaning."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from stages.common.near import near_pairs
from stages.common.records import Record
from stages.common.text import Groups, match_key
from stages.params.normalize import Params


def grouped(records: Sequence[Record], params: Params, alike: Sequence[tuple[int, int]] = ()) -> Iterator[Record]:
    """Give one `group_id` to rows that belong together; `alike` are the places of rows that mean the same."""
    index = {row.id: number for number, row in enumerate(records)}
    groups = Groups(len(records))
    for row in records:
        if row.parent_id in index:
            groups.join(index[row.id], index[row.parent_id])
    join_near(groups, [row.prompt for row in records], params.group_prompt)
    join_near(groups, [row.response for row in records], params.group_response)
    for one, other in alike:
        groups.join(one, other)
    members: defaultdict[int, list[str]] = defaultdict(list)
    for number, row in enumerate(records):
        members[groups.find(number)].append(row.id)
    for number, row in enumerate(records):
        yield replace(row, group_id=min(members[groups.find(number)]))


def join_near(groups: Groups, texts: Sequence[str], threshold: float) -> None:
    holder: dict[str, int] = {}
    for row, text in enumerate(texts):
        groups.join(holder.setdefault(match_key(text), row), row)
    distinct = list(holder.values())
    for one, other, _ in near_pairs([texts[row] for row in distinct], threshold):
        groups.join(distinct[one], distinct[other])


def alike_in_meaning(records: Sequence[Record], thresholds: Mapping[str, float]) -> list[tuple[int, int]]:
    """Places of rows of one language whose questions' embeddings are as near as that language's threshold asks.

    Of original rows alone: a derived row is in its parent's group anyway.
    """
    pairs = []
    for language, threshold in sorted(thresholds.items()):
        from stages.common.embeddings import near_in_meaning  # noqa: PLC0415  brings torch: only where it is asked for

        places = [place for place, row in enumerate(records) if row.language == language and not row.derived]
        found = near_in_meaning([records[place].prompt for place in places], threshold)
        pairs += [(places[one], places[other]) for one, other in found]
    return pairs
