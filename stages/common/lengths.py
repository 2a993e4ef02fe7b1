"""What becomes of a row that is longer than the model may see: never cut in the middle of a step, never lost silently."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from stages.common.prompts import TokenRow
from stages.common.records import Record
from stages.common.steps import is_canonical

TooLong: TypeAlias = Literal["drop", "truncate"]
Render: TypeAlias = Callable[[str, str], TokenRow]  # question and answer to tokens, end of sequence included


@dataclass(frozen=True, slots=True)
class Fitted:
    """The rows that fit, and what it took."""

    rows: list[TokenRow]
    records: list[Record]  # that the rows were made of
    dropped: int
    truncated: int
    longest: int  # tokens of the longest row before anything was done


def fitted(records: Sequence[Record], render: Render, most: int, too_long: TooLong) -> Fitted:
    """The rows of at most `most` tokens. A longer one is left out, or loses its last steps until it fits: what is left is
    whole steps and the end of the sequence, so that the model still learns to stop. A row that has no step to lose is
    left out either way."""
    kept: list[tuple[TokenRow, Record]] = []
    longest = truncated = 0
    for record in records:
        row = render(record.prompt, record.response)
        longest = max(longest, len(row.input_ids))
        if len(row.input_ids) <= most:
            kept.append((row, record))
        elif too_long == "truncate" and (shorter := fewer_steps(record, render, most)):
            kept.append((shorter, record))
            truncated += 1
    rows, sources = [row for row, _ in kept], [record for _, record in kept]
    return Fitted(rows, sources, len(records) - len(kept), truncated, longest)


def fewer_steps(record: Record, render: Render, most: int) -> TokenRow | None:
    """The row with as many of its first steps as fit, one at least; None where not even the first fits."""
    steps = record.response.strip().split("\n") if is_canonical(record.response) else []
    for count in range(len(steps) - 1, 0, -1):
        row = render(record.prompt, "\n".join(steps[:count]))
        if len(row.input_ids) <= most:
            return row
    return None
