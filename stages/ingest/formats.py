"""The reader of each format that `ingest.sources` may name."""

from collections.abc import Callable
from pathlib import Path

from stages.ingest.dumps import read_batch, read_forum
from stages.ingest.html import read_html
from stages.ingest.markdown import read_markdown
from stages.ingest.readers import Rows, read_csv, read_json, read_jsonl, read_tsv

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
