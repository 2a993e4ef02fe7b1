"""The verdict on a change, for the gate and for the pull request's comment."""

from collections.abc import Sequence
from dataclasses import dataclass

from stages.common.revisions import check_revision
from stages.gate.judge import REGRESSION, Finding, judge, obstacles, summary
from stages.gate.results import read_results
from stages.params.evaluate import Params

HEADER = ("metric", "base", "new", "change", "95 % interval", "p (Holm)", "tolerated", "verdict")
FINE, WORSE, NOT_COMPARABLE = 0, 2, 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    code: int  # FINE, WORSE or NOT_COMPARABLE: the exit code of the gate
    sentence: str
    findings: Sequence[Finding]

    def rows(self) -> list[list[str]]:
        return [row(found) for found in self.findings]


def verdict(against: str, params: Params) -> Verdict:
    """The working tree against the revision `against`."""
    check_revision(against)
    base, new = read_results(against), read_results(None)
    hindered = obstacles(base, new, against)
    if hindered or base is None or new is None:
        return Verdict(code=NOT_COMPARABLE, sentence=f"Not comparable with {against}: {'; '.join(hindered)}.", findings=[])
    findings = judge(base, new, params)
    worse = any(found.verdict == REGRESSION for found in findings)
    rows = len(base.ids) if any(found.test for found in findings) else 0
    return Verdict(code=WORSE if worse else FINE, sentence=summary(findings, rows), findings=findings)


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
