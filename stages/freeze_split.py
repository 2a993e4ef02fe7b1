"""Write down which split every original row is in, so that data added later moves none of them.

Reads the three splits; writes the assignments that the `split` stage reads. Run it when an exam has been published.
"""

from pathlib import Path
from typing import Annotated

import typer

from stages.common.errors import run
from stages.common.files import write_text
from stages.common.records import read_records
from stages.split.names import NAMES


def main(
    splits: Annotated[Path, typer.Argument(help="Folder of train.jsonl, validation.jsonl and test.jsonl.")],
    target: Annotated[Path, typer.Argument(help="The assignments, CSV: id,split.")],
) -> None:
    """Keep every row in its present split from now on."""
    rows = [(row.id, name) for name in NAMES for row in read_records(splits / f"{name}.jsonl") if not row.derived]
    write_text(target, "id,split\n" + "".join(f"{row_id},{name}\n" for row_id, name in sorted(rows)))


if __name__ == "__main__":
    run(main)
