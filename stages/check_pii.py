"""The gate behind `mask_pii`: nothing that is surely personal may stand in what the pipeline publishes.

Reads the text files of the splits, predictions, models and metrics; fails and names file, line and type of each finding,
never its value. Looks for canaries (invented people of the unmasked input) in everything that both models answered, and
measures the masking on labelled messages and on general sentences, where it should leave every name. Weights and tokenizer
vocabularies are not text and are not read.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any, ClassVar

import typer
from pydantic import ConfigDict, TypeAdapter

from stages.common.errors import InputError, run
from stages.common.files import write_text
from stages.common.metrics import write_metrics
from stages.common.pii import analyzer, spans
from stages.common.pii.engine import Engine
from stages.common.pii.quality import LABELLED, measure
from stages.common.pii.scan import digits_of
from stages.common.pii.verdicts import read_verdicts
from stages.common.records import json_lines, parse_json, read_records, read_rows
from stages.common.tables import escape, table
from stages.params.check_pii import Params
from stages.params.mask_pii import Params as PiiParams
from stages.params.section import load_params

TEXT = (".json", ".jsonl", ".md", ".csv", ".txt", ".jinja")
LATER = ("report.md",)  # of the run before; the next one is made of what was read here
VOCABULARY = ("tokenizer.json", "vocab.json", "strings.json")  # pieces of words
LONG = 9  # digits of a number that is a canary in any grouping


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")
    entity: str
    value: str

    def stands_in(self, text: str) -> bool:
        number = digits_of(self.value)
        return self.value.casefold() in text.casefold() or (len(number) >= LONG and number in digits_of(text))


CANARY = TypeAdapter(Canary)


def strings(value: Any) -> Iterator[str]:
    """The texts inside a JSON value; its numbers and keys are no text of a person."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            yield from strings(item)


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """(line from 1, text) of a file; a JSON file is one line."""
    if path.suffix == ".jsonl":
        for number, value in json_lines(path):
            yield from ((number, text) for text in strings(value))
    elif path.suffix == ".json":
        yield from ((1, text) for text in strings(parse_json(path.read_bytes(), str(path))))
    else:
        yield from enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)


def published(folders: Iterable[Path], own: Iterable[Path]) -> list[Path]:
    """The text files below the folders, but for this stage's own."""
    files = {path for folder in folders for path in folder.rglob("*") if path.suffix in TEXT}
    return sorted(path for path in files - set(own) if path.name not in (*VOCABULARY, *LATER))


def findings(paths: Iterable[Path], engine: Engine, sure: float) -> list[str]:
    """`file:line: type` of each value that is surely personal."""
    return [
        f"{path}:{line}: {found.entity_type}"
        for path in paths
        for line, text in texts(path)
        for found in engine.find(text)
        if found.score >= sure
    ]


def canaries(listed: Iterable[Canary], unmasked: Path, answers: Iterable[Path]) -> dict[str, int]:
    """How many of the listed stand in the unmasked input, how many answers were searched, how many said one."""
    before = "\n".join(f"{record.prompt}\n{record.response}" for record in read_records(unmasked))
    planted = [canary for canary in listed if canary.value in before]
    said = [str(row.get("answer", "")) for path in answers for _, row in json_lines(path)]
    generated = sum(any(canary.stands_in(line) for text in said for line in text.splitlines()) for canary in planted)
    return {"tried": len(planted), "answers": len(said), "generated": generated}


def misses_page(lines: Iterable[str]) -> str:
    rows = [[escape(cell) for cell in line.split(" | ", 3)] for line in lines]
    head = ["# What masking gets wrong on the labelled and the general set", "", "No value in them is a private person's.", ""]
    return "\n".join(head) + "\n" + table(["", "type and language", "value", "text"], rows, right=4)


def main(
    unmasked: Annotated[Path, typer.Argument(help="Normalised records, where the canaries stand.")],
    baseline: Annotated[Path, typer.Argument(help="Answers of the base model, JSONL.")],
    finetuned: Annotated[Path, typer.Argument(help="Answers with the adapter, JSONL.")],
    lists: Annotated[Path, typer.Argument(help="Folder with labelled.jsonl, general.jsonl and canaries.jsonl.")],
    reviews: Annotated[Path, typer.Argument(help="Folder of people's verdicts, pii-*.jsonl.")],
    report: Annotated[Path, typer.Argument(help="Metrics, JSON.")],
    misses: Annotated[Path, typer.Argument(help="Misses on both sets, Markdown.")],
    folders: Annotated[list[Path], typer.Argument(help="Folders whose text files may hold no personal data.")],
) -> None:
    """Fail where personal data got past the masking; measure how well it masks."""
    params, pii = load_params("check_pii", Params), load_params("mask_pii", PiiParams)
    engine = analyzer(pii, read_verdicts(reviews))
    paths = published(folders, (report, misses))
    found = findings(paths, engine, pii.sure)
    if found:
        named = "; ".join(found[: params.named])
        raise InputError(f"{len(found)} values that are surely personal got past the masking: {named}")
    labelled, general = (read_rows(lists / name, LABELLED) for name in ("labelled.jsonl", "general.jsonl"))
    find = partial(spans, engine=engine, params=pii)
    (scores, wrong), (_, beside) = measure(labelled, find), measure(general, find)
    over = {"rows": len(general), "over_masked_rate": sum(bool(find(row.text)) for row in general) / len(general)}
    birds = canaries(read_rows(lists / "canaries.jsonl", CANARY), unmasked, (baseline, finetuned))
    gate = {"findings": len(found)}  # no count of files: what lies about from an earlier run must not change a metric
    write_metrics(report, {**scores, "labelled": {"rows": len(labelled)}, "general": over, "gate": gate, "canaries": birds})
    write_text(misses, misses_page([*wrong, *beside]))
    if birds["generated"]:
        raise InputError(f"the models answered {birds['generated']} of {birds['tried']} canaries; see {report}")


if __name__ == "__main__":
    run(main)
