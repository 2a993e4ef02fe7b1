"""`make bench-data`: rows a second and peak memory of every data stage, beside the stack that a team writes first.

The corpus is multiplied to each size, then every stage of dvc.yaml up to `split` runs by its own command; where a size is
small enough for it, the reference stack runs stage by stage between ours. Correctness comes first: near pairs must equal
brute force, or nothing is timed.
"""

import os
import shutil
import sys
import time
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console
from ruamel.yaml import YAML

from stages.common.near import near_pairs
from stages.common.records import Record, read_records
from stages.common.tables import table
from stages.common.text import similarity
from tests.bench import reference
from tests.bench.corpus import multiplied, write_corpus
from tests.bench.measure import Usage, measured

ROOT = Path.cwd()
SEED = 1
CORRECTNESS_ROWS = 1_500
SIZES = (1_000, 10_000, 100_000, 1_000_000)
HEADER = ["rows", "stage", "s", "CPU s", "GiB", "rows/s", "reference s", "CPU s", "GiB", "ratio", "of CPU s"]
console = Console()


def stage_commands(last: str) -> dict[str, list[str]]:
    """The data stages' own commands up to `last`, in the order of dvc.yaml."""
    stages = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
    names = list(stages)
    wanted = [name for name in names[: names.index(last) + 1] if name != "pii_model"]
    return {name: [sys.executable, *stages[name]["cmd"].split()[1:]] for name in wanted}


def workspace(folder: Path, source: list[Record], size: int) -> None:
    """A folder in which the stages run by themselves: the rows, and our params with these rows as the only source."""
    write_corpus(source, size, SEED, folder / "data/raw/faqs/rows.jsonl")
    yaml = YAML()
    params: dict[str, Any] = yaml.load(ROOT / "params.yaml")
    params["ingest"]["sources"] = [
        {"path": "data/raw/faqs/rows.jsonl", "kind": "faq", "format": "jsonl", "licence": "x", "rename": {}, "fill": {}}
    ]
    params["split"]["keep_assigned"] = False
    # Without embeddings on either side: they take minutes at this size, and the reference has none.
    params["normalize"]["semantic_group"] = {}
    params["augment"]["similarity"] = "characters"
    yaml.dump(params, folder / "params.yaml")
    for name in ("data/interim", "data/splits", "metrics/data"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name in ("data/raw/splits", "data/raw/pii", "data/raw/reviews", "models/pii"):
        shutil.copytree(ROOT / name, folder / name)


def check(source: list[Record]) -> None:
    """Near pairs of ours against brute force; raises where one is missing or too many."""
    texts = [row["prompt"] for row in multiplied(source, CORRECTNESS_ROWS, SEED)]
    ours = {(one, other) for one, other, _ in near_pairs(texts, reference.THRESHOLD)}
    brute = {
        (one, other)
        for one, other in combinations(range(len(texts)), 2)
        if similarity(texts[one], texts[other]) >= reference.THRESHOLD
    }
    sketched = {(other, one) for one, other in reference.near_pairs(texts)}
    console.print(
        f"near pairs of {len(texts)} rows: brute force {len(brute)}, ours {len(ours)}, "
        f"datasketch {len(sketched)}, of which right {len(sketched & brute)}"
    )
    if ours != brute:
        raise SystemExit("near pairs differ from brute force: nothing is timed")


def near_alone(source: list[Record], size: int) -> list[str]:
    """One line: seconds of our near pairs and of datasketch's on the same questions, and how much of ours it finds."""
    texts = [row["prompt"] for row in multiplied(source, size, SEED)]
    begun = time.perf_counter()
    ours = {(one, other) for one, other, _ in near_pairs(texts, reference.THRESHOLD)}
    between = time.perf_counter()
    theirs = {(other, one) for one, other in reference.near_pairs(texts)}
    ended = time.perf_counter()
    right = len(ours & theirs)
    return [
        f"{size:,}",
        f"{between - begun:.1f}",
        f"{ended - between:.1f}",
        f"{(ended - between) / (between - begun):.1f}",
        f"{len(ours):,}",
        f"{right / len(ours):.3f}",
        f"{right / len(theirs):.3f}",
    ]


def run_ours(folder: Path, name: str, command: list[str]) -> Usage:
    return measured(command, folder, {**os.environ, "PYTHONPATH": str(ROOT)})


def run_reference(folder: Path, name: str, before: str) -> Usage:
    source = folder / (f"reference/{before}.jsonl" if before else "data/raw/faqs/rows.jsonl")
    (folder / "reference").mkdir(exist_ok=True)
    command = [sys.executable, "-m", "tests.bench.reference", name, str(source), str(folder / f"reference/{name}.jsonl")]
    return measured(command, folder, {**os.environ, "PYTHONPATH": str(ROOT)})


def bench(source: list[Record], size: int, last: str, with_reference: bool) -> list[list[str]]:
    """One line a stage, and one for the whole way; the columns are those of `HEADER`."""
    rows, before = [], ""
    total: list[Usage] = []
    total_reference: list[Usage] = []
    with TemporaryDirectory() as name:
        folder = Path(name)
        workspace(folder, source, size)
        for stage, command in stage_commands(last).items():
            total.append(run_ours(folder, stage, command))
            if with_reference:
                total_reference.append(run_reference(folder, stage, before))
                before = stage
            rows.append(line(size, stage, total[-1:], total_reference[-1:]))
            console.print(" ".join(rows[-1]))
    return [*rows, line(size, "all", total, total_reference)]


def line(size: int, stage: str, ours: list[Usage], theirs: list[Usage]) -> list[str]:
    return [f"{size:,}", stage, *figures(ours), f"{size / seconds(ours):,.0f}", *ratios(ours, theirs)]


def ratios(ours: list[Usage], theirs: list[Usage]) -> list[str]:
    """The reference's figures, and how many times ours they are by the wall and on the processor."""
    if not theirs:
        return [""] * 5
    return [*figures(theirs), f"{seconds(theirs) / seconds(ours):.1f}", f"{cpu(theirs) / cpu(ours):.1f}"]


def figures(usages: list[Usage]) -> list[str]:
    return [f"{seconds(usages):.1f}", f"{cpu(usages):.1f}", f"{max(usage.gib for usage in usages):.2f}"]


def seconds(usages: list[Usage]) -> float:
    return sum(usage.seconds for usage in usages)


def cpu(usages: list[Usage]) -> float:
    return sum(usage.cpu for usage in usages)


def main(
    sizes: Annotated[list[int] | None, typer.Argument(help="Rows; 1,000 10,000 100,000 1,000,000 where none is given.")] = None,
    reference_up_to: Annotated[int, typer.Option(help="Largest size at which the reference stack runs too.")] = 100_000,
    last: Annotated[str, typer.Option(help="Last stage to run.")] = "split",
    records: Annotated[Path, typer.Option(help="Records to multiply.")] = Path("data/interim/normalized.jsonl"),
) -> None:
    """Time the data stages at several sizes, beside the reference stack."""
    source = [row for row in read_records(records) if not row.derived]
    check(source)
    rows = [row for size in sizes or SIZES for row in bench(source, size, last, size <= reference_up_to)]
    near = [near_alone(source, size) for size in sizes or SIZES if size <= reference_up_to]
    sys.stdout.write(table(HEADER, rows, right=0))
    if near:
        header = ["rows", "near pairs, s", "datasketch, s", "ratio", "pairs", "of them datasketch finds", "of its pairs right"]
        sys.stdout.write("\n" + table(header, near, right=0))


if __name__ == "__main__":
    typer.run(main)
