"""Candidates for near pairs among too many texts to compare all: MinHash sketches, cut into bands (LSH).

The sketches are rensa's; the banding is ours because its parameters follow from the threshold and because a crowd of copies
must not give all its pairs. What comes out is verified exactly elsewhere, so that only recall is at stake here.
"""

from array import array
from collections.abc import Iterable, Sequence
from math import ceil, log
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

BAND = 5  # slots that must agree; of random answers of one domain (similarity 0.06 to 0.16) one pair in 10^5 does so
MISSED = 0.01  # share of the pairs exactly at the threshold that may be missed; far fewer above it
WINDOW = 8  # in a crowd, a row is compared with so many neighbours and with the first
SIGMAS = 3  # how far below the threshold a sketch's estimate may lie
ESTIMATED = 256  # slots that an estimate is made from, at most
SEED = 0
CHUNK = 20_000  # pairs estimated at a time
Ints: TypeAlias = NDArray[np.int64]


def candidates(parts: Iterable[Any], rows: int, threshold: float) -> tuple[Ints, Ints]:
    """Pairs i < j, in order, that hold nearly all with a Jaccard similarity at or over `threshold`.

    `parts` are the rows' elements as sparse matrices, some rows each. Of the pairs at the threshold itself 99 % are held.
    Of a crowd of rows that all agree, only enough pairs are given to connect them.
    """
    bands = ceil(log(MISSED) / log(1 - threshold**BAND)) if threshold < 1 else 1
    sketches = sketched(parts, rows, bands * BAND)
    estimate = sketches[:, :ESTIMATED]
    pairs = np.empty(0, dtype=np.int64)
    for band in range(bands):
        alike = in_one_bucket(sketches[:, band * BAND : (band + 1) * BAND])
        fresh = alike[np.append(pairs, -1)[np.searchsorted(pairs, alike)] != alike]
        pairs = distinct([pairs, fresh[likely(estimate, fresh // rows, fresh % rows, threshold)]])
    return pairs // rows, pairs % rows


def sketched(parts: Iterable[Any], rows: int, slots: int) -> NDArray[np.uint32]:
    """MinHash sketches, shape (rows, slots)."""
    sketches = np.empty((rows, slots), dtype=np.uint32)
    place = 0
    for part in parts:
        elements, starts = part.indices.astype(np.uint64), part.indptr.astype(np.uint64)
        for sketch in RMinHash.digest_matrix_from_flat_token_hashes(elements, starts, slots, SEED).to_rows():
            sketches[place] = array("I", sketch)  # by way of an array: numpy reads a list of numbers three times as slowly
            place += 1
    return sketches


def in_one_bucket(band: NDArray[np.uint32]) -> Ints:
    """Pairs i < j, as i * rows + j, of rows with the same band: all of a small bucket, neighbours and first of a crowd."""
    rows = len(band)
    mixed = np.zeros(rows, dtype=np.uint64)
    for slot in band.T:
        mixed = (mixed ^ slot) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    order = np.argsort(mixed, kind="stable")
    value = mixed[order]
    begins = np.concatenate([[True], value[1:] != value[:-1]])
    first = order[np.flatnonzero(begins)[np.cumsum(begins) - 1]]
    pairs = [(first * rows + order)[~begins]]
    for step in range(1, min(WINDOW, rows - 1) + 1):
        same = value[step:] == value[:-step]
        pairs.append((order[:-step] * rows + order[step:])[same])
    return distinct(pairs)


def distinct(parts: Sequence[Ints]) -> Ints:
    """All numbers, sorted, once each: faster than `np.unique` on parts that are nearly sorted."""
    numbers = np.sort(np.concatenate(parts), kind="stable")
    return numbers[np.concatenate([[True], numbers[1:] != numbers[:-1]])] if len(numbers) else numbers


def likely(sketches: NDArray[np.uint32], left: Ints, right: Ints, threshold: float) -> NDArray[np.bool_]:
    """Whether the sketches' estimate of each pair's similarity leaves the threshold possible."""
    slots = sketches.shape[1]
    floor = threshold - SIGMAS * (threshold * (1 - threshold) / slots) ** 0.5
    result = np.empty(len(left), dtype=np.bool_)
    for start in range(0, len(left), CHUNK):
        part = slice(start, start + CHUNK)
        result[part] = (sketches[left[part]] == sketches[right[part]]).mean(axis=1) >= floor
    return result
