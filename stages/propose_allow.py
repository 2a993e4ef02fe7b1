"""Propose words for the list of labels, products and brands that are no names of people.

Proposed is what would be masked as a name without any cue in several rows: a person is named in one row, a button in many.
Read what was added before you commit it; a line that names a person after all is deleted by hand.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from stages.common.errors import run
from stages.common.files import write_text
from stages.common.pii import analyzer, spans
from stages.common.pii.engine import Engine
from stages.common.records import Record, read_records
from stages.params.mask_pii import Params
from stages.params.section import load_params

UNCUED = 0.8  # the scores of names that no cue announces lie below
ROWS = 3


def proposals(records: Iterable[Record], engine: Engine, params: Params) -> list[str]:
    """Values masked as uncued names in `ROWS` rows or more, the most frequent first."""
    rows: Counter[str] = Counter()
    for record in records:
        texts = (record.prompt, record.response)
        names = [(text, item) for text in texts for item in spans(text, engine, params) if item.entity_type == "PERSON"]
        rows.update({text[item.start : item.end] for text, item in names if item.score < UNCUED})
    return [value for value, count in rows.most_common() if count >= ROWS]


def main(
    source: Annotated[Path, typer.Argument(help="Normalised records, JSONL.")],
    target: Annotated[Path, typer.Argument(help="The list, one phrase a line; proposals are appended.")],
) -> None:
    """Append proposals to the list."""
    params = load_params("mask_pii", Params)
    found = proposals(read_records(source), analyzer(params), params)
    write_text(target, target.read_text(encoding="utf-8") + "".join(f"{value}\n" for value in found))
    typer.echo(f"{len(found)} proposed in {target}; read them before you commit")


if __name__ == "__main__":
    run(main)
