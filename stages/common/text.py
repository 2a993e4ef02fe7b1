"""When two texts count as the same: keys and similarity for duplicates, grouping and the leak gate."""

import re
import unicodedata
from collections.abc import Iterator, Sequence

import numpy as np
from sklearn.feature_extraction.text import CountVectorizer

NGRAM = 4
BLOCK = 512  # rows compared at a time
SLACK = 1e-9  # against rounding in a product that is a whole number
# Letters of other scripts that look Latin: the usual way to slip a copy past an exact comparison.
LOOKALIKES = str.maketrans("аеорсухіѕјԁһѵοανρτικ", "aeopcyxisjdhvoavptik")


def match_key(text: str) -> str:
    """The form in which texts are compared: case, punctuation, width, accents' form, invisible and look-alike
    characters don't count. Never used as training text."""
    folded = unicodedata.normalize("NFKC", text).casefold().translate(LOOKALIKES)
    visible = "".join(char for char in folded if unicodedata.category(char) != "Cf")
    return " ".join(re.sub(r"[^\w\s]|_", " ", visible).split())


def grams(text: str) -> set[str]:
    key = f" {match_key(text)} ".ljust(NGRAM)
    return {key[start : start + NGRAM] for start in range(len(key) - NGRAM + 1)}


def similarity(one: str, other: str) -> float:
    """Jaccard similarity of the character 4-grams of two texts' keys, 0..1."""
    left, right = grams(one), grams(other)
    return len(left & right) / len(left | right)


def near_pairs(texts: Sequence[str], threshold: float) -> Iterator[tuple[int, int, float]]:
    """Every pair i < j whose character 4-gram Jaccard similarity is at or over `threshold`, exactly, in order.

    Two texts that similar share one of the rarest grams of each (prefix filter, Chaudhuri et al. 2006): only such pairs
    are compared. MinHash at this length of text would miss a quarter of them.
    """
    counter = CountVectorizer(analyzer=grams, binary=True, dtype=np.int32)
    counts = counter.fit_transform(texts).tocsc()
    rows = counts[:, np.argsort(np.diff(counts.indptr), kind="stable")].tocsr()  # rare grams first
    rows.sort_indices()
    sizes = np.diff(rows.indptr)
    place = np.arange(rows.nnz) - np.repeat(rows.indptr[:-1], sizes)
    prefix = rows.copy()
    prefix.data = (place <= np.repeat(sizes - np.ceil(threshold * sizes - SLACK), sizes)).astype(np.int32)
    prefix.eliminate_zeros()
    for start in range(0, len(texts), BLOCK):
        candidates = (prefix[start : start + BLOCK] @ prefix.T).tocoo()
        left, right = candidates.row + start, candidates.col
        left, right = left[left < right], right[left < right]
        shared = np.asarray(rows[left].multiply(rows[right]).sum(axis=1)).ravel()
        similarity = shared / (sizes[left] + sizes[right] - shared)
        near = similarity >= threshold
        yield from sorted(zip(left[near].tolist(), right[near].tolist(), similarity[near].tolist(), strict=True))


class Groups:
    """Union-find over row numbers; the representative is the smallest member."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def find(self, row: int) -> int:
        while self.parent[row] != row:
            self.parent[row] = self.parent[self.parent[row]]
            row = self.parent[row]
        return row

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.find(one), self.find(other)))
        self.parent[high] = low
