"""Write the report in two forms, metrics/report.md and metrics/report.html.

Apart from `evaluate`, because how a result is shown changes more often than how it is measured, and because the report also
shows what is measured after it. Reads the comparison, every row's scores, the answers, the counts of the data stages, the loss
curves, and metrics/pii.json where the masking has been measured.
"""

from pathlib import Path
from typing import Annotated

import typer

from stages.common.errors import run
from stages.common.files import write_text
from stages.params.report import Params
from stages.params.section import load_params
from stages.report.findings import read_findings
from stages.report.markdown import markdown
from stages.report.page import page


def main(
    test: Annotated[Path, typer.Argument(help="Test split, JSONL.")],
    predictions: Annotated[Path, typer.Argument(help="Folder of both models' answers and of the scores of each row.")],
    metrics: Annotated[Path, typer.Argument(help="Folder of metrics, where the report is written too.")],
) -> None:
    """Write the report."""
    findings = read_findings(test, predictions, metrics, load_params("report", Params).examples)
    write_text(metrics / "report.md", markdown(findings))
    write_text(metrics / "report.html", page(findings))


if __name__ == "__main__":
    run(main)
