"""Rows that a split must not separate: derived, near in question, near in answer, or near in meaning."""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np

from stages.common.components import components
from stages.normalize.rows import Row
from stages.normalize.wordings import Wordings

Pair: TypeAlias = tuple[int, int]


def grouped(rows: Sequence[Row], wordings: Sequence[Wordings], alike: Sequence[Pair] = ()) -> list[str]:
    """One group id for the rows that belong together, of each row; `alike` are the places of rows that mean the same.

    Rows and wordings are joined: so a duplicate that went still joins what both it and another row are near to.
    """
    index = {row.id: number for number, row in enumerate(rows)}
    pairs = [(index[row.id], index[row.parent_id]) for row in rows if row.parent_id in index]
    parts = [np.array([*pairs, *alike], dtype=np.int64).reshape(-1, 2)]
    size = len(rows)
    for keys, wording in zip(([row.question for row in rows], [row.answer for row in rows]), wordings, strict=True):
        number = {key: size + place for place, key in enumerate(wording.keys)}
        near = wording.pairs.over(wording.group)
        parts.append(np.array([range(len(rows)), [number[key] for key in keys]]).T)
        parts.append(np.array([near.left, near.right]).T + size)
        size += len(number)
    left, right = np.concatenate(parts).T
    group = components(size, left, right)[: len(rows)].tolist()
    names: dict[int, str] = {}
    for found, row in zip(group, rows, strict=True):
        names[found] = min(names.get(found, row.id), row.id)
    return [names[found] for found in group]


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
