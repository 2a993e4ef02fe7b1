"""Names by a model, beside the rules: our own small one, or a full engine that the user has on disk.

`mask_pii.names` says which: `rules` (none), `small` (models/pii, trained by `pii_model`), `spacy:NAME`,
`transformers:FOLDER`, `gliner:FOLDER`. Nothing is ever downloaded.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from stages.common.errors import InputError
from stages.common.pii.lists import telling
from stages.common.pii.manner import tempered
from stages.common.pii.names import TOKEN, in_label
from stages.common.pii.presidio import LocalRecognizer, RecognizerResult, spacy
from stages.common.pii.rules import LANGUAGE, ScanRecognizer
from stages.common.pii.scan import Scan
from stages.common.pii.words import NEVER

SMALL = Path("models/pii")
PEOPLE = ("PERSON", "PER", "B-PER")
SENTENCE = re.compile(r"[^\n.!?]+(?:[.!?](?!\s|$)[^\n.!?]*)*[.!?]?")
RUN = re.compile(
    r"[^\W\d_a-z][^\W\d_]*(?:['’-][^\W\d_]+)*(?: [^\W\d_a-z][^\W\d_]*(?:['’-][^\W\d_]+)*)+"
)  # capitalised words side by side
NAME = re.compile(r"[^\W\d_][\w'’. -]*[^\W\d_]")
FULL_SCORE = 0.85  # of the engines that give none


@cache
def loaded(name: str) -> Any:
    try:
        return spacy.load(name)
    except OSError as error:
        raise InputError(f"params.yaml: mask_pii.names: no spaCy pipeline '{name}': {' '.join(str(error).split())}") from None


class SmallModel(ScanRecognizer):
    """Our own model on the sentences in which words stand side by side that may be a name: most have none.

    Labels of buttons look like names to any model of this size. So what it finds is doubtful (0.5) where a list knows one
    of two words or more, and unlikely (0.3) elsewhere: counted, and masked only where `doubtful` is set lower.
    """

    def __init__(self, allowed: frozenset[str]) -> None:
        self.nlp = loaded(str(SMALL))
        self.allowed = allowed | NEVER
        self.words = telling()
        super().__init__(["PERSON"], name="small model", supported_language=LANGUAGE)

    def scanned(self, scan: Scan, entities: Sequence[str]) -> list[RecognizerResult]:
        return self.scanned_all([scan], entities)[0]

    def scanned_all(self, scans: Sequence[Scan], entities: Sequence[str]) -> list[list[RecognizerResult]]:
        """All sentences at once: the model reads thirty in the time of ten, each as if alone."""
        found: list[list[RecognizerResult]] = [[] for _ in scans]
        if "PERSON" not in entities:
            return found
        sentences = [
            (sentence[0], (place, sentence.start())) for place, scan in enumerate(scans) for sentence in self.named(scan)
        ]
        for doc, (place, offset) in self.nlp.pipe(sentences, as_tuples=True) if sentences else ():
            found[place] += self.people(doc, scans[place].text, offset)
        return found

    def named(self, scan: Scan) -> Iterator[re.Match[str]]:
        """The sentences that may hold a name."""
        if not scan.lacks(telling()):
            for sentence in SENTENCE.finditer(scan.text):
                if any(self.name_like(run[0]) for run in RUN.finditer(sentence[0])):
                    yield sentence

    def people(self, doc: Any, text: str, offset: int) -> Iterator[RecognizerResult]:
        for entity in doc.ents:
            start, end = offset + entity.start_char, offset + entity.end_char
            if not in_label(text, start, end):
                score = tempered(0.5, text, start, end) if self.name_like(entity.text) else 0.3
                yield RecognizerResult("PERSON", start, end, score)

    def name_like(self, text: str) -> bool:
        """Two to four capitalised words, one of them a name and nothing else, none of a label."""
        words = TOKEN.findall(text)
        small = {word.lower() for word in words}
        return (
            2 <= len(words) <= 4
            and NAME.fullmatch(text) is not None
            and all(word[0].isupper() and not (len(word) > 1 and word.isupper()) for word in words)
            and self.allowed.isdisjoint(small)
            and not telling().isdisjoint(small)
        )


class SpacyModel(ScanRecognizer):
    """The people of any installed spaCy pipeline."""

    def __init__(self, name: str) -> None:
        self.nlp = loaded(name)
        super().__init__(["PERSON"], name=f"spaCy {name}", supported_language=LANGUAGE)

    def scanned(self, scan: Scan, entities: Sequence[str]) -> list[RecognizerResult]:
        if "PERSON" not in entities:
            return []
        people = [entity for entity in self.nlp(scan.text).ents if entity.label_ in PEOPLE]
        return [RecognizerResult("PERSON", entity.start_char, entity.end_char, FULL_SCORE) for entity in people]


class Presidio(ScanRecognizer):
    """One of Presidio's own model recognisers."""

    def __init__(self, model: LocalRecognizer) -> None:
        self.model = model
        super().__init__(["PERSON"], name=model.name, supported_language=LANGUAGE)

    def scanned(self, scan: Scan, entities: Sequence[str]) -> list[RecognizerResult]:
        return list(self.model.analyze(scan.text, ["PERSON"], None)) if "PERSON" in entities else []


def recognizers(names: str, allowed: frozenset[str]) -> list[ScanRecognizer]:
    """What `mask_pii.names` adds to the rules."""
    engine, _, place = names.partition(":")
    if engine == "rules":
        return []
    if engine == "small":
        return [SmallModel(allowed)]
    if engine == "spacy":
        return [SpacyModel(place)]
    if not Path(place).is_dir():
        raise InputError(f"params.yaml: mask_pii.names: no folder '{place}'; nothing is downloaded")
    return [Presidio(gliner(place) if engine == "gliner" else huggingface(place))]


def huggingface(folder: str) -> LocalRecognizer:
    """Presidio's recogniser; its module is read again, because it looked for transformers while they were hidden."""
    from importlib import reload  # noqa: PLC0415

    from presidio_analyzer.predefined_recognizers.ner import huggingface_ner_recognizer as module  # noqa: PLC0415

    return reload(module).HuggingFaceNerRecognizer(model_name=folder, supported_language=LANGUAGE, device="cpu")


def gliner(folder: str) -> LocalRecognizer:
    from importlib import reload  # noqa: PLC0415

    from presidio_analyzer.predefined_recognizers.ner import gliner_recognizer as module  # noqa: PLC0415

    try:
        return reload(module).GLiNERRecognizer(
            model_name=folder, entity_mapping={"person": "PERSON"}, supported_language=LANGUAGE
        )
    except ImportError:
        raise InputError("params.yaml: mask_pii.names: gliner is not installed; pip install gliner") from None
