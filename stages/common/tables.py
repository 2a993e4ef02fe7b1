"""Markdown that shows any text as text."""

from collections.abc import Iterable, Sequence


def escape(text: str) -> str:
    """`text` for a table cell or list item: no markup, no line breaks, no second column."""
    flat = "<br>".join(text.replace("&", "&amp;").replace("<", "&lt;").strip().split("\n"))
    return "".join(f"\\{char}" if char in "\\`*_[]|#!~" else char for char in flat)


def table(header: Sequence[str], rows: Iterable[Sequence[str]], right: int = 1) -> str:
    """A Markdown table; the columns from number `right` on are aligned to the right."""
    rule = [":--" if column < right else "--:" for column in range(len(header))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in [header, rule, *rows]) + "\n"
