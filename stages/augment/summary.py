"""What the augmentation did: rates, counts before and after, and rewordings to read with one's own eyes."""

import json
import random
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from stages.common.json_line import json_text
from stages.common.metrics import Metrics, balanced, labels
from stages.common.records import Dropped, Record
from stages.common.tables import escape, table
from stages.params.augment import Params

STRATA = ("domain", "language", "register", "task_type")


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

    rows: int = 0  # read
    written: Counter[tuple[str, ...]] = field(default_factory=Counter)  # by labels
    before: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in STRATA})
    task_type: Counter[str] = field(default_factory=Counter)  # of the rows written
    attempts: Counter[str] = field(default_factory=Counter)  # by augmenter
    accepted: Counter[str] = field(default_factory=Counter)
    similarity: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))  # the sum, of the accepted
    refused: Counter[str] = field(default_factory=Counter)  # by reason

    def add(self, row: Record) -> None:
        self.written[labels(row)] += 1
        self.task_type[row.task_type] += 1

    def met(self, row: Record) -> None:
        """A row that was read, and is written as it is."""
        for name, counter in self.before.items():
            counter[getattr(row, name)] += 1
        self.rows += 1
        self.add(row)

    def tried(self, item: Tried) -> None:
        self.attempts[item.augmenter] += 1
        if isinstance(item.result, Dropped):
            self.refused[item.result.reason] += 1
        else:
            self.accepted[item.augmenter] += 1
            self.similarity[item.augmenter] += item.similarity
            self.add(item.result)

    def summary(self, copies: int) -> Metrics:
        """The stage's counts; acceptance and mean similarity by augmenter; rows of each stratum before and after."""
        hits = self.accepted
        return {
            **balanced(self.rows, self.written, self.refused, self.attempts.total() + copies),
            "attempts": dict(self.attempts),
            "acceptance": {name: hits[name] / count for name, count in sorted(self.attempts.items())},
            "similarity": {name: self.similarity[name] / count for name, count in sorted(hits.items())},
            **{f"{name}_before": dict(counter) for name, counter in self.before.items()},
            "task_type": dict(self.task_type),
        }


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
