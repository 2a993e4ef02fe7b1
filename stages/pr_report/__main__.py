"""Print the comment of a pull request: verdict, metrics, params and data against the base branch.

Reads metrics/ and params.yaml of both revisions out of Git. It prints plain Markdown without links, code marks or HTML: what
posts it escapes those, as the text comes from the pull request.
"""

import subprocess
import sys
from typing import Annotated

import typer

from stages.common.errors import InputError, run
from stages.common.tables import escape, table
from stages.gate.verdict import HEADER, NOT_COMPARABLE, Verdict, verdict
from stages.pr_report.data import data_part

APART = "The verdict says why these means do not compare: how they differ is not what this change did.\n\n"
FILES = ("metrics/evaluation.json", "metrics/train.json", "metrics/base_model.json")


def dvc(*arguments: str) -> str:
    """What a `dvc` command prints; it prints an empty table's head where nothing differs."""
    done = subprocess.run([sys.executable, "-m", "dvc", *arguments], capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise InputError(f"dvc {' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def diff(what: str, base: str) -> str:
    """`dvc metrics diff` or `dvc params diff`, or that nothing changed."""
    targets = ["--targets", *FILES] if what == "metrics" else []
    found = dvc(what, "diff", base, "--md", *targets)
    return f"{found}\n" if found.count("\n") > 1 else f"No change of {what}.\n"


def verdict_part(found: Verdict) -> str:
    """The sentence, and the metrics of which there is something to say."""
    told = [cells for cells in found.rows() if cells[-1] != "no evidence"]
    said = "\n\n".join(f"**{escape(text)}**" for text in (found.sentence, found.warning) if text)
    return f"{said}\n" + (f"\n{table(HEADER, told)}" if told else "")


def comment(base: str, link: str) -> str:
    found = verdict(base)
    caution = APART if found.code == NOT_COMPARABLE else ""
    parts = {
        f"Against {escape(base)}": verdict_part(found),
        "Metrics": caution + diff("metrics", base),
        "Params": diff("params", base),
        "Data": data_part(base),
        "Report": f"metrics/report.html of this revision{f', kept as an artifact: {link}' if link else ''}\n",
    }
    return "\n".join(f"### {title}\n\n{text}" for title, text in parts.items())


def main(
    base: Annotated[str, typer.Option(help="The branch that the pull request wants to go to.")],
    link: Annotated[str, typer.Option(help="Where the report's artifact is.")] = "",
) -> None:
    """Print the comment."""
    print(comment(base, link), end="")


if __name__ == "__main__":
    run(main)
