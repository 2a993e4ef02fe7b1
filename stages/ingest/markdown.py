"""Help pages in Markdown: a heading asks, the text below it answers."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.common.errors import InputError
from stages.ingest.readers import Rows, decoded


def read_markdown(path: Path) -> Rows:
    """A help page: YAML front matter for all its questions, each a heading, the answer the text below it."""
    text = decoded(path).replace("\r\n", "\n")
    front, body, first = {}, text, 1
    if match := re.match(r"---\n(.*?)\n---\n", text, re.DOTALL):
        front, body, first = front_matter(path, match[1]), text[match.end() :], match[0].count("\n") + 1
    for number, level, heading, answer in sections(body, first):
        if answer or level > 1:  # a page's own title stands above its questions and has no text
            yield number, {**front, "question": heading, "answer": answer}


def front_matter(path: Path, text: str) -> dict[str, Any]:
    try:
        values = YAML(typ="safe", pure=True).load(text)
    except (YAMLError, ValueError, RecursionError) as error:
        raise InputError(f"{path}:1: front matter is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise InputError(f"{path}:1: front matter must be `key: value` lines")
    return {key: str(value) for key, value in values.items() if isinstance(value, str | int | float)}


def sections(body: str, first_line: int) -> Iterator[tuple[int, int, str, str]]:
    """Yield (line, level, heading, text up to the next heading); code fences hold no headings."""
    line, level, heading, block, fenced = first_line, 0, "", list[str](), False
    for number, row in enumerate(body.split("\n"), first_line):
        fenced ^= row.lstrip().startswith("```")
        if not fenced and (match := re.match(r"(#{1,6})\s+(.+?)\s*#*$", row)):
            if heading:
                yield line, level, heading, "\n".join(block).strip()
            line, level, heading, block = number, len(match[1]), match[2], []
        else:
            block.append(row)
    if heading:
        yield line, level, heading, "\n".join(block).strip()
