"""Which questions are near one another, and which answers: searched once, for the duplicates and for the groups.

Where there are many rows the two searches run side by side, each in its own process. This one must not have searched before:
the library of the sketches has threads, which a process started later would wait for in vain.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from stages.common.near import Near, near_keys
from stages.common.parallel import FEW, spread
from stages.normalize.rows import Row, rank
from stages.params.normalize import Params


@dataclass(frozen=True, slots=True)
class Wordings:
    """Distinct keys, the best row's first, and the pairs of them that are near enough for any use."""

    keys: Sequence[str]
    group: float  # similarity at which they join a group
    pairs: Near

    def near(self, threshold: float) -> Iterator[tuple[str, str]]:
        near = self.pairs.over(threshold)
        for one, other in zip(near.left.tolist(), near.right.tolist(), strict=True):
            yield self.keys[one], self.keys[other]


def searched(rows: Sequence[Row], params: Params) -> list[Wordings]:
    """The wordings of questions, of which every two are sought that may be duplicates, and those of answers."""
    ranked = sorted(rows, key=rank)
    keys = [list(dict.fromkeys(row.question for row in ranked)), list(dict.fromkeys(row.answer for row in ranked))]
    lowest = [min(params.duplicate_prompt, params.group_prompt), params.group_response]
    every = [params.duplicate_prompt, 1.0]

    def search(which: Sequence[int]) -> list[Near]:
        return [near_keys(keys[number], lowest[number], every[number]) for number in which]

    found = spread(search, range(2), few=2 if len(rows) >= FEW else 3, part=1)
    return [Wordings(*parts) for parts in zip(keys, [params.group_prompt, params.group_response], found, strict=True)]
