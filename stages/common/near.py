"""Every near pair among many texts: exactly up to `EXACT_ROWS`, from sketched candidates with exact verification above.

The exact join is quadratic in what it reads, though not in what it compares: 20,000 questions take seconds, a million hours.
"""

import sys
from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from stages.common.sketches import candidates
from stages.common.text import NGRAM, match_key, padded

EXACT_ROWS = 20_000
BLOCK = 512  # rows compared at a time
READ = 1_000  # texts whose grams are held at a time, where there are too many to hold those of all
VERIFIED = 2_000  # pairs compared at a time
EXTRA = 0.1  # how much longer than necessary a prefix is, as a share of the text: trades reading for comparing
SLACK = 1e-9  # against rounding in a product that is a whole number
Pair: TypeAlias = tuple[int, int, float]
Ints: TypeAlias = NDArray[np.int64]


def near_pairs(texts: Sequence[str], threshold: float, exact_rows: int = EXACT_ROWS) -> Iterator[Pair]:
    """Pairs i < j whose character 4-gram Jaccard similarity is at or over `threshold`, with it, in order.

    None that is yielded is wrong. Up to `exact_rows` texts none is missing; above, see `candidates`.
    """
    return near_keys([match_key(text) for text in texts], threshold, exact_rows)


def near_keys(keys: Sequence[str], threshold: float, exact_rows: int = EXACT_ROWS) -> Iterator[Pair]:
    """The same of texts that are their keys already."""
    if not keys:
        return
    number = letter_numbers(keys)
    if len(keys) <= exact_rows:
        yield from exact_pairs(gram_matrix(keys, number), threshold)
        return
    parts = (gram_numbers(keys[start : start + READ], number) for start in range(0, len(keys), READ))
    left, right = candidates(parts, len(keys), threshold)
    for start in range(0, len(left), VERIFIED):
        rows, place = np.unique([left[start : start + VERIFIED], right[start : start + VERIFIED]], return_inverse=True)
        grams = gram_matrix([keys[row] for row in rows], number)
        for one, other, similar in compared(grams, place[0], place[1], threshold):
            yield int(rows[one]), int(rows[other]), similar


def letter_numbers(keys: Sequence[str]) -> Ints:
    """Of each code point up to the last of the padded keys, which of their letters it is, from 1."""
    known = np.zeros(sys.maxunicode + 1, dtype=np.int64)
    known[ord(" ")] = 1
    for start in range(0, len(keys), READ):
        known[code_points(keys[start : start + READ])] = 1
    return np.cumsum(known)


def code_points(keys: Sequence[str]) -> NDArray[np.uint32]:
    return np.frombuffer("".join(keys).encode("utf-32-le", "surrogatepass"), np.uint32)


def gram_numbers(keys: Sequence[str], number: Ints) -> tuple[Ints, Ints]:
    """The 4-grams of all keys as numbers, as often as they occur, and where each key's begin and the last one's end.

    Letters are numbered from 1, so that up to 55,107 different ones no two grams share a number.
    """
    keys = [padded(key) for key in keys]
    code, base = number[code_points(keys)], int(number[-1]) + 1
    numbers = np.zeros(len(code) - NGRAM + 1, dtype=np.int64)
    for place in range(NGRAM):
        numbers = numbers * base + code[place : place + len(numbers)]
    lengths = np.fromiter(map(len, keys), dtype=np.int64, count=len(keys))
    row = np.repeat(np.arange(len(keys), dtype=np.int32), lengths)
    numbers = numbers[row[: len(numbers)] == row[NGRAM - 1 :]]  # none from one text into the next
    return numbers, np.concatenate([[0], np.cumsum(lengths - NGRAM + 1)])


def gram_matrix(keys: Sequence[str], number: Ints) -> Any:
    """A row a key, with a 1 in the column of each of its 4-grams; a column's number is the gram itself."""
    numbers, starts = gram_numbers(keys, number)
    columns = (int(number[-1]) + 1) ** NGRAM
    grams = csr_matrix((np.ones(len(numbers), dtype=np.int8), numbers, starts), shape=(len(keys), columns))
    grams.sum_duplicates()
    return grams


def rare_first(grams: Any) -> Any:
    """The same with the columns in use alone, the rarest first."""
    _, column, held = np.unique(grams.indices, return_inverse=True, return_counts=True)
    place = np.argsort(np.argsort(held, kind="stable"), kind="stable").astype(np.int32)
    ordered = csr_matrix((np.ones(grams.nnz, dtype=np.int32), place[column], grams.indptr), shape=(grams.shape[0], len(held)))
    ordered.sort_indices()
    return ordered


def exact_pairs(grams: Any, threshold: float) -> Iterator[Pair]:
    """Two texts that similar share some of the rarest grams of each (prefix filter, Chaudhuri et al. 2006; with more than
    one shared gram asked for, as Wang et al. 2012): only such pairs are compared."""
    grams = rare_first(grams)
    sizes = np.diff(grams.indptr)
    least = np.ceil(threshold * sizes - SLACK)  # grams that a text shares with any that is near it
    asked = np.minimum(1 + np.floor(EXTRA * sizes), least).astype(np.int32)
    place = np.arange(grams.nnz) - np.repeat(grams.indptr[:-1], sizes)
    prefix = grams.copy()
    prefix.data = (place < np.repeat(sizes - least + asked, sizes)).astype(np.int32)
    prefix.eliminate_zeros()
    for start in range(0, len(sizes), BLOCK):
        shared = (prefix[start : start + BLOCK] @ prefix[start:].T).tocoo()
        left, right = shared.row + start, shared.col + start
        enough = (left < right) & (shared.data >= np.minimum(asked[left], asked[right]))
        yield from compared(grams, left[enough], right[enough], threshold)


def compared(grams: Any, left: Ints, right: Ints, threshold: float) -> list[Pair]:
    """Those of the pairs that are near, in order."""
    sizes = np.diff(grams.indptr)
    shared = np.diff(grams[left].multiply(grams[right]).indptr)
    similarity = shared / (sizes[left] + sizes[right] - shared)
    near = similarity >= threshold
    return sorted(zip(left[near].tolist(), right[near].tolist(), similarity[near].tolist(), strict=True))
