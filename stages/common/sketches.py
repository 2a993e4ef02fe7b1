"""Candidates for near pairs among too many texts to compare all: MinHash sketches, cut into bands (LSH).

The sketches are rensa's; the banding is ours because its parameters follow from the threshold and because a crowd of copies
must not give all its pairs. What comes out is verified exactly elsewhere, so that only recall is at stake here.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from math import comb
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

SLOTS = 128  # of a sketch; every band takes its own of them, as more slots cost more than more bands do
BAND = 5  # slots that must agree; of random answers of one domain (similarity 0.06 to 0.16) one pair in 10^5 does so
MISSED = 0.005  # share of the pairs exactly at the threshold that no band may hold; far fewer above it
BANDS = 10**9  # at most
WINDOW = 8  # in a crowd, a row is compared with so many neighbours and with the first
SIGMAS = 3  # how far below the threshold a sketch's estimate may lie
CUT = 2**19  # of so many numbers, few rows among 100,000 have one in common by chance
SEED = 0
CHUNK = 20_000  # pairs estimated at a time
Ints: TypeAlias = NDArray[np.int64]
Sketches: TypeAlias = NDArray[np.uint32]  # shape (slots, rows)


def candidates(parts: Iterable[tuple[Ints, Ints]], rows: int, threshold: float) -> tuple[Ints, Ints]:
    """Pairs i < j, in order, that hold nearly all with a Jaccard similarity at or over `threshold`.

    `parts` are the elements of some rows each, and where each row's begin and the last one's end. Of the pairs at the
    threshold itself 99 % are held. Of a crowd of rows that all agree, only enough pairs are given to connect them.
    """
    sketches = sketched(parts, rows)
    low = np.ascontiguousarray(sketches.T.astype(np.uint8))
    pairs = np.empty(0, dtype=np.int64)
    for slots in islice(slots_of_bands(), bands_for(threshold)):
        alike = in_one_bucket(sketches[slots])
        fresh = alike[np.append(pairs, -1)[np.searchsorted(pairs, alike)] != alike]
        pairs = distinct([pairs, fresh[likely(low, fresh // rows, fresh % rows, threshold)]])
    return pairs // rows, pairs % rows


def slots_of_bands() -> Iterator[Ints]:
    """The slots of each band: those of the first have none in common, then each round shuffles them anew."""
    draw = np.random.default_rng(SEED)
    while True:
        yield from np.split(draw.permutation(SLOTS)[: SLOTS // BAND * BAND], SLOTS // BAND)


def bands_for(threshold: float) -> int:
    """The fewest bands that miss no more than `MISSED` of the pairs at the threshold."""
    return 1 + bisect_left(range(1, BANDS), -MISSED, key=lambda bands: -missed(threshold, bands))


def missed(similarity: float, bands: int) -> float:
    """Share of the pairs of that similarity of which no band agrees: summed over how many of their slots do."""
    return sum(
        comb(SLOTS, agree)
        * similarity**agree
        * (1 - similarity) ** (SLOTS - agree)
        * (1 - comb(agree, BAND) / comb(SLOTS, BAND)) ** bands
        for agree in range(SLOTS + 1)
    )


def sketched(parts: Iterable[tuple[Ints, Ints]], rows: int) -> Sketches:
    sketches = np.empty((SLOTS, rows), dtype=np.uint32)
    place = 0
    for elements, starts in parts:
        matrix = RMinHash.digest_matrix_from_flat_token_hashes(
            elements.astype(np.uint64), starts.astype(np.uint64), SLOTS, SEED
        )
        # By way of an array: numpy reads a list of numbers three times as slowly.
        part = np.frombuffer(b"".join(array("I", sketch) for sketch in matrix.to_rows()), np.uint32).reshape(-1, SLOTS)
        sketches[:, place : place + len(part)] = part.T
        place += len(part)
    return sketches


def in_one_bucket(band: Sketches) -> Ints:
    """Pairs i < j, as i * rows + j, of rows with the same band: all of a small bucket, neighbours and first of a crowd."""
    rows = band.shape[1]
    mixed = np.zeros(rows, dtype=np.uint64)
    for slot in band:
        mixed = (mixed ^ slot) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    row = not_alone(mixed)
    row = row[np.argsort(mixed[row], kind="stable")]
    value = mixed[row]
    begins = np.append(True, value[1:] != value[:-1])[: len(row)]
    first = row[np.flatnonzero(begins)[np.cumsum(begins) - 1]]
    pairs = [(first * rows + row)[~begins]]
    for step in range(1, min(WINDOW, len(row) - 1) + 1):
        near = value[step:] == value[:-step]
        pairs.append((row[:-step] * rows + row[step:])[near])
    return distinct(pairs)


def not_alone(mixed: NDArray[np.uint64]) -> Ints:
    """The rows whose number, cut to a few bits, another row has too: few, and so quickly sorted."""
    place = (mixed & np.uint64(CUT - 1)).astype(np.int64)
    return np.flatnonzero((np.bincount(place) > 1)[place])


def distinct(parts: Sequence[Ints]) -> Ints:
    """All numbers, sorted, once each: faster than `np.unique` on parts that are nearly sorted."""
    numbers = np.sort(np.concatenate(parts), kind="stable")
    return numbers[np.concatenate([[True], numbers[1:] != numbers[:-1]])] if len(numbers) else numbers


def likely(low: NDArray[np.uint8], left: Ints, right: Ints, threshold: float) -> NDArray[np.bool_]:
    """Whether the estimate of each pair's similarity leaves the threshold possible; `low` are the lowest bytes of the
    sketches, shape (rows, slots), by which slots agree that do, and one in 256 of the others."""
    floor = threshold - SIGMAS * (threshold * (1 - threshold) / SLOTS) ** 0.5
    result = np.empty(len(left), dtype=np.bool_)
    for start in range(0, len(left), CHUNK):
        part = slice(start, start + CHUNK)
        result[part] = np.count_nonzero(low[left[part]] == low[right[part]], axis=1) >= floor * SLOTS
    return result
