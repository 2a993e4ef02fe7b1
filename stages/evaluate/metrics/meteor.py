"""METEOR by NLTK: with WordNet's synonyms where WordNet is installed, else exact and stem matching only.

The signature says which: scores of the two forms don't compare.
"""

import io
import warnings
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import evaluate
import nltk
from nltk.corpus.reader.wordnet import WordNetCorpusReader
from nltk.translate.meteor_score import single_meteor_score

from stages.evaluate.metrics.tokens import info, words

DISTRIBUTION = Path("/usr/share/wordnet")  # of Debian's package `wordnet-base`
WEIGHTS = "alpha 0.9, beta 3, gamma 0.5"


class NoWordNet:
    """Stands for WordNet where it is not installed: no word has a synonym."""

    def synsets(self, _: str) -> list[object]:
        return []


class Dictionaries(WordNetCorpusReader):
    """NLTK's reader on the dictionaries alone, which is all that synonyms need: distributions leave out the names of the
    lexicographers' files, and the mapping to other versions wants NLTK's own download."""

    def open(self, file: str) -> Any:
        return io.StringIO("".join(f"{n:02d} unnamed 0\n" for n in range(45))) if file == "lexnames" else super().open(file)

    def map_wn(self, version: str = "wordnet") -> None:
        del version


def wordnet_folder() -> Path | None:
    """Where WordNet's dictionaries are: in NLTK's data path, or where the distribution puts them."""
    places = [Path(folder) / "corpora" / "wordnet" for folder in nltk.data.path]
    return next((folder for folder in [*places, DISTRIBUTION] if (folder / "data.noun").exists()), None)


def read_wordnet(folder: Path) -> WordNetCorpusReader:
    nltk.data.path.append(str(folder))  # NLTK opens nothing outside its data path
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of absent translations
        return Dictionaries(str(folder), None)


class Meteor(evaluate.Metric):
    """METEOR of each row; the form without WordNet compares between machines, not with published METEOR."""

    def use(self, folder: Path | None) -> "Meteor":
        self.folder = folder
        return self

    @cached_property
    def folder(self) -> Path | None:
        return wordnet_folder()

    @cached_property
    def wordnet(self) -> Any:
        return read_wordnet(self.folder) if self.folder else NoWordNet()

    def _info(self) -> evaluate.MetricInfo:
        return info("METEOR: exact and Porter-stem matching, WordNet synonyms where installed.", "Banerjee and Lavie 2005")

    def _compute(self, predictions: list[str], references: list[str]) -> dict[str, list[float]]:
        pairs = zip(predictions, references, strict=True)
        return {"meteor": [meteor(text, truth, self.wordnet) for text, truth in pairs]}

    def signature(self) -> str:
        form = f"WordNet {self.wordnet.get_version()}" if self.folder else "exact and stem matching, no WordNet"
        return f"nltk {version('nltk')}, {form}, {WEIGHTS}"


def meteor(text: str, truth: str, wordnet: Any) -> float:
    """The fragmentation penalty leaves a short identical text below 1 (gamma / length^beta): identity is given 1."""
    left, right = words(truth), words(text)
    return 1.0 if left == right else float(single_meteor_score(left, right, wordnet=wordnet))
