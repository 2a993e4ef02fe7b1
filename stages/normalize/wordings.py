"""Which questions are near one another, and which answers: searched once, for the duplicates and for the groups.

Where there are many rows the two searches run side by side, each in its own process. This one must not have searched before:
the library of the sketches has threads, which a process started later would wait for in vain.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stages.common.near import near_keys
from stages.common.parallel import FEW, spread
from stages.normalize.rows import Row, rank
from stages.params.normalize import Params

PAIR = np.dtype([("one", np.int32), ("other", np.int32), ("similar", np.float64)])


@dataclass(frozen=True, slots=True)
class Wordings:
    """Distinct keys, the best row's first, and the pairs of them that are near enough for any use."""

    keys: Sequence[str]
    group: float  # similarity at which they join a group
    pairs: NDArray[np.void]

    def near(self, threshold: float) -> Iterator[tuple[str, str]]:
        for one, other, _ in self.pairs[self.pairs["similar"] >= threshold].tolist():
            yield self.keys[one], self.keys[other]


def searched(rows: Sequence[Row], params: Params) -> list[Wordings]:
    """The wordings of questions, and those of answers."""
    ranked = sorted(rows, key=rank)
    keys = [list(dict.fromkeys(row.question for row in ranked)), list(dict.fromkeys(row.answer for row in ranked))]
    lowest = [min(params.duplicate_prompt, params.group_prompt), params.group_response]

    def search(which: Sequence[int]) -> list[NDArray[np.void]]:
        return [np.fromiter(near_keys(keys[number], lowest[number]), PAIR) for number in which]

    found = spread(search, range(2), few=2 if len(rows) >= FEW else 3, part=1)
    return [Wordings(*parts) for parts in zip(keys, [params.group_prompt, params.group_response], found, strict=True)]
