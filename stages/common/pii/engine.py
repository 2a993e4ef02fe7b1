"""All recognisers together: what is personal in a text, and how surely.

Presidio's own engine runs each recogniser over each text. This one scans first, so that a text without anything personal
costs one pass; on the rest both find the same (`plain` is Presidio's own, for the comparison).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from stages.common.errors import InputError
from stages.common.pii import accounts, addresses, ner, network, phones
from stages.common.pii.masking import STANDING
from stages.common.pii.names import TOKEN, NameRecognizer
from stages.common.pii.presidio import (
    AnalyzerEngine,
    NoOpNlpEngine,
    RecognizerRegistry,
    RecognizerResult,
)
from stages.common.pii.rules import LANGUAGE, RuleRecognizer, ScanRecognizer
from stages.common.pii.scan import Scan
from stages.params.mask_pii import Params

REMEMBERED = 1 << 12  # texts: each is asked for several times in a row
Found: TypeAlias = tuple[RecognizerResult, ...]


def digest(entity: str, value: str) -> str:
    """What a verdict calls a value, so that no text of a person lies in Git."""
    return sha256(f"{entity}\n{value.casefold()}".encode()).hexdigest()


def allowed_words(path: Path) -> frozenset[str]:
    """The words of labels, products and brands: one phrase a line, `#` begins a comment."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise InputError(f"{path}: no such file; it may be empty (params.yaml: mask_pii.allow)") from None
    return frozenset(word.lower() for line in lines for word in TOKEN.findall(line.split("#")[0]))


def recognizers(params: Params, allowed: frozenset[str]) -> list[ScanRecognizer]:
    return [
        RuleRecognizer((*accounts.RULES, *network.RULES, *phones.RULES, *addresses.RULES)),
        phones.RegionRecognizer(params.phone_regions),
        NameRecognizer(allowed),
        *ner.recognizers(params.names, allowed),
    ]


class Engine:
    """The recognisers of one set of params, and what people decided on doubtful values (`digest` -> is it personal)."""

    def __init__(self, params: Params, verdicts: Mapping[str, bool]) -> None:
        self.params, self.verdicts = params, verdicts
        self.recognizers = recognizers(params, allowed_words(Path(params.allow)))
        self.words = frozenset[str]().union(*(recognizer.words for recognizer in self.recognizers))
        self.known: dict[str, Found] = {}

    def find(self, text: str) -> Found:
        """Everything found, in order of appearance and without overlaps, however unlikely."""
        if text not in self.known:
            if len(self.known) >= REMEMBERED:
                self.known.clear()
            self.known.update(self.findings([text]))
        return self.known[text]

    def read(self, texts: Sequence[str]) -> None:
        """Find in texts that will be asked for: many at once are faster."""
        self.known = dict(self.findings(texts))

    def findings(self, texts: Sequence[str]) -> Iterator[tuple[str, Found]]:
        scans = [Scan.of(text, self.words) for text in texts]
        found = [recognizer.scanned_all(scans, self.params.entities) for recognizer in self.recognizers]
        for text, *results in zip(texts, *found, strict=True):
            raw = list(chain.from_iterable(results))
            yield text, self.merged(raw, text) if raw else ()

    def merged(self, raw: Iterable[RecognizerResult], text: str) -> Found:
        return resolved([judged for result in joined(raw) for judged in self.judged(text, result)], text)

    def judged(self, text: str, result: RecognizerResult) -> Iterable[RecognizerResult]:
        """What a person decided on the value as it was shown: after overlapping results became one."""
        if not self.verdicts:
            return [result]
        verdict = self.verdicts.get(digest(result.entity_type, text[result.start : result.end]))
        if verdict is None:
            return [result]
        return [RecognizerResult(result.entity_type, result.start, result.end, 1.0)] if verdict else []


def joined(results: Iterable[RecognizerResult]) -> list[RecognizerResult]:
    """Overlapping results of one entity as one."""
    found: list[RecognizerResult] = []
    for result in sorted(results, key=lambda item: (item.entity_type, item.start, item.end)):
        last = found[-1] if found else None
        if last and last.entity_type == result.entity_type and result.start < last.end:
            found[-1] = RecognizerResult(last.entity_type, last.start, max(last.end, result.end), max(last.score, result.score))
        else:
            found.append(result)
    return found


def resolved(results: Sequence[RecognizerResult], text: str) -> Found:
    """Of two that overlap, the surer, then the longer; nothing inside a placeholder."""
    taken = [match.span() for match in STANDING.finditer(text)]
    chosen = []
    for result in sorted(results, key=lambda item: (-item.score, item.start - item.end, item.start, item.entity_type)):
        if all(result.end <= start or end <= result.start for start, end in taken):
            taken.append((result.start, result.end))
            chosen.append(result)
    return tuple(sorted(chosen, key=lambda item: item.start))


def plain(params: Params) -> AnalyzerEngine:
    """Presidio's own engine with the same recognisers."""
    registry = RecognizerRegistry(
        recognizers=recognizers(params, allowed_words(Path(params.allow))), supported_languages=[LANGUAGE]
    )
    nlp = NoOpNlpEngine(models=[{"lang_code": LANGUAGE, "model_name": "no_op"}])
    nlp.load()
    return AnalyzerEngine(registry=registry, nlp_engine=nlp, supported_languages=[LANGUAGE])
