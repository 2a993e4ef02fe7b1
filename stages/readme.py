"""Put the tables of metrics/ into README.md and data/README.md, between their marks; a test holds them together."""

import csv
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import Any

from stages.common.errors import run
from stages.common.files import write_text
from stages.common.tables import table
from stages.evaluate import flow
from stages.evaluate.power import caution
from stages.evaluate.table import HEADER, comparison_rows

PAGES = (Path("README.md"), Path("data/README.md"))
METRICS = Path("metrics")
SIZES = ("steps", "question_words", "answer_words")


def read(name: str) -> Any:
    return json.loads((METRICS / name).read_text(encoding="utf-8"))


def comparison() -> str:
    """Baseline, fine-tuned and human reference with the interval of the paired difference."""
    found = read("comparison.json")
    return table(HEADER, comparison_rows(found)) + (f"\n{warning}\n" if (warning := caution(found)) else "")


def rows_by_stage() -> str:
    """Rows through the data stages."""
    return table(flow.HEADER, flow.flow_rows(flow.read_counts(METRICS / "data")))


def refused() -> str:
    """Why rows were refused, stage by stage."""
    rows = [
        [stage, key.removeprefix("dropped_").replace("_", " "), str(value)]
        for stage in flow.STAGES
        for key, value in read(f"data/{stage}.json").items()
        if key.startswith("dropped_")
    ]
    return table(["stage", "reason", "rows"], rows, right=2)


def composition() -> str:
    """The rows after each stage, by every dimension; values that are numbers in their order."""
    rows: defaultdict[tuple[str, str], dict[str, str]] = defaultdict(dict)
    for line in plotted("composition.csv"):
        rows[line["dimension"], line["value"]][line["stage"]] = line["rows"]
    names = list(dict.fromkeys(name for name, _ in rows))
    ordered = sorted(rows, key=lambda key: (names.index(key[0]), key[1].zfill(2) if key[1].isdigit() else key[1]))
    cells = [[*key, *(rows[key].get(name, "0") for name in flow.STAGES)] for key in ordered]
    return table(["dimension", "value", *flow.STAGES], cells, 2)


def sizes() -> str:
    """How long the cleaned questions and answers are."""
    found = read("data/describe.json")
    columns = ("min", "p10", "median", "p90", "max")
    rows = [[name.replace("_", " "), *(str(found[name][key]) for key in columns)] for name in SIZES]
    return table(["size", "least", "10 %", "median", "90 %", "most"], rows)


def distribution(measure: str) -> str:
    """The values of one measure with their share in each language."""
    found = shares(measure)
    values = dict.fromkeys(line["value"] for line in plotted("distributions.csv") if line["measure"] == measure)
    rows = [[value, *(lines.get(value, "") for lines in found.values())] for value in values]
    return table([measure, *found], rows)


def openings() -> str:
    """How the steps of the cleaned answers begin, the commonest first, each language for itself."""
    found = shares("opening word of a step")
    columns = [[f"{word} {share}" for word, share in lines.items()] for lines in found.values()]
    return table(list(found), zip_longest(*columns, fillvalue=""), right=len(columns))


def shares(measure: str) -> dict[str, dict[str, str]]:
    """Language to value to share of the language's rows, in per cent."""
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for line in plotted("distributions.csv"):
        if line["measure"] == measure:
            counts[line["language"]][line["value"]] = int(line["rows"])
    return {
        language: {value: f"{100 * rows / sum(found.values()):.1f} %" for value, rows in found.items()}
        for language, found in sorted(counts.items())
    }


def plotted(name: str) -> Iterator[dict[str, str]]:
    """The lines of a table that `dvc plots` draws too."""
    yield from csv.DictReader((METRICS / "plots" / name).read_text(encoding="utf-8").splitlines())


def masking() -> str:
    """What the masking finds of the labelled set, by type and language, and how much of what it masks is right."""
    found = read("pii.json")
    rows = []
    for name in sorted({key.rpartition("_")[0] for key in found["recall"]}):
        right = found["precision"].get(name.removesuffix("_cued").removesuffix("_uncued"))
        recall = [
            f"{found['recall'][key]:.3f}" if (key := f"{name}_{code}") in found["recall"] else "" for code in ("en", "id")
        ]
        rows.append([name, *recall, "" if right is None else f"{right:.3f}"])
    return table(["type", "recall, English", "recall, Indonesian", "precision"], rows)


BLOCKS: Mapping[str, Callable[[], str]] = {
    "comparison": comparison,
    "masking": masking,
    "flow": rows_by_stage,
    "refused": refused,
    "composition": composition,
    "sizes": sizes,
    "steps": partial(distribution, "steps of an answer"),
    "question_words": partial(distribution, "words of a question"),
    "answer_words": partial(distribution, "words of an answer"),
    "openings": openings,
}


def filled(page: str) -> str:
    """`page` with each block `<!-- NAME -->...<!-- /NAME -->` made anew."""
    for name, make in BLOCKS.items():
        page = re.sub(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", rf"\g<1>{make()}\g<2>", page, flags=re.DOTALL)
    return page


def main() -> None:
    """Write the tables of metrics/ into the README files."""
    for path in PAGES:
        write_text(path, filled(path.read_text(encoding="utf-8")))


if __name__ == "__main__":
    run(main)
