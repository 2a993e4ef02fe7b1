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

from stages.common.components import Ints, components

SLOTS = 128  # of a sketch; every band takes its own of them, as more slots cost more than more bands do
BAND = 5  # slots that must agree; of random answers of one domain (similarity 0.06 to 0.16) one pair in 10^5 does so
MISSED = 0.005  # share of the pairs exactly at the threshold that no band may hold; far fewer above it
UNSEEN = 1e-6  # the same, before which pairs of one group are sought too
BANDS = 10**9  # at most
WINDOW = 8  # in a crowd, a row is compared with so many neighbours and with the first
SIGMAS = 3  # how far below the threshold a sketch's estimate may lie
SPARSE = 4  # of so many numbers a row, few rows have one in common by chance
SEED = 0
CHUNK = 20_000  # pairs estimated at a time
Sketches: TypeAlias = NDArray[np.uint32]  # shape (slots, rows)


class Search:
    """Candidates band by band; of the pairs below `every` only those that may connect what is not connected yet.

    Of the pairs exactly at `threshold` 99.5 % come or are connected by others, of those at `every` nearly all come. Of a crowd
    of rows that all agree, only enough pairs come to connect them.
    """

    def __init__(self, parts: Iterable[tuple[Ints, Ints]], rows: int, threshold: float, every: float) -> None:
        """`parts` are the elements of some rows each, and where each row's begin and the last one's end."""
        self.sketches = sketched(parts, rows)
        self.low = np.ascontiguousarray(self.sketches.T.astype(np.uint8))
        self.group = np.arange(rows)  # of each row the smallest that it is connected with
        self.threshold, self.every = threshold, every

    def candidates(self) -> Iterator[tuple[Ints, Ints]]:
        """Pairs i < j, in order within each band; tell those that are near to `connect` before asking for more."""
        tried = np.empty(0, dtype=np.int64)
        rows, sure = len(self.group), bands_for(self.every, UNSEEN)
        alone = np.arange(rows)  # every row a group of its own: no pair is left out
        for number, slots in enumerate(islice(slots_of_bands(), bands_for(self.threshold, MISSED))):
            alike = in_one_bucket(self.sketches[slots], self.group if number >= sure else alone)
            fresh = alike[np.append(tried, -1)[np.searchsorted(tried, alike)] != alike]
            left, right = fresh // rows, fresh % rows
            apart = self.group[left] != self.group[right]
            fresh = fresh[likely(self.low, left, right, np.where(apart, self.threshold, self.every))]
            tried = distinct([tried, fresh])
            yield fresh // rows, fresh % rows

    def connect(self, left: Ints, right: Ints) -> None:
        if not len(left):
            return
        known, place = np.unique(self.group[np.concatenate([left, right])], return_inverse=True)
        moved = np.arange(len(self.group))
        moved[known] = known[components(len(known), *np.split(place, 2))]
        self.group = moved[self.group]


def slots_of_bands() -> Iterator[Ints]:
    """The slots of each band: those of the first have none in common, then each round shuffles them anew."""
    draw = np.random.default_rng(SEED)
    while True:
        yield from np.split(draw.permutation(SLOTS)[: SLOTS // BAND * BAND], SLOTS // BAND)


def bands_for(threshold: float, share: float) -> int:
    """The fewest bands that miss no more than that share of the pairs at the threshold."""
    return 1 + bisect_left(range(1, BANDS), -share, key=lambda bands: -missed(threshold, bands))


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


def in_one_bucket(band: Sketches, group: Ints) -> Ints:
    """Pairs i < j, as i * rows + j, of rows with the same band and of different groups: all of a small bucket, neighbours
    and first of a crowd."""
    rows = band.shape[1]
    row = not_alone(mixed := mixture(band))
    row = row[np.argsort(mixed[row], kind="stable")]
    value = mixed[row]
    begins = np.append(True, value[1:] != value[:-1])[: len(row)]
    first = row[np.flatnonzero(begins)[np.cumsum(begins) - 1]]
    own = group[row]
    pairs = [(first * rows + row)[group[first] != own]]
    for step in range(1, min(WINDOW, len(row) - 1) + 1):
        near = (value[step:] == value[:-step]) & (own[step:] != own[:-step])
        pairs.append((row[:-step] * rows + row[step:])[near])
    return distinct(pairs)


def mixture(band: Sketches) -> NDArray[np.uint64]:
    """One number of each row's slots: different bands get the same one in some 2^63 pairs (multilinear hashing)."""
    factors = np.random.default_rng(SEED).integers(1, 2**64, len(band), dtype=np.uint64, endpoint=False)
    mixed = np.zeros(band.shape[1], dtype=np.uint64)
    for slot, factor in zip(band, factors, strict=True):
        mixed += slot * factor
    return mixed


def not_alone(mixed: NDArray[np.uint64]) -> Ints:
    """The rows whose number, cut to its first bits, another row has too: few, and so quickly sorted."""
    place = (mixed >> np.uint64(64 - (SPARSE * len(mixed)).bit_length())).astype(np.int64)
    return np.flatnonzero((np.bincount(place) > 1)[place])


def distinct(parts: Sequence[Ints]) -> Ints:
    """All numbers, sorted, once each: faster than `np.unique` on parts that are nearly sorted."""
    numbers = np.sort(np.concatenate(parts), kind="stable")
    return numbers[np.concatenate([[True], numbers[1:] != numbers[:-1]])] if len(numbers) else numbers


def likely(low: NDArray[np.uint8], left: Ints, right: Ints, threshold: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Whether the estimate of each pair's similarity leaves its threshold possible; `low` are the lowest bytes of the
    sketches, shape (rows, slots), by which slots agree that do, and one in 256 of the others."""
    floor = (threshold - SIGMAS * np.sqrt(threshold * (1 - threshold) / SLOTS)) * SLOTS
    result = np.empty(len(left), dtype=np.bool_)
    for start in range(0, len(left), CHUNK):
        part = slice(start, start + CHUNK)
        result[part] = np.count_nonzero(low[left[part]] == low[right[part]], axis=1) >= floor[part]
    return result
