"""Repair the text, bring every answer to one canonical step list, and remove what stands there twice.

Reads the ingested records; writes the survivors with their `group_id`, the refused rows, the counts, and the pairs of rows
that contradict each other (still unmasked: `mask_pii` makes the page of them that goes into Git).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from stages.common.errors import InputError, run
from stages.common.files import write_lines
from stages.common.metrics import balanced, write_metrics
from stages.common.records import Conflict, Dropped, Record, count_rows, records_of, write_jsonl
from stages.normalize.cleaning import clean_all, clean_answer, repaired
from stages.normalize.duplicates import akin, deduplicated
from stages.normalize.groups import alike_in_meaning, grouped
from stages.normalize.rows import Row, rank
from stages.normalize.wordings import searched
from stages.params.normalize import Params
from stages.params.section import load_params


def doubtful(rows: Sequence[Row], alike: Sequence[tuple[int, int]]) -> list[Conflict]:
    """Questions that mean the same and have different answers, for a person to read."""
    pairs = [sorted((rows[one], rows[other]), key=rank) for one, other in alike]
    return [Conflict(kept=one.record, lost=other.record, both_stay=True) for one, other in pairs if not akin(one, other)]


def told_in_sentences(rows: Iterable[Record], cleaned: Sequence[Row]) -> int:
    """How many of the cleaned rows had no list: their sentences became the steps."""
    kept = {row.id for row in cleaned}
    return sum(row.id in kept and not clean_answer(repaired(row.response))[1] for row in rows)


def main(
    source: Annotated[Path, typer.Argument(help="Ingested records, JSONL.")],
    target: Annotated[Path, typer.Argument(help="Normalised records, JSONL.")],
    refused: Annotated[Path, typer.Argument(help="Refused rows with their reasons, JSONL.")],
    report: Annotated[Path, typer.Argument(help="Counts, JSON.")],
    disputed: Annotated[Path, typer.Argument(help="Pairs of rows with contradicting answers, JSONL.")],
) -> None:
    """Repair text, bring answers to numbered steps, remove duplicates and give groups."""
    params = load_params("normalize", Params)
    good: list[Row] = []
    dropped: list[Dropped] = []
    for result in clean_all(source, params):
        if isinstance(result, Row):
            good.append(result)
        else:
            dropped.append(result)
    if not good:
        raise InputError(f"{source}: every row was refused; the first, from {dropped[0].source}: {dropped[0].reason}")
    wordings = searched(good, params)
    kept, doubles, conflicts = deduplicated(good, wordings[0], params)
    alike = alike_in_meaning(kept, params.semantic_group)
    group_ids = grouped(kept, wordings, alike)
    conflicts = sorted([*conflicts, *doubtful(kept, alike)], key=lambda item: (item.both_stay, rank(item.lost)))
    refusals = [*dropped, *doubles]
    sizes = Counter(group_ids)
    groups = {"groups": len(sizes), "largest_group": max(sizes.values()), "alike_in_meaning": len(alike)}
    disputes = {
        "conflicts": sum(not item.both_stay for item in conflicts),
        "to_review": sum(item.both_stay for item in conflicts),
    }
    told = {"told_in_sentences": told_in_sentences(records_of(source), good)} if params.unstepped == "sentences" else {}
    counts = balanced(count_rows(source), Counter(row.labels for row in kept), Counter(row.reason for row in refusals))
    write_lines(target, map(Row.line_in, kept, group_ids))
    write_jsonl(refused, refusals)
    write_metrics(report, {**counts, **groups, **disputes, **told})
    write_jsonl(disputed, conflicts)


if __name__ == "__main__":
    run(main)
