"""Work on rows that don't depend on one another, spread over the cores: the same results as in one process, in order."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from typing import TypeVar

PART = 512  # rows given to a process at a time
FEW = 4000  # rows; below it, starting processes costs more than they save
AHEAD = 32  # parts under way at a time: rows are read no faster than they are worked on

Row = TypeVar("Row")
Result = TypeVar("Result")


def spread(work: Callable[[Sequence[Row]], list[Result]], rows: Iterable[Row], few: int = FEW) -> Iterator[Result]:
    """What `work` makes of the rows, part by part as they are read; processes need it to be a function of a module, or a
    `partial` of one."""
    rest = iter(rows)
    first = list(islice(rest, few))
    every = chain(first, rest)
    parts = iter(lambda: list(islice(every, PART)), [])
    if len(first) < few or os.cpu_count() == 1:
        return chain.from_iterable(map(work, parts))
    return in_processes(work, parts)


def in_processes(work: Callable[[Sequence[Row]], list[Result]], parts: Iterable[Sequence[Row]]) -> Iterator[Result]:
    under_way: deque[Future[list[Result]]] = deque()
    with ProcessPoolExecutor() as pool:
        for part in parts:
            under_way.append(pool.submit(work, part))
            if len(under_way) > AHEAD:
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()
