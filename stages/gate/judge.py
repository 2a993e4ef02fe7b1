"""The judgement on two revisions: what keeps them from being compared, and which metrics got worse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from stages.evaluate.keys import MEASURED, lower_is_better
from stages.evaluate.statistics import Difference, compare
from stages.gate.results import Results
from stages.params.evaluate import Params

REGRESSION = "regression"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One metric at both revisions."""

    key: str
    base: float
    new: float
    tolerated: float
    test: Difference | None  # None where a revision kept no scores by row
    verdict: str

    @property
    def loss(self) -> float:
        """How far the metric went in the bad direction."""
        return loss(self.key, self.base, self.new)


def loss(key: str, base: float, new: float) -> float:
    return new - base if lower_is_better(key) else base - new


def obstacles(base: Results | None, new: Results | None, base_name: str) -> list[str]:
    """Why the two can't be compared; [] where they can."""
    if base is None:
        return [f"{base_name} has no metrics/evaluation.json"]
    if new is None:
        return ["the working tree has no metrics/evaluation.json; run `dvc repro`"]
    found = []
    if base.exam != new.exam:
        found.append(f"the test sets differ: sha256 {base.exam[:12]} and {new.exam[:12]}, {moved(base.ids, new.ids)}")
    elif base.ids and new.ids and base.ids != new.ids:
        found.append("the rows of metrics/scores.csv are not the same ones; run `dvc repro`")
    if base.candidate != new.candidate:
        found.append(f"other models were scored: {base.candidate} and {new.candidate}")
    found += [f"{key} is no longer measured" for key in base.means if key not in new.means]
    return found + other_ways(base.signatures, new.signatures)


def moved(base: Sequence[str], new: Sequence[str]) -> str:
    """How two exams differ, from the ids of their questions."""
    if not base or not new:
        return "which questions is not known"
    gone, come = len({*base} - {*new}), len({*new} - {*base})
    if gone or come:
        return f"{gone} questions went, {come} came, {len(base) - gone} stayed"
    return "the same questions with other wording or other references"


def other_ways(base: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Metrics that were not computed in the same way."""
    return [
        f"{name} was measured in another way: '{signature}' and '{new.get(name, 'not said')}'"
        for name, signature in base.items()
        if new.get(name) != signature
    ]


def judge(base: Results, new: Results, params: Params) -> list[Finding]:
    """Every gated metric that both revisions have, paired by row where both kept their scores."""
    drops = params.gate.drops
    keys = [key for key in MEASURED if key in drops and key in base.means and key in new.means]
    tests = paired(base, new, keys, params)
    return [finding(key, base, new, tests.get(key), params) for key in keys]


def paired(base: Results, new: Results, keys: Sequence[str], params: Params) -> Mapping[str, Difference]:
    scores = {key: base.scores[key] for key in keys if key in base.scores and key in new.scores}
    if not scores:
        return {}
    return compare(scores, new.scores, seed=params.seed, resamples=params.resamples, alpha=params.gate.alpha)


def finding(key: str, base: Results, new: Results, test: Difference | None, params: Params) -> Finding:
    before, after, tolerated = base.means[key], new.means[key], params.gate.drops[key]
    lost = loss(key, before, after)
    sure = test is None or test.verdict == "worse" or key in params.gate.strict
    if lost > tolerated and sure:
        said = REGRESSION
    elif test is None:
        said = "within the tolerated drop"
    else:
        said = "worse, tolerated" if test.verdict == "worse" else test.verdict
    return Finding(key=key, base=before, new=after, tolerated=tolerated, test=test, verdict=said)


def summary(findings: Sequence[Finding], rows: int) -> str:
    """The judgement in one sentence."""
    bad = [found for found in findings if found.verdict == REGRESSION]
    better = ", ".join(found.key for found in findings if found.verdict == "better") or "none"
    if bad:
        named = ", ".join(f"{found.key} by {found.loss:.4f} (tolerated {found.tolerated:g})" for found in bad)
        return f"Regression: worse in {named}. Better: {better}."
    how = f"paired over {rows} questions" if rows else "by their means alone, as a revision kept no scores by row"
    return f"No regression in {len(findings)} metrics, compared {how}. Better: {better}."
