"""One self-contained HTML file from the frame, a page's own script, and data: no network, and no text can become markup.

The content policy allows the two inlined blocks by their hash and nothing else, so a script in the data could not run
even if it got into the markup; data is JSON in which `<`, `>` and `&` are escaped.
"""

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup

FOLDER = Path(__file__).parent


def source(text: str) -> str:
    """A content policy's name for an inlined block."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"


@cache
def frame() -> Template:
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, undefined=StrictUndefined)
    return environment.get_template("page.html")


def page(title: str, script: str, data: Mapping[str, Any]) -> str:
    """The page of `script` (a .js file of this folder, run after the frame's) on `data`."""
    style = (FOLDER / "page.css").read_text(encoding="utf-8")
    code = "\n".join((FOLDER / f"{name}.js").read_text(encoding="utf-8") for name in ("frame", script, "start"))
    policy = f"default-src 'none'; script-src {source(code)}; style-src {source(style)}; base-uri 'none'; form-action 'none'"
    return frame().render(
        title=title,
        policy=policy,
        style=Markup(style),  # noqa: S704  # ours, read from this folder
        script=Markup(code),  # noqa: S704
        data=data,
    )
