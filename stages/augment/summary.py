"""What the augmentation did: rates, counts before and after, and rewordings to read with one's own eyes."""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from stages.common.json_line import json_text
from stages.common.metrics import Metrics, balanced
from stages.common.records import DIMENSIONS, Dropped, Record
from stages.common.tables import escape, table
from stages.params.augment import Params

# What rows are counted by: the labels of `balanced`, then the task; and where in it the strata stand.
KIND: Callable[[Record], tuple[str, ...]] = attrgetter(*DIMENSIONS, "source.kind", "task_type")
STRATA = {"domain": 0, "language": 1, "register": 2, "task_type": -1}


@dataclass(frozen=True, slots=True)
class Tried:
    """One rewording and what came of it."""

    augmenter: str
    parent: Record
    result: Record | Dropped
    similarity: float  # to the question; 0 where it was refused before it was compared


@dataclass
class Tally:
    """What was counted on the way, so that no row has to be held for it."""

    read: Counter[tuple[str, ...]] = field(default_factory=Counter)  # by `KIND`
    written: Counter[tuple[str, ...]] = field(default_factory=Counter)
    attempts: Counter[str] = field(default_factory=Counter)  # by augmenter
    accepted: Counter[str] = field(default_factory=Counter)
    similarity: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))  # the sum, of the accepted
    refused: Counter[str] = field(default_factory=Counter)  # by reason

    def met(self, row: Record) -> None:
        """A row that was read, and is written as it is."""
        kind = KIND(row)
        self.read[kind] += 1
        self.written[kind] += 1

    def tried(self, item: Tried) -> None:
        self.attempts[item.augmenter] += 1
        if isinstance(item.result, Dropped):
            self.refused[item.result.reason] += 1
        else:
            self.accepted[item.augmenter] += 1
            self.similarity[item.augmenter] += item.similarity
            self.written[KIND(item.result)] += 1

    def summary(self, copies: Sequence[Record]) -> Metrics:
        """The stage's counts; acceptance and mean similarity by augmenter; rows of each stratum before and after."""
        hits, written = self.accepted, self.written + Counter(map(KIND, copies))
        added = self.attempts.total() + len(copies)
        return {
            **balanced(self.read.total(), summed(written, slice(-1)), self.refused, added),
            "attempts": dict(self.attempts),
            "acceptance": {name: hits[name] / count for name, count in sorted(self.attempts.items())},
            "similarity": {name: self.similarity[name] / count for name, count in sorted(hits.items())},
            **{f"{name}_before": summed(self.read, place) for name, place in STRATA.items()},
            "task_type": summed(written, STRATA["task_type"]),
        }


def summed(kinds: Mapping[tuple[str, ...], int], place: int | slice) -> dict[Any, int]:
    """The counts by what stands at a place of the kinds."""
    counts: Counter[Any] = Counter()
    for kind, count in kinds.items():
        counts[kind[place]] += count
    return dict(counts)


def shown(item: Tried, row: Record) -> str:
    """An accepted rewording, the row that it became, as a line that `sample` draws from."""
    return "[" + ", ".join(map(json_text, (item.parent.prompt, row.prompt, item.augmenter, f"{item.similarity:.3f}"))) + "]\n"


def sample(accepted: Iterable[str], count: int, params: Params) -> str:
    """`sample_rows` of the `count` accepted rewordings as a Markdown table, drawn with the stage's seed."""
    drawn = random.Random(params.seed).sample(range(count), min(params.sample_rows, count))
    wanted = set(drawn)
    lines = {number: line for number, line in enumerate(accepted) if number in wanted}
    rows = [
        [escape(question), escape(rewording), augmenter, value]
        for question, rewording, augmenter, value in (json.loads(lines[number]) for number in drawn)
    ]
    measure = "cosine of embeddings" if params.similarity == "embedding" else "Jaccard of character 4-grams"
    title = f"# Rewordings\n\n{len(rows)} of {count} accepted rewordings. Similarity: {measure}.\n\n"
    return title + table(["question", "rewording", "by", "similarity"], rows, right=3)
