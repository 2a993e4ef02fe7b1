"""A cleaned row as duplicates and groups see it: what is compared, and the record itself packed as the line to write.

It is all that is held of a row while the others are read; the few records that change or are told of are unpacked.
"""

import re
from collections.abc import Hashable
from functools import cache
from typing import NamedTuple, TypeVar

from stages.common.json_line import json_line
from stages.common.metrics import labels
from stages.common.records import DIMENSIONS, RECORD, Record, parse_json
from stages.common.text import match_key

ORIGIN_RANK = {"faq": 0, "draft": 1, "paraphrase": 2, "oversample": 3}
REVIEW_RANK = {"verified": 0, "edited": 1, "unreviewed": 2}
# The first in every line: only `domain` stands before it, which is letters.
GROUP = re.compile(rb'"group_id": "(?:[^"\\]|\\.)*"')
Value = TypeVar("Value", bound=Hashable)


class Row(NamedTuple):
    id: str
    parent_id: str
    review: str
    labels: tuple[str, ...]
    question: str  # the keys of both
    answer: str
    line: bytes

    @classmethod
    def of(cls, record: Record) -> "Row":
        keys = match_key(record.prompt), match_key(record.response)
        line = json_line(record).encode()
        return cls(
            record.id, one_for_all(record.parent_id), one_for_all(record.review), one_for_all(labels(record)), *keys, line
        )

    @property
    def record(self) -> Record:
        return RECORD.validate_python(parse_json(self.line, self.id))

    @property
    def language(self) -> str:
        return self.labels[DIMENSIONS.index("language")]

    @property
    def derived(self) -> bool:
        return self.parent_id != ""

    @property
    def origin(self) -> str:
        return self.labels[DIMENSIONS.index("origin")]

    def line_in(self, group_id: str) -> str:
        before, after = GROUP.split(self.line, maxsplit=1)
        return f'{before.decode()}"group_id": {json_line(group_id)[:-1]}{after.decode()}'


def rank(row: Row | Record) -> tuple[int, int, str]:
    """Smaller wins when one of two must go: verified beats unreviewed, FAQ beats draft, then the id decides."""
    return REVIEW_RANK[row.review], ORIGIN_RANK[row.origin], row.id


@cache
def one_for_all(value: Value) -> Value:
    """The first of all equal values: what many rows say is held, and sent between processes, once."""
    return value
