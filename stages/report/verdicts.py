"""The findings in sentences: they stand first, because most readers stop there."""

from collections.abc import Mapping
from typing import Any

from stages.evaluate.keys import LEAK
from stages.evaluate.power import caution
from stages.report.findings import Findings

ORDER = {"better": "better on", "worse": "worse on", "no evidence": "no evidence of a difference on"}


def verdicts(findings: Findings) -> list[str]:
    comparison = findings.comparison
    return [
        counted(comparison["difference"]),
        headline(comparison),
        *filter(None, [caution(comparison)]),
        *by_verdict(comparison["difference"]),
        exam(comparison),
        ceiling(comparison),
        noise(comparison),
        leaks(findings),
    ]


def counted(difference: Mapping[str, Any]) -> str:
    counts = {verdict: sum(found["verdict"] == verdict for found in difference.values()) for verdict in ORDER}
    parts = ", ".join(f"{words} {counts[verdict]}" for verdict, words in ORDER.items())
    return f"The fine-tuned model against the baseline, of {len(difference)} metrics: {parts}."


def headline(comparison: Mapping[str, Any]) -> str:
    """The metrics that `evaluate.headline` names, in its order."""
    found = {key: comparison["difference"][key] for key in comparison["headline"]}
    return "Headline: " + ", ".join(f"{key} {item['mean']:+.4f} ({item['verdict']})" for key, item in found.items()) + "."


def by_verdict(difference: Mapping[str, Any]) -> list[str]:
    """One line a verdict that occurs, with the metrics it was given to."""
    named = {verdict: [key for key, found in difference.items() if found["verdict"] == verdict] for verdict in ORDER}
    return [f"{verdict.capitalize()}: {', '.join(keys)}." for verdict, keys in named.items() if keys]


def exam(comparison: Mapping[str, Any]) -> str:
    rows, digest = comparison["test_set"]["rows"], comparison["test_set"]["sha256"]
    return (
        f"The exam: {rows} questions (sha256 {digest[:12]}); none of them, nor a near copy, is in the training data. "
        "Differences are paired by question: the interval is a bootstrap over questions, the verdict approximate "
        "randomisation at 0.05, corrected for the number of metrics (Holm)."
    )


def ceiling(comparison: Mapping[str, Any]) -> str:
    """Where the human column comes from."""
    rows, measured = comparison["test_set"]["rows"], comparison["human_reference"]["leave_one_out"]
    if not measured:
        return "The human column is the ceiling by definition: each question has one verified answer, scored against itself."
    return (
        f"The human column is measured where a question has several verified answers, each scored against the others "
        f"({measured} of {rows} rows); the other rows are the ceiling by definition."
    )


def noise(comparison: Mapping[str, Any]) -> str:
    """How far the metrics move where nothing changed."""
    changed, largest = comparison["noise"]["rows_changed"], max(comparison["noise"]["floor"].values())
    asked = "Noise floor: the baseline asked again, in batches of half the size,"
    if not changed:
        return f"{asked} gave the same answers."
    return f"{asked} changed {changed} answers and moved no metric by more than {largest:.4f}. Less than that is no evidence."


def leaks(findings: Findings) -> str:
    counts = {system: int(findings.scores[system][LEAK].sum()) for system in ("baseline", "finetuned")}
    return f"Answers with personal data: baseline {counts['baseline']}, fine-tuned {counts['finetuned']}."
