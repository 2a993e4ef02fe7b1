"""Texts as sets of character 4-grams, as numbers: what near pairs are sought and compared by."""

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from stages.common.components import Ints
from stages.common.text import NGRAM, padded

READ = 1_000  # texts whose letters are looked at together


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


class Known:
    """The grams of those of many texts that were asked for, made once each."""

    def __init__(self, keys: Sequence[str], number: Ints) -> None:
        self.keys, self.number = keys, number
        self.columns = (int(number[-1]) + 1) ** NGRAM
        most = sum(len(padded(key)) - NGRAM + 1 for key in keys)
        self.grams = np.empty(most, np.int32 if self.columns < 2**31 else np.int64)  # takes memory as it is filled
        self.filled = 0
        self.begin = np.zeros(len(keys), dtype=np.int64)
        self.size = np.zeros(len(keys), dtype=np.int64)  # 0 of a text that was not asked for yet

    def matrix(self, rows: Ints) -> Any:
        """As `gram_matrix` of those texts."""
        if len(missing := np.unique(rows[self.size[rows] == 0])):
            self.make(missing)
        size = self.size[rows]
        starts = np.append(0, np.cumsum(size))
        grams = self.grams[np.arange(starts[-1]) + np.repeat(self.begin[rows] - starts[:-1], size)]
        matrix = csr_matrix((np.ones(len(grams), dtype=np.int8), grams, starts), shape=(len(rows), self.columns))
        matrix.has_canonical_format = True
        return matrix

    def make(self, rows: Ints) -> None:
        matrix = gram_matrix([self.keys[row] for row in rows], self.number)
        self.begin[rows] = self.filled + matrix.indptr[:-1]
        self.size[rows] = np.diff(matrix.indptr)
        self.filled += matrix.nnz
        self.grams[self.filled - matrix.nnz : self.filled] = matrix.indices
