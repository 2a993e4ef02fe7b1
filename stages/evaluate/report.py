"""metrics/report.md: what a reviewer of a change wants to read first."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from stages.common.records import Record
from stages.common.tables import escape, table
from stages.evaluate.keys import LEAK, QUALITY
from stages.evaluate.scores import Difference, Scores

NAMES = {"answer.meteor": "answer.meteor (exact and stem)"}
STAGES = ("ingest", "normalize", "mask_pii", "augment", "split")
HEADLINE = ("answer.rougeL", "answer.bertscore_f1", "steps.accuracy", "steps.format")


def comparison_table(scores: Mapping[str, Scores], changes: Mapping[str, Difference]) -> str:
    """Baseline against fine-tuned, metric by metric, with the interval of the paired difference."""
    rows = [
        [
            NAMES.get(key, key),
            f"{scores['baseline'][key].mean():.4f}",
            f"{scores['finetuned'][key].mean():.4f}",
            f"{changes[key].mean:+.4f}",
            f"{changes[key].low:+.4f} .. {changes[key].high:+.4f}",
            changes[key].verdict,
        ]
        for key in QUALITY
    ]
    leak = [f"{scores[system][LEAK].mean():.4f}" for system in ("baseline", "finetuned")]
    rows.append(
        [
            f"{LEAK} (lower is better)",
            *leak,
            f"{scores['finetuned'][LEAK].mean() - scores['baseline'][LEAK].mean():+.4f}",
            "",
            "",
        ]
    )
    return table(["metric", "baseline", "fine-tuned", "change", "95 % interval", "verdict"], rows)


def group_table(field: str, groups: Mapping[str, Any]) -> str:
    rows = [
        [escape(name), f"{group['rows']['n']:.0f}"]
        + [f"{group['baseline'][key]:.3f} → {group['finetuned'][key]:.3f}" for key in HEADLINE]
        for name, group in groups.items()
    ]
    return table([field, "rows", *HEADLINE], rows)


def example(record: Record, answers: Mapping[str, str], value: float) -> str:
    """One question with the reference and both answers, as text whatever stands in it."""
    lines = [
        f"**{escape(record.prompt)}**",
        "",
        f"*{record.domain}, {record.task_type}, {record.language}; token F1 {value:.2f}*",
        "",
    ]
    shown = {"reference": record.response, "fine-tuned": answers["finetuned"], "baseline": answers["baseline"]}
    return "\n".join(lines) + "\n" + table(list(shown), [[escape(text) or "(empty)" for text in shown.values()]], right=3)


def examples(
    records: Sequence[Record], answers: Mapping[str, Sequence[str]], scores: Scores, count: int
) -> tuple[list[str], list[str]]:
    """The best and the worst fine-tuned answers by token F1, ties by id."""
    values = scores["answer.token_f1"]
    ordered = sorted(range(len(records)), key=lambda row: (-values[row], records[row].id))
    pages = [
        example(records[row], {name: texts[row] for name, texts in answers.items()}, float(values[row])) for row in ordered
    ]
    return pages[:count], pages[::-1][:count]


def flow_table(folder: Path) -> str:
    """Rows in and out of every data stage, and why rows were refused."""
    rows = []
    for stage in STAGES:
        counts = json.loads((folder / f"{stage}.json").read_text(encoding="utf-8"))
        dropped = {key.removeprefix("dropped_"): n for key, n in counts.items() if key.startswith("dropped_")}
        reasons = ", ".join(f"{reason.replace('_', ' ')} {n}" for reason, n in sorted(dropped.items())) or "none"
        rows.append(
            [
                stage,
                str(counts["rows_in"]),
                str(counts["rows_added"]),
                str(sum(dropped.values())),
                str(counts["rows_out"]),
                reasons,
            ]
        )
    # The reasons read best from the left: they stand last, after the numbers.
    return table(["stage", "rows in", "added", "refused", "rows out", "refused, by reason"], rows)


def report(
    records: Sequence[Record],
    answers: Mapping[str, Sequence[str]],
    scores: Mapping[str, Scores],
    changes: Mapping[str, Difference],
    groups: Mapping[str, Mapping[str, Any]],
    signatures: Mapping[str, str],
    truncated: Mapping[str, int],
    data_metrics: Path,
    count: int,
) -> str:
    good, bad = examples(records, answers, scores["finetuned"], count)
    parts = [
        "# Baseline against fine-tuned",
        f"{len(records)} test questions; none of them, nor a near copy, is in the training data. Differences are paired by "
        "question: the interval is a bootstrap over questions, the verdict a randomisation test at 0.05, corrected for the "
        "number of metrics (Holm). The human reference scores 1 on each quality metric by definition.",
        comparison_table(scores, changes),
        f"Answers cut off at the length limit: baseline {truncated['baseline']}, fine-tuned {truncated['finetuned']}.",
        "## By group",
        *(group_table(field, values) for field, values in groups.items()),
        "## Good answers",
        "The best fine-tuned answers by token F1.",
        *good,
        "## Bad answers",
        "The worst fine-tuned answers by token F1.",
        *bad,
        "## Rows by stage",
        flow_table(data_metrics),
        "## How it was measured",
        "\n".join(f"- {name}: {escape(text)}" for name, text in signatures.items()),
    ]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"
