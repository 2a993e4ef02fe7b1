"""The verdict on a change, for the gate and for the pull request's comment."""

from collections.abc import Sequence
from dataclasses import dataclass

from stages.common.errors import InputError
from stages.common.revisions import check_revision
from stages.gate.judge import REGRESSION, Finding, judge, obstacles, summary
from stages.gate.results import read_results
from stages.gate.thresholds import changed_thresholds, thresholds
from stages.params.evaluate import Gate

HEADER = ("metric", "base", "new", "change", "95 % interval", "p (Holm)", "tolerated", "verdict")
FINE, WORSE, NOT_COMPARABLE = 0, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    code: int  # FINE, WORSE or NOT_COMPARABLE: the exit code of the gate
    sentence: str
    warning: str  # that the thresholds themselves were changed; "" where they were not
    findings: Sequence[Finding]

    def rows(self) -> list[list[str]]:
        return [row(found) for found in self.findings]


def verdict(against: str) -> Verdict:
    """The working tree against the revision `against`, by the thresholds of the latter."""
    check_revision(against)
    own = thresholds(None)
    try:
        rules = thresholds(against)
    except InputError as error:
        first_fault = str(error).partition(f"; {against}:")[0]
        return not_comparable(against, [f"its thresholds cannot be read, {first_fault}"], "")
    base, new = read_results(against), read_results(None)
    hindered = obstacles(base, new, against)
    warning = altered(rules.gate, own.gate, against)
    if hindered or base is None or new is None:
        return not_comparable(against, hindered, warning)
    findings = judge(base, new, rules)
    worse = any(found.verdict == REGRESSION for found in findings)
    rows = len(base.ids) if any(found.test for found in findings) else 0
    return Verdict(code=WORSE if worse else FINE, sentence=summary(findings, rows), warning=warning, findings=findings)


def not_comparable(against: str, hindered: Sequence[str], warning: str) -> Verdict:
    sentence = f"Not comparable with {against}: {'; '.join(hindered)}."
    return Verdict(code=NOT_COMPARABLE, sentence=sentence, warning=warning, findings=[])


def altered(base: Gate, new: Gate, against: str) -> str:
    """Which thresholds the change brings with it, and that they did not count."""
    changed = changed_thresholds(base, new)
    return f"The gate itself is changed: {'; '.join(changed)}. Judged by the values of {against}." if changed else ""


def row(found: Finding) -> list[str]:
    """One metric as cells under `HEADER`."""
    test = found.test
    return [
        found.key,
        f"{found.base:.4f}",
        f"{found.new:.4f}",
        f"{found.new - found.base:+.4f}",
        f"{test.low:+.4f} .. {test.high:+.4f}" if test else "",
        f"{test.p_holm:.4f}" if test else "",
        f"{found.tolerated:g}",
        found.verdict,
    ]
