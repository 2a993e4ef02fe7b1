"""What the augmentation did: rates, counts before and after, and rewordings to read with one's own eyes."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from stages.common.metrics import Metrics
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


def summary(before: Sequence[Record], after: Sequence[Record], tried: Sequence[Tried]) -> Metrics:
    """Acceptance and mean similarity by augmenter; rows of each stratum before and after."""
    attempts = Counter(item.augmenter for item in tried)
    accepted = [item for item in tried if isinstance(item.result, Record)]
    hits = Counter(item.augmenter for item in accepted)
    return {
        "attempts": dict(attempts),
        "acceptance": {name: hits[name] / attempts[name] for name in sorted(attempts)},
        "similarity": {
            name: sum(item.similarity for item in accepted if item.augmenter == name) / hits[name] for name in sorted(hits)
        },
        **{f"{field}_before": dict(Counter(getattr(row, field) for row in before)) for field in STRATA},
        "task_type": dict(Counter(row.task_type for row in after)),
    }


def sample(tried: Sequence[Tried], params: Params) -> str:
    """`sample_rows` accepted rewordings as a Markdown table, drawn with the stage's seed."""
    accepted = [item for item in tried if isinstance(item.result, Record)]
    drawn = random.Random(params.seed).sample(accepted, min(params.sample_rows, len(accepted)))
    rows = [
        [escape(item.parent.prompt), escape(item.result.prompt), item.augmenter, f"{item.similarity:.3f}"]
        for item in drawn
        if isinstance(item.result, Record)
    ]
    measure = "cosine of embeddings" if params.similarity == "embedding" else "Jaccard of character 4-grams"
    title = f"# Rewordings\n\n{len(rows)} of {len(accepted)} accepted rewordings. Similarity: {measure}.\n\n"
    return title + table(["question", "rewording", "by", "similarity"], rows, right=3)
