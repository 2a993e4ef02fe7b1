"""Which answer stands on which side, in which order, under which id: all of it from the rater's secret seed.

Half of the items show the fine-tuned answer as A. A repeated item comes back half a sheet later, at least, with its
sides swapped. Ids, order and sides are digests of the seed: without it they say nothing about the system.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from stages.common.errors import InputError
from stages.common.ratings import System

OTHER: dict[System, System] = {"baseline": "finetuned", "finetuned": "baseline"}


@dataclass(frozen=True, slots=True)
class Placed:
    item: str  # opaque id
    record: str
    a: System
    repeat: bool


def digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()


def sample(records: Sequence[str], size: int) -> list[str]:
    """The same `size` records for every rater, a random sample of the test rows; a larger one contains a smaller one."""
    if size > len(records):
        raise InputError(f"--items {size}: there are only {len(records)} test questions")
    return sorted(records, key=lambda record: digest("rated", record))[:size]


def assign(records: Sequence[str], repeats: int, seed: str) -> list[Placed]:
    """The sheet of one rater, in the order shown; `repeats` records of the first half come twice."""
    if repeats > len(records) // 2:
        raise InputError(f"--repeats {repeats}: at most half of the {len(records)} items can be repeated")
    by_side = sorted(records, key=lambda record: digest(seed, "side", record))
    half = (len(records) + int(digest(seed, "odd one"), 16) % 2) // 2
    side: dict[str, System] = {record: "finetuned" if rank < half else "baseline" for rank, record in enumerate(by_side)}
    order = sorted(records, key=lambda record: digest(seed, "order", record))
    early = order[: len(order) // 2]
    again = sorted(early, key=lambda record: digest(seed, "repeat", record))[:repeats]
    firsts = [(float(place), Placed(digest(seed, "first", name)[:12], name, side[name], False))
              for place, name in enumerate(order)]  # fmt: skip
    seconds = [
        (order.index(name) + len(order) / 2, Placed(digest(seed, "second", name)[:12], name, OTHER[side[name]], True))
        for name in again
    ]
    return [placed for _, placed in sorted(firsts + seconds, key=lambda pair: pair[0])]
