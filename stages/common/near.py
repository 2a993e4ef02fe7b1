"""Every near pair among many texts: exactly up to `EXACT_ROWS`, from sketched candidates with exact verification above.

The exact join is quadratic in what it reads, though not in what it compares: 20,000 questions take seconds, a million hours.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from stages.common.components import Ints
from stages.common.grams import READ, Known, gram_matrix, gram_numbers, letter_numbers
from stages.common.sketches import Search
from stages.common.text import match_key

EXACT_ROWS = 20_000
BLOCK = 512  # rows compared at a time
VERIFIED = 2_000  # pairs compared at a time
EXTRA = 0.1  # how much longer than necessary a prefix is, as a share of the text: trades reading for comparing
SLACK = 1e-9  # against rounding in a product that is a whole number
Floats: TypeAlias = NDArray[np.float64]
Pair: TypeAlias = tuple[int, int, float]


@dataclass(frozen=True, slots=True)
class Near:
    """Pairs left < right, and how similar each is."""

    left: Ints
    right: Ints
    similar: Floats

    def at(self, places: NDArray[Any]) -> "Near":
        return Near(self.left[places], self.right[places], self.similar[places])

    def over(self, threshold: float) -> "Near":
        return self.at(self.similar >= threshold)


def near_pairs(texts: Sequence[str], threshold: float, exact_rows: int = EXACT_ROWS) -> Iterator[Pair]:
    """Pairs i < j whose character 4-gram Jaccard similarity is at or over `threshold`, with it, in order.

    None that is yielded is wrong. Up to `exact_rows` texts none is missing; above, see `sketches.Search`.
    """
    near = near_keys([match_key(text) for text in texts], threshold, threshold, exact_rows)
    return zip(near.left.tolist(), near.right.tolist(), near.similar.tolist(), strict=True)


def near_keys(keys: Sequence[str], threshold: float, every: float, exact_rows: int = EXACT_ROWS) -> Near:
    """The same of texts that are their keys already; below `every` no more is sure than that they are connected."""
    if not keys:
        return Near(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0))
    number = letter_numbers(keys)
    if len(keys) <= exact_rows:
        found = list(exact_pairs(gram_matrix(keys, number), threshold))
    else:
        found = list(sketched_pairs(keys, number, threshold, every))
    left, right = (np.concatenate([getattr(part, side) for part in found]) for side in ("left", "right"))
    return Near(left, right, np.concatenate([part.similar for part in found])).at(np.lexsort((right, left)))


def sketched_pairs(keys: Sequence[str], number: Ints, threshold: float, every: float) -> Iterator[Near]:
    parts = (gram_numbers(keys[start : start + READ], number) for start in range(0, len(keys), READ))
    search, known = Search(parts, len(keys), threshold, every), Known(keys, number)
    for left, right in search.candidates():
        slices = [slice(start, start + VERIFIED) for start in range(0, len(left), VERIFIED)]
        similar = [similarities(known.matrix(left[part]), known.matrix(right[part])) for part in slices]
        near = Near(left, right, np.concatenate([np.empty(0), *similar])).over(threshold)
        search.connect(near.left, near.right)
        yield near


def rare_first(grams: Any) -> Any:
    """The same with the columns in use alone, the rarest first."""
    _, column, held = np.unique(grams.indices, return_inverse=True, return_counts=True)
    place = np.argsort(np.argsort(held, kind="stable"), kind="stable").astype(np.int32)
    ordered = csr_matrix((np.ones(grams.nnz, dtype=np.int32), place[column], grams.indptr), shape=(grams.shape[0], len(held)))
    ordered.sort_indices()
    return ordered


def exact_pairs(grams: Any, threshold: float) -> Iterator[Near]:
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
        left, right = left[enough], right[enough]
        yield Near(left, right, similarities(grams[left], grams[right])).over(threshold)


def similarities(one: Any, other: Any) -> Floats:
    """Jaccard similarity of each row of one matrix with its like of the other."""
    shared = np.diff(one.multiply(other).indptr)
    similar: Floats = shared / (np.diff(one.indptr) + np.diff(other.indptr) - shared)
    return similar
