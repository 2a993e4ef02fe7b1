"""Help pages in HTML: their JSON-LD, else their headings and what follows them; markup as the text that a browser shows."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lxml import html

from stages.common.records import parse_json
from stages.ingest.readers import Fields, Rows, Unreadable, decoded

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


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
