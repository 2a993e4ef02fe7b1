"""metrics/report.html: one file without anything to fetch, readable on a phone, in light and dark."""

from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from stages.evaluate import flow, table
from stages.evaluate.keys import MEASURED, SYSTEMS
from stages.report import charts
from stages.report.examples import best, regressions, worst
from stages.report.findings import SHOWN, Findings
from stages.report.verdicts import verdicts

TEMPLATE = Path(__file__).with_name("page.html.jinja")
WORDS_IN_BIN = 12


def page(findings: Findings) -> str:
    """Every value is escaped by the template; only `charts` makes markup."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    comparison = findings.comparison
    return environment.from_string(TEMPLATE.read_text(encoding="utf-8")).render(
        comparison=comparison,
        verdicts=verdicts(findings),
        header=table.HEADER,
        rows=table.comparison_rows(comparison),
        shown=SHOWN,
        forest=charts.forest({key: comparison["difference"][key] for key in MEASURED}),
        group_charts=group_charts(findings),
        curves=charts.curves(findings.losses) if any(findings.losses.values()) else "",
        steps=charts.histogram({system: findings.steps(system) for system in SYSTEMS}, 1, "Steps an answer"),
        words=charts.histogram({system: findings.words(system) for system in SYSTEMS}, WORDS_IN_BIN, "Words an answer"),
        parts={"Regressions": regressions(findings), "Good answers": best(findings), "Bad answers": worst(findings)},
        people=findings.people,
        pii=findings.pii,
        flow_header=[*flow.HEADER, "refused, by reason"],
        flow=[[*flow.flow_row(stage, counts), flow.reasons(counts)] for stage, counts in findings.flow.items()],
    )


def group_charts(findings: Findings) -> dict[str, dict[str, Markup]]:
    """For each field with groups, a chart for each headline metric."""
    return {
        field: {
            key: charts.group_bars(
                {name: {system: group[system][key] for system in SYSTEMS[:2]} for name, group in groups.items()},
                {name: group["n"] for name, group in groups.items()},
                f"{key} by {field}",
            )
            for key in findings.comparison["headline"]
        }
        for field, groups in findings.comparison["groups"].items()
        if groups
    }
