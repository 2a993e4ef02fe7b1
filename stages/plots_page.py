"""Write the page template of `dvc plots` with Vega inside, so that plots show without a network."""

from pathlib import Path
from typing import Annotated

import typer
import vl_convert

from stages.common.errors import run
from stages.common.files import write_text

PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
{refresh_tag}
<title>Plots</title>
<style>body { font-family: sans-serif; margin: 2rem; } table { border-spacing: 1rem 0; }</style>
<script>(() => { BUNDLE })()</script>
</head>
<body>
{plot_divs}
</body>
</html>
"""


def main(target: Annotated[Path, typer.Argument(help="The template, HTML; .dvc/config names it.")]) -> None:
    """Write the page template of `dvc plots`."""
    bundle: str = vl_convert.javascript_bundle()  # type: ignore[call-arg]  # its stub is wrong
    write_text(target, PAGE.replace("BUNDLE", bundle.replace("</script", "<\\/script")))


if __name__ == "__main__":
    run(main)
