"""Rows a second of our masking and of plain Presidio with the same recognisers, in turns on the same texts.

    python -m tests.bench.pii data/interim/normalized.jsonl

Plain Presidio is `BatchAnalyzerEngine` over its spaCy engine with a blank tokenizer (it needs one), every recogniser on
every text. The texts are the project's questions and answers, as `mask_pii` reads them: one row in ten has personal data.
"""

import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from presidio_analyzer import BatchAnalyzerEngine
from presidio_analyzer.nlp_engine import SpacyNlpEngine

from stages.common.pii import analyzer, spans
from stages.common.pii.engine import joined, plain, resolved
from stages.common.pii.presidio import spacy
from stages.common.records import Record, read_records
from stages.params.mask_pii import Params
from stages.params.section import load_params

TURN = 100  # rows that one side does before the other
Found = list[tuple[str, int, int]]


class Blank(SpacyNlpEngine):
    """spaCy's tokenizer alone, for Presidio."""

    def load(self) -> None:
        self.nlp = {"en": spacy.blank("xx")}


def texts(rows: Sequence[Record]) -> list[str]:
    return [text for row in rows for text in (row.prompt, row.response)]


def ours(params: Params) -> Callable[[list[str]], list[Found]]:
    engine = analyzer(params)

    def find(batch: list[str]) -> list[Found]:
        engine.read(batch)
        return [[(item.entity_type, item.start, item.end) for item in spans(text, engine, params)] for text in batch]

    return find


def presidio(params: Params) -> Callable[[list[str]], list[Found]]:
    engine = plain(params)
    engine.nlp_engine = Blank(models=[{"lang_code": "en", "model_name": "blank"}])
    engine.nlp_engine.load()
    batches = BatchAnalyzerEngine(analyzer_engine=engine)

    def find(batch: list[str]) -> list[Found]:
        found = batches.analyze_iterator(batch, language="en", entities=list(params.entities), score_threshold=params.doubtful)
        return [
            [(item.entity_type, item.start, item.end) for item in resolved(joined(results), text)]
            for text, results in zip(batch, found, strict=True)
        ]

    return find


def compared(rows: Sequence[Record], params: Params) -> dict[str, Any]:
    """Seconds of each side in turns, and in how many texts they differ."""
    sides = {"ours": ours(params), "presidio": presidio(params)}
    for find in sides.values():
        find(["My name is Rina, call 0812 3456 7890."])  # what is read once is read now
    seconds, different = dict.fromkeys(sides, 0.0), 0
    for start in range(0, len(rows), TURN):
        batch, results = texts(rows[start : start + TURN]), {}
        for name, find in sides.items():
            begin = time.process_time()
            results[name] = find(batch)
            seconds[name] += time.process_time() - begin
        different += sum(one != other for one, other in zip(results["ours"], results["presidio"], strict=True))
    return {"rows": len(rows), "different": different, **{name: len(rows) / value for name, value in seconds.items()}}


def main(source: Path) -> None:
    rows = read_records(source)
    params = load_params("mask_pii", Params)
    without = [entity for entity in params.entities if entity != "PERSON"]
    for title, change in (
        ("patterns", {"entities": without, "names": "rules"}),
        ("with names by rules", {"names": "rules"}),
        ("with names, small model too", {"names": "small"}),
    ):
        found = compared(rows, params.model_copy(update=change))
        factor = found["ours"] / found["presidio"]
        print(
            f"{title}: {found['ours']:.0f} rows/s, Presidio {found['presidio']:.0f}, {factor:.1f} times; {found['different']} texts differ"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
