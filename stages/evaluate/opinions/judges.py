"""The verdicts of judging models: asked twice for each row, once in either order; only a verdict that stays is a win."""

from collections.abc import Mapping
from pathlib import Path

from stages.common.judge import REPLY, Reply
from stages.common.ratings import Answers
from stages.common.records import read_rows
from stages.evaluate.opinions.people import win_rate
from stages.evaluate.opinions.ratings import current


def judges(
    folder: Path, answers: Answers, people: Mapping[str, float], seed: int, resamples: int
) -> dict[str, dict[str, float]]:
    """A summary by judge, named after its file. `people`: mean human preference by row."""
    files = sorted(folder.glob("judge-*.jsonl"))
    return {path.stem: judge(read_rows(path, REPLY), answers, people, seed, resamples) for path in files}


def judge(replies: list[Reply], answers: Answers, people: Mapping[str, float], seed: int, resamples: int) -> dict[str, float]:
    """`inconsistent` rows, whose verdict changed with the order or could not be read, are ties; half-asked ones don't count.

    `same_as_people` is the share of rows, of those with a human majority, on which the judge has the same winner.
    """
    fresh = [reply for reply in replies if current(reply.metadata, answers)]
    rows: dict[str, dict[str, float | None]] = {}
    for reply in fresh:
        rows.setdefault(reply.metadata.record, {})[reply.metadata.a] = preference(reply)
    both = {record: list(found.values()) for record, found in sorted(rows.items()) if len(found) == 2}
    values = {record: one if one == other and one is not None else 0.5 for record, (one, other) in both.items()}
    if not values:
        return {"n": 0, "stale": len(replies) - len(fresh)}
    inconsistent = sum(one != other or one is None for one, other in both.values())
    decided = [record for record in values if people.get(record, 0.5) != 0.5]
    same = [(values[record] > 0.5) == (people[record] > 0.5) and values[record] != 0.5 for record in decided]
    agreement = {"same_as_people": sum(same) / len(same)} if same else {}
    summary = win_rate(list(values.values()), seed, resamples)
    return {**summary, "inconsistent": inconsistent, "stale": len(replies) - len(fresh), **agreement}


def preference(reply: Reply) -> float | None:
    """1 where the fine-tuned answer won, 0 the baseline's, 0.5 a tie."""
    if reply.verdict is None or reply.verdict == "tie":
        return None if reply.verdict is None else 0.5
    winner = reply.metadata.a if reply.verdict == "a" else reply.metadata.b
    return float(winner == "finetuned")
