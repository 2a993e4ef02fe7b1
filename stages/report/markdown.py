"""metrics/report.md: the report where there is no browser, in a pull request or a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from stages.common.tables import escape, table
from stages.evaluate import flow
from stages.evaluate.keys import SYSTEMS
from stages.evaluate.table import HEADER, comparison_rows
from stages.report.examples import Example, Piece, best, regressions, worst
from stages.report.findings import SHOWN, Findings
from stages.report.people import Block
from stages.report.verdicts import verdicts


def markdown(findings: Findings) -> str:
    comparison = findings.comparison
    parts = [
        "# Baseline against fine-tuned",
        "\n".join(f"- {sentence}" for sentence in verdicts(findings)),
        table(HEADER, comparison_rows(comparison)),
        "↓: lower is better.",
        *people_part(findings.people),
        "## By group",
        *([worst_table(comparison["worst_group"])] if comparison["worst_group"] else []),
        *(group_table(field, groups, comparison["headline"]) for field, groups in comparison["groups"].items() if groups),
        small_groups(comparison["small_groups"]),
        "## Lengths",
        length_table(findings),
        *example_part("Regressions", "Where fine-tuning lowered token F1 most.", regressions(findings), diff=True),
        *example_part("Good answers", "The best fine-tuned answers by token F1.", best(findings)),
        *example_part("Bad answers", "The worst fine-tuned answers by token F1.", worst(findings)),
        *pii_part(findings.pii),
        "## Rows by stage",
        flow_table(findings.flow),
        "[Rewordings to look at](data/augment_sample.md); [contradicting answers to settle](data/conflicts.md).",
        "## How it was measured",
        "\n".join(f"- {name}: {escape(text)}" for name, text in comparison["signatures"].items()),
    ]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def worst_table(worst_groups: Mapping[str, Mapping[str, Any]]) -> str:
    rows = [[key, escape(found["group"]), str(found["n"]), f"{found['mean']:.4f}"] for key, found in worst_groups.items()]
    return table(["metric", "worst group of the fine-tuned model", "rows", "mean"], rows, right=2)


def group_table(field: str, groups: Mapping[str, Any], headline: Sequence[str]) -> str:
    rows = [
        [escape(name), str(group["n"])] + [f"{group['baseline'][key]:.3f} → {group['finetuned'][key]:.3f}" for key in headline]
        for name, group in groups.items()
    ]
    return table([field, "rows", *headline], rows)


def small_groups(counts: Mapping[str, int]) -> str:
    named = ", ".join(f"{count} of {field}" for field, count in counts.items() if count) or "none"
    return f"Groups with too few rows to compare: {named}. metrics/groups.csv has every group."


def length_table(findings: Findings) -> str:
    rows = []
    for system in SYSTEMS:
        steps, words = findings.steps(system), findings.words(system)
        rows.append(
            [SHOWN[system], *(f"{sum(counts) / len(counts):.1f} ({min(counts)} to {max(counts)})" for counts in (steps, words))]
        )
    return table(["answers", "steps, mean (range)", "words, mean (range)"], rows)


def example_part(title: str, text: str, examples: Sequence[Example], *, diff: bool = False) -> list[str]:
    return [f"## {title}", text if examples else "None.", *(example_text(example, diff) for example in examples)]


def example_text(example: Example, diff: bool) -> str:
    """One question with the reference, the fine-tuned answer, and the baseline's or what became of it."""
    last = {"change of the baseline": changes(example.diff)} if diff else {"baseline": example.texts["baseline"]}
    shown = {"human": example.texts["reference"], "fine-tuned": example.texts["finetuned"], **last}
    row = table(list(shown), [[escape(text) or "(empty)" for text in shown.values()]], right=3)
    return f"**{escape(example.prompt)}**\n\n*{escape(example.about)}*\n\n{row}"


def changes(pieces: Sequence[Piece]) -> str:
    """A word diff as text, in the marks of `git diff --word-diff`."""
    marks = {"same": ("", ""), "old": ("[-", "-]"), "new": ("{+", "+}")}
    return " ".join(f"{marks[piece.kind][0]}{piece.text.strip()}{marks[piece.kind][1]}" for piece in pieces)


def people_part(blocks: Sequence[Block]) -> list[str]:
    """What people said of the answers: paragraphs and tables."""
    parts = [
        escape(block) if isinstance(block, str) else table(block[0], [[escape(cell) for cell in row] for row in block[1]])
        for block in blocks
    ]
    return ["## What people said", *parts]


def pii_part(pii: Sequence[tuple[str, str]]) -> list[str]:
    return (
        ["## Personal data", table(["measured", "value"], [[escape(name), escape(value)] for name, value in pii])]
        if pii
        else []
    )


def flow_table(stages: Mapping[str, Mapping[str, int]]) -> str:
    # The reasons read best from the left: they stand last, after the numbers.
    rows = [[*flow.flow_row(stage, counts), escape(flow.reasons(counts))] for stage, counts in stages.items()]
    return table([*flow.HEADER, "refused, by reason"], rows)
