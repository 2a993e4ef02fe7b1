"""Work on rows that don't depend on one another, spread over the cores: the same results as in one process, in order."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import chain
from multiprocessing import get_all_start_methods, get_context
from typing import Any, TypeVar

PART = 512  # rows given to a process at a time
FEW = 4000  # rows; below it, starting processes costs more than they save
given: list[Callable[[Any], Any]] = []  # the work of this process, where it is one of several

Row = TypeVar("Row")
Result = TypeVar("Result")


def spread(work: Callable[[Sequence[Row]], list[Result]], rows: Sequence[Row], few: int = FEW) -> Iterator[Result]:
    """What `work` makes of the rows, part by part. Processes inherit `work` with all that it refers to; rows and results
    travel between them."""
    parts = [rows[start : start + PART] for start in range(0, len(rows), PART)]
    if len(rows) < few or os.cpu_count() == 1 or "fork" not in get_all_start_methods():
        return chain.from_iterable(map(work, parts))
    return in_processes(work, parts)


def in_processes(work: Callable[[Sequence[Row]], list[Result]], parts: Sequence[Sequence[Row]]) -> Iterator[Result]:
    with ProcessPoolExecutor(mp_context=get_context("fork"), initializer=given.append, initargs=(work,)) as pool:
        for results in pool.map(call, parts):
            yield from results


def call(part: Sequence[Any]) -> Any:
    return given[0](part)
