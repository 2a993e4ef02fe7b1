"""Fetch the Alpaca instructions (Taori et al. 2023) from the hub, once: fetched data is raw data, never made again by a stage.

Licence CC-BY-NC-4.0: not for commercial use.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer
from datasets import load_dataset

from stages.common.errors import run
from stages.common.records import write_jsonl

REPOSITORY = "tatsu-lab/alpaca"
REVISION = "dce01c9b08f87459cf36a430d809084718273017"


def as_row(example: Mapping[str, str]) -> dict[str, str]:
    """An instruction with its input below it, where it has one, as the question."""
    prompt = f"{example['instruction']}\n\n{example['input']}" if example["input"] else example["instruction"]
    return {"prompt": prompt, "response": example["output"]}


def main(target: Annotated[Path, typer.Argument(help="The file to write, JSONL, below data/raw/faqs.")]) -> None:
    """Write the Alpaca instructions as questions and answers."""
    write_jsonl(target, [as_row(example) for example in load_dataset(REPOSITORY, revision=REVISION, split="train")])


if __name__ == "__main__":
    run(main)
