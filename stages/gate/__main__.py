"""Exit 0 where the working tree is no worse than another revision, 2 where it is, 3 where the two can't be compared.

Reads metrics/ of both; the thresholds are `evaluate.gate` in params.yaml of the other revision.
"""

from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from stages.common.errors import run
from stages.common.tables import escape, table
from stages.gate.verdict import HEADER, Verdict, verdict

NARROW = (0, 1, 2, 3, 5, 6, 7)  # columns for a terminal: all but the interval


def show(found: Verdict) -> None:
    """For a terminal."""
    console = Console()
    grid = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for place in NARROW:
        grid.add_column(HEADER[place], justify="right" if place else "left", no_wrap=True, min_width=0 if place else 20)
    for cells in found.rows():
        grid.add_row(*(cells[place] for place in NARROW))
    if found.findings:
        console.print(grid)
    for text in filter(None, (found.sentence, found.warning)):
        console.print(text, markup=False, highlight=False)


def markdown(found: Verdict) -> str:
    grid = "\n" + table(HEADER, found.rows()) if found.findings else ""
    told = "\n\n".join(escape(text) for text in (found.sentence, found.warning) if text)
    return f"{told}\n{grid}"


def main(
    against: Annotated[str, typer.Option(help="A branch, tag or commit.")],
    md: Annotated[bool, typer.Option("--md", help="Print Markdown.")] = False,
) -> None:
    """Compare the working tree's metrics with another revision's."""
    found = verdict(against)
    if md:
        print(markdown(found), end="")
    else:
        show(found)
    raise typer.Exit(found.code)


if __name__ == "__main__":
    run(main)
