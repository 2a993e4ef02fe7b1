"""Work on rows that don't depend on one another, spread over the cores: the same results as in one process, in order."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from itertools import chain, islice
from multiprocessing import get_all_start_methods, get_context
from typing import Any, TypeVar

PART = 512  # rows given to a process at a time
FEW = 4000  # rows; below it, starting processes costs more than they save
AHEAD = 32  # parts under way at a time: rows are read no faster than they are worked on
given: list[Callable[[Any], Any]] = []  # in one of several processes: its work, last, after that of who started it

Row = TypeVar("Row")
Result = TypeVar("Result")


def spread(
    work: Callable[[Sequence[Row]], list[Result]], rows: Iterable[Row], few: int = FEW, part: int = PART
) -> Iterator[Result]:
    """What `work` makes of the rows, part by part as they are read. Processes inherit `work` with all that it refers to;
    rows and results travel between them."""
    rest = iter(rows)
    first = list(islice(rest, few))
    every = chain(first, rest)
    parts = iter(lambda: list(islice(every, part)), [])
    if len(first) < few or os.cpu_count() == 1 or "fork" not in get_all_start_methods():
        return chain.from_iterable(map(work, parts))
    return in_processes(work, parts)


def in_processes(work: Callable[[Sequence[Row]], list[Result]], parts: Iterable[Sequence[Row]]) -> Iterator[Result]:
    under_way: deque[Future[list[Result]]] = deque()
    with ProcessPoolExecutor(mp_context=get_context("fork"), initializer=given.append, initargs=(work,)) as pool:
        for part in parts:
            under_way.append(pool.submit(call, part))
            if len(under_way) > AHEAD:
                yield from under_way.popleft().result()
        while under_way:
            yield from under_way.popleft().result()


def call(part: Sequence[Any]) -> Any:
    return given[-1](part)
