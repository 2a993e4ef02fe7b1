"""One reader a file format: a path in, (row number, fields by their name in the file) out.

A reader knows the format and nothing of records. What it cannot read as a whole is an error; a single
unreadable row is yielded as an `Unreadable`, so that the caller keeps it with its reason.
"""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from lxml import html
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from stages.common.errors import InputError
from stages.common.records import parse_json
from stages.common.steps import render_steps


@dataclass(frozen=True, slots=True)
class Unreadable:
    detail: str
    text: str


UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
DEEPEST = 50  # levels of a row; deeper is no table of texts
Fields: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = Iterator[tuple[int, Fields | Unreadable]]


def decoded(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise InputError(f"{path}:{line}: not UTF-8 ({error.reason}); save the file as UTF-8") from None


def read_csv(path: Path, delimiter: str = ",") -> Rows:
    csv.field_size_limit(10_000_000)
    header: list[str] | None = None
    line = 1
    with path.open(encoding="utf-8-sig", newline="") as text:
        table = csv.reader(text, delimiter=delimiter, strict=True)
        try:
            for row in table:
                if header is None and any(row):
                    header = row
                    named = [name for name in header if name]  # spreadsheets leave nameless columns behind
                    if len(set(named)) < len(named):
                        raise InputError(f"{path}:{line}: a column name stands twice in the header: {header}")
                elif header and any(row) and len(row) == len(header):
                    yield line, dict(zip(header, row, strict=True))
                elif header and any(row):
                    detail = f"{len(row)} columns where the header has {len(header)}"
                    yield line, Unreadable(detail, delimiter.join(row))
                line = table.line_num + 1
        except UnicodeDecodeError:
            decoded(path)  # says in which line
            raise
        except csv.Error as error:
            raise InputError(
                f"{path}:{line}: a quote is not closed or stands alone ({error}); double it inside a quoted field"
            ) from None


def read_tsv(path: Path) -> Rows:
    return read_csv(path, delimiter="\t")


def read_jsonl(path: Path) -> Rows:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield number, json_object(line.rstrip(b"\n"), str(path))


def json_object(text: bytes, where: str) -> Fields | Unreadable:
    try:
        value = parse_json(text, where)
        if isinstance(value, dict) and text.count(b"[") + text.count(b"{") <= DEEPEST:  # every level opens one
            return value
        return row_of(value, text.decode("utf-8", "backslashreplace"))
    except InputError as error:
        return Unreadable(str(error), text.decode("utf-8", "backslashreplace"))


def row_of(value: Any, text: str) -> Fields | Unreadable:
    """`value` if it is an object of texts and lists."""
    if not isinstance(value, dict):
        return Unreadable("not a JSON object", text)
    return value if depth(value) <= DEEPEST else Unreadable(f"nested deeper than {DEEPEST} levels", text)


def depth(value: Any) -> int:
    """Levels of lists and objects in `value`, without recursion."""
    levels, layer = 0, [value]
    while layer := [
        item for node in layer if isinstance(node, dict | list) for item in (node.values() if isinstance(node, dict) else node)
    ]:
        levels += 1
    return levels


def read_json(path: Path) -> Rows:
    items = parse_json(path.read_bytes(), str(path))
    if not isinstance(items, list):
        raise InputError(f"{path}: must hold a JSON list of objects, holds a {type(items).__name__}")
    for number, item in enumerate(items, 1):
        yield number, row_of(item, str(item)[:1000])


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


def read_html(path: Path) -> Rows:
    """schema.org FAQPage items in JSON-LD; where a page has none, its question headings and what follows them."""
    page = html.document_fromstring(
        f"<html><body></body></html>{decoded(path)}".encode(), parser=html.HTMLParser(encoding="utf-8")
    )
    meta = {node.get("name"): node.get("content") for node in page.xpath("//meta[@name and @content]")}
    scripts = page.xpath("//script[@type='application/ld+json']/text()")
    items = [item for script in scripts for item in faq_items(script, path)] or list(heading_items(page))
    for number, item in enumerate(items, 1):
        yield number, item if isinstance(item, Unreadable) else {**meta, **item}


def faq_items(script: str, path: Path) -> Iterator[Fields | Unreadable]:
    data = parse_json(script.encode(), f"{path}: JSON-LD")
    for node in listed(data.get("@graph", data) if isinstance(data, dict) else data):
        if isinstance(node, dict) and "FAQPage" in listed(node.get("@type")):
            for entity in listed(node.get("mainEntity")):
                answer = entity.get("acceptedAnswer") if isinstance(entity, dict) else None
                text = answer.get("text") if isinstance(answer, dict) else None
                if isinstance(text, str):
                    yield {"question": entity.get("name"), "answer": html_text(text)}
                else:
                    yield Unreadable("a Question needs name and acceptedAnswer.text", json.dumps(entity))


def listed(value: Any) -> list[Any]:
    """JSON-LD writes one value where others write a list of one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def heading_items(page: html.HtmlElement) -> Iterator[Fields]:
    for heading in page.xpath("//h2|//h3|//h4|//summary|//dt"):
        parts = []
        for node in heading.itersiblings():
            if node.tag in ("h1", "h2", "h3", "h4", "summary", "dt", "footer", "nav"):
                break
            if isinstance(node.tag, str):
                parts.append(html_text(html.tostring(node, encoding="unicode", with_tail=False)))
        answer = "\n".join(part for part in parts if part)
        yield {"question": " ".join(heading.text_content().split()), "answer": answer}


def html_text(markup: str) -> str:
    """Markup as text; list items keep the numbers or bullets that a browser shows."""
    root = html.fragment_fromstring(UNPRINTABLE.sub("", markup), create_parent="div")
    for node in root.iter():
        node.text, node.tail = (UNPRINTABLE.sub("", text) if text else text for text in (node.text, node.tail))
    hidden = ".//*[contains(translate(@style, ' ', ''), 'display:none') or @hidden]"
    for node in root.xpath(f".//comment()|.//script|.//style|{hidden}"):
        node.drop_tree()
    for items in root.xpath(".//ol|.//ul"):
        start = items.get("start", "")
        for number, item in enumerate(items.xpath("./li"), int(start) if re.fullmatch("[0-9]{1,4}", start) else 1):
            item.text = ("\n" + (f"{number}. " if items.tag == "ol" else "- ")) + (item.text or "").lstrip()
            item.tail = "\n"
    for node in root.xpath(".//br|.//p|.//div"):
        node.tail = "\n" + (node.tail or "")
    lines = (" ".join(line.split()) for line in root.text_content().split("\n"))
    return "\n".join(line for line in lines if line)


def read_forum(path: Path) -> Rows:
    """A forum dump: the accepted answer of a thread, else the one with most votes above zero."""
    for number, thread in read_json(path):
        if isinstance(thread, Unreadable):
            yield number, thread
            continue
        try:
            rated = [(bool(post.get("accepted")), int(post.get("votes") or 0), post["text"]) for post in thread["answers"]]
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            yield number, Unreadable(f"not a thread: 'answers' must list text, votes, accepted: {error!r}", json.dumps(thread))
            continue
        good = [post for post in rated if post[0] or post[1] > 0]
        best = max(good, key=lambda post: post[:2], default=(False, 0, ""))
        yield number, {**{key: value for key, value in thread.items() if key != "answers"}, "answer": best[2]}


def read_batch(path: Path) -> Rows:
    """A batch API's output: each line has the request that was sent and the response, or an error."""
    for number, row in read_jsonl(path):
        if isinstance(row, Unreadable):
            yield number, row
            continue
        try:
            messages = row["request"]["messages"]
            prompt = next(message["content"] for message in reversed(messages) if message["role"] == "user")
            answer = row["response"]["body"]["choices"][0]["message"]["content"] if not row.get("error") else ""
            fields = {**row["metadata"], "draft_id": row["custom_id"], "question": prompt, "answer": answer}
        except (KeyError, IndexError, TypeError, StopIteration) as error:
            yield number, Unreadable(f"not a batch result: {type(error).__name__} {error}", json.dumps(row))
        else:
            yield number, fields


READERS: dict[str, Callable[[Path], Rows]] = {
    "csv": read_csv,
    "tsv": read_tsv,
    "jsonl": read_jsonl,
    "json": read_json,
    "markdown": read_markdown,
    "html": read_html,
    "forum": read_forum,
    "batch": read_batch,
}


def text_of(value: Any) -> Any:
    """An answer given as a list of steps, as text."""
    if isinstance(value, list) and all(isinstance(step, str) for step in value):
        return render_steps(value)
    return value
