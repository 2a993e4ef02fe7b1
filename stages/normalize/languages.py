"""Whether an answer is in another language than its row says, told by py3langid for many rows at a time.

Its model reads a text byte by byte in Python. Here all texts take each step together, as rows of an array: enough to tell
which are in their own language beyond doubt. The few others are left to the library itself.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from py3langid.langid import MODEL_FILE, LanguageIdentifier
from scipy.special import softmax

from stages.common.errors import InputError

SURE = 0.99  # probability of another language
DOUBT = 0.1  # probability of a text's own language; at or over, no other can be sure, however the sums are rounded


@dataclass(frozen=True, slots=True)
class Model:
    langid: LanguageIdentifier
    moves: NDArray[np.uint32]  # next state, at the row of a state plus a byte
    row: NDArray[np.uint32]  # of each state
    found: NDArray[np.int32]  # feature that reaching a state counts, or -1
    weights: NDArray[np.float64]  # shape (features, languages)


def in_another_language(texts: Sequence[str], said: Sequence[str], languages: tuple[str, ...]) -> list[bool]:
    """Of each text, whether it is surely in another of `languages` than `said`; never, where that is none of them."""
    result = [False] * len(texts)
    asked = [place for place, language in enumerate(said) if language in languages]
    if len(languages) < 2 or not asked:
        return result
    model = load(languages)
    own = [model.langid.nb_classes.index(said[place]) for place in asked]
    certain = probabilities([texts[place] for place in asked], model)[np.arange(len(asked)), own] >= DOUBT
    for place in (place for place, enough in zip(asked, certain.tolist(), strict=True) if not enough):
        found, probability = model.langid.classify(texts[place])
        result[place] = probability >= SURE and found != said[place]
    return result


def probabilities(texts: Sequence[str], model: Model) -> NDArray[np.float64]:
    """Of each language, shape (texts, languages): the library's formula in 64 bits."""
    encoded = [encode(text) for text in texts]
    text, feature, count = visits(encoded, model)
    seen = np.log1p(count)[:, None] * model.weights[feature]
    scores = np.stack([np.bincount(text, column, len(texts)) for column in seen.T], axis=1) + model.langid.nb_pc
    scores[np.bincount(text, minlength=len(texts)) == 0] = 0
    scores /= np.sqrt([[len(letters) or 1] for letters in encoded])
    return np.asarray(softmax(scores, axis=1))


def encode(text: str) -> bytes:
    """As the library does."""
    return unicodedata.normalize("NFC", text.lower() if text.isupper() else text).encode("utf-8", "surrogatepass")


def visits(texts: Sequence[bytes], model: Model) -> tuple[NDArray[np.integer[Any]], ...]:
    """Every (text, feature) that occurs and how often: the automaton's walk over all texts, the longest first."""
    lengths = np.array([len(text) for text in texts])
    order = np.argsort(-lengths, kind="stable")
    letters = np.frombuffer(b"".join(texts), np.uint8)
    starts = (np.cumsum(lengths) - lengths)[order]
    left = len(texts) - np.searchsorted(np.sort(lengths), np.arange(lengths.max(initial=0)), side="right")
    visited = np.empty(len(letters), dtype=np.uint32)
    state = np.zeros(len(texts), dtype=np.uint32)
    done = 0
    for place, rows in enumerate(left.tolist()):
        state = model.moves[model.row[state[:rows]] + letters[starts[:rows] + place]]
        visited[done : done + rows] = state
        done += rows
    feature = model.found[visited]
    counted = np.flatnonzero(feature >= 0)
    number = order.astype(np.min_scalar_type(len(texts) * len(model.weights)))  # small numbers are sorted twice as fast
    text = number[np.arange(len(letters)) - np.repeat(np.cumsum(left) - left, left)]
    pair, count = np.unique(text[counted] * len(model.weights) + feature[counted].astype(text.dtype), return_counts=True)
    return pair // len(model.weights), pair % len(model.weights), count


@cache
def load(languages: tuple[str, ...]) -> Model:
    langid = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    try:
        langid.set_languages(list(languages))
    except ValueError as error:
        raise InputError(f"params.yaml: normalize.languages: {error}") from None
    row = np.frombuffer(langid.tk_row, np.dtype(langid.tk_row.typecode)).astype(np.uint32) << np.uint32(8)
    moves = np.frombuffer(langid.tk_nextmove, np.dtype(langid.tk_nextmove.typecode))
    return Model(langid, moves, row, np.array(langid.tk_output, dtype=np.int32), langid.nb_ptc.astype(np.float64))
