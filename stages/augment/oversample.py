"""Repeat the rows of rare tasks, up to a cap: a task that is met twice is hardly learnt."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice

from stages.common.records import Record
from stages.params.augment import Params


class Rare:
    """The rows of the tasks that have fewer than `wanted`; of any other task no more than so many are held on the way."""

    def __init__(self, wanted: int) -> None:
        self.wanted = wanted
        self.count: Counter[str] = Counter()
        self.read: list[Record] = []
        self.made: list[Record] = []

    def add(self, row: Record, held: list[Record]) -> None:
        self.count[row.task_type] += 1
        if self.count[row.task_type] < self.wanted:
            held.append(row)

    def rows(self) -> list[Record]:
        """In the order in which they are written, however reading and rewording took turns."""
        return [row for row in (*self.read, *self.made) if self.count[row.task_type] < self.wanted]


def oversampled(records: Sequence[Record], params: Params) -> Iterator[Record]:
    """Repeat the rows of rare task types in turn, up to `oversample_to` rows or `oversample_factor` times each."""
    by_task: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        by_task[record.task_type].append(record)
    for rows in (by_task[task] for task in sorted(by_task)):
        missing = min(params.oversample_to, len(rows) * params.oversample_factor) - len(rows)
        for number, row in enumerate(islice(cycle(rows), max(0, missing))):
            copy = f"{row.id}-copy{number // len(rows) + 1}"
            yield replace(row, id=copy, origin="oversample", parent_id=row.parent_id or row.id)
