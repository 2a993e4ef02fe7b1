"""Work on rows that don't depend on one another, spread over the cores: the same results as in one process, in order."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from typing import TypeVar

PART = 512  # rows given to a process at a time
FEW = 4000  # rows; below it, starting processes costs more than they save

Row = TypeVar("Row")
Result = TypeVar("Result")


def spread(work: Callable[[Sequence[Row]], list[Result]], rows: Sequence[Row], few: int = FEW) -> Iterator[Result]:
    """What `work` makes of the rows, part by part; processes need it to be a function of a module, or a `partial` of one."""
    parts = [rows[start : start + PART] for start in range(0, len(rows), PART)]
    if len(rows) < few or os.cpu_count() == 1:
        return chain.from_iterable(map(work, parts))
    return in_processes(work, parts)


def in_processes(work: Callable[[Sequence[Row]], list[Result]], parts: Sequence[Sequence[Row]]) -> Iterator[Result]:
    with ProcessPoolExecutor() as pool:
        for results in pool.map(work, parts):
            yield from results
