"""Count what the corpus is made of, after each stage, so that a change of the data shows before it shows in the scores.

Reads what every data stage wrote; writes a summary for `dvc metrics diff`, and two tables for `dvc plots` and the data card:
the composition stage by stage, and the distributions of the cleaned originals. Words are taken from masked text only.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from operator import attrgetter
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import numpy as np
import typer

from stages.common.errors import run
from stages.common.files import write_text
from stages.common.metrics import write_metrics
from stages.common.records import DIMENSIONS, Record, read_records
from stages.common.steps import parse_steps
from stages.params.describe import Params
from stages.params.section import load_params

OUTPUT = {"ingest": "ingested", "normalize": "normalized", "mask_pii": "masked", "augment": "augmented"}
SPLITS = ("train", "validation", "test")
REST = "(other)"
Line: TypeAlias = tuple[str, str, str, int]


def steps_in(record: Record) -> int:
    return len(parse_steps(record.response))


# Before cleaning, an answer has as many steps as can be read from it: 0 where it has none.
VIEWS: Mapping[str, Callable[[Record], Any]] = {
    **{name: attrgetter(name) for name in DIMENSIONS},
    "source": attrgetter("source.kind"),
    "language and register": lambda record: f"{record.language} {record.register}",
    "steps": steps_in,
}


def composition(records: Sequence[Record], stage: str) -> Iterator[Line]:
    """(stage, dimension, value, rows) of every dimension, values in order."""
    for name, view in VIEWS.items():
        for value, rows in sorted(Counter(map(view, records)).items()):
            yield stage, name, str(value), rows


def histograms(records: Sequence[Record], params: Params) -> Iterator[Line]:
    """(measure, language, value, rows): steps and words of `records`, words in bins."""
    sizes: Mapping[str, Callable[[Record], str]] = {
        "steps of an answer": lambda record: str(steps_in(record)),
        "words of a question": lambda record: span(words(record.prompt), params.question_bin),
        "words of an answer": lambda record: span(answer_words(record), params.answer_bin),
    }
    for measure, size in sizes.items():
        counts = Counter((size(record), record.language) for record in records)
        for value, language in sorted(counts, key=lambda key: (int(key[0].split("-")[0]), key[1])):
            yield measure, language, value, counts[value, language]


def opening_words(records: Sequence[Record], params: Params) -> Iterator[Line]:
    """(measure, language, word, steps): how the steps begin, the commonest words of each language first."""
    for language in sorted({record.language for record in records}):
        counts = Counter(word for record in records if record.language == language for word in openings(record))
        common = sorted(counts, key=lambda word: (-counts[word], word))[: params.openings]
        for word in common:
            yield "opening word of a step", language, word, counts[word]
        yield "opening word of a step", language, REST, counts.total() - sum(counts[word] for word in common)


def words(text: str) -> int:
    return len(text.split())


def answer_words(record: Record) -> int:
    """Words of the steps, their numbers not counted."""
    return sum(map(words, parse_steps(record.response)))


def span(value: int, width: int) -> str:
    """The bin that holds `value`, as "low-high", both included."""
    low = value // width * width
    return f"{low}-{low + width - 1}"


def openings(record: Record) -> Iterator[str]:
    """The first word of each step."""
    for step in parse_steps(record.response):
        yield step.split()[0].strip(".,:;!?\"'()").casefold()


def summary(records: Sequence[Record]) -> dict[str, Any]:
    """What the cleaned originals amount to; shares are of the rows."""
    spread = {
        "steps": [steps_in(record) for record in records],
        "question_words": [words(record.prompt) for record in records],
        "answer_words": [answer_words(record) for record in records],
    }
    languages = Counter(record.language for record in records)
    return {
        "questions": len(records),
        "domains": len({record.domain for record in records}),
        "task_types": len({record.task_type for record in records}),
        "share_checked": sum(record.review != "unreviewed" for record in records) / len(records),
        "share_of_language": {language: rows / len(records) for language, rows in sorted(languages.items())},
        **{name: quantiles(values) for name, values in spread.items()},
    }


def quantiles(values: Sequence[int]) -> dict[str, float]:
    levels = {"min": 0.0, "p10": 0.1, "median": 0.5, "p90": 0.9, "max": 1.0}
    return {name: int(np.quantile(values, level, method="inverted_cdf")) for name, level in levels.items()}


def table_text(header: Sequence[str], lines: Iterator[Line]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *lines])
    return text.getvalue()


def main(
    interim: Annotated[Path, typer.Argument(help="Folder of the records that the first stages wrote.")],
    splits: Annotated[Path, typer.Argument(help="Folder of train.jsonl, validation.jsonl and test.jsonl.")],
    report: Annotated[Path, typer.Argument(help="Summary, JSON.")],
    plots: Annotated[Path, typer.Argument(help="Folder for composition.csv and distributions.csv.")],
) -> None:
    """Count the corpus stage by stage, and describe the cleaned rows."""
    params = load_params("describe", Params)
    after = {stage: read_records(interim / f"{name}.jsonl") for stage, name in OUTPUT.items()}
    after["split"] = [record for name in SPLITS for record in read_records(splits / f"{name}.jsonl")]
    originals = [record for record in after["mask_pii"] if not record.derived]
    write_metrics(report, summary(originals))
    lines = (line for stage, records in after.items() for line in composition(records, stage))
    write_text(plots / "composition.csv", table_text(("stage", "dimension", "value", "rows"), lines))
    shape = chain(histograms(originals, params), opening_words(originals, params))
    write_text(plots / "distributions.csv", table_text(("measure", "language", "value", "rows"), shape))


if __name__ == "__main__":
    run(main)
