"""What the training and test rows are about, kept in Git: two revisions compare their data without having it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from stages.common.records import Record
from stages.evaluate.groups import FIELDS

SPLITS = ("train", "test")


def distribution_csv(splits: Mapping[str, Sequence[Record]]) -> str:
    """Rows by field, value and split."""
    lines = ["field,value,split,rows"]
    for field in FIELDS:
        for split in SPLITS:
            counts = Counter(str(getattr(record, field)) for record in splits[split])
            lines += [f"{field},{value},{split},{count}" for value, count in sorted(counts.items())]
    return "\n".join(lines) + "\n"


def total_variation(one: Mapping[str, int], other: Mapping[str, int]) -> float:
    """Distance of two distributions, 0..1: the share of rows that would have to change their value."""
    sizes = sum(one.values()), sum(other.values())
    if not all(sizes):
        return float(sizes[0] != sizes[1])
    return sum(abs(one.get(key, 0) / sizes[0] - other.get(key, 0) / sizes[1]) for key in {*one, *other}) / 2
