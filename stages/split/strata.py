"""Which group goes to which split, so that each split is a small picture of the whole.

An integer program, because greedy choices and swaps got stuck: a group counts for several labels at once, and of most
labels only one or two numbers of groups are near enough to the share. It is over cells, the groups with equal labels, so
that it does not grow with the rows.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import bmat, csr_matrix, identity, kron

from stages.params.split import Params
from stages.split.names import NAMES, Label, Labels, Name
from stages.split.rows import Row

SOME = 10  # groups from which on a label must be near its share
REQUIRED, WANTED = 0.02, 0.01  # of a label's groups: how far from its share
BEYOND = 1000.0  # what a group outside of the required costs, one outside of the wanted being 1
SLACK = 1e-9  # against rounding
NODES = 10_000  # of the search; the corpus needs one. Where they are used up, the best split so far stands: no clock decides
Counts: TypeAlias = NDArray[np.int64]
Ranges: TypeAlias = tuple[Counts, Counts]  # fewest and most groups, shape (strata, splits)


def labels_of(rows: Iterable[Row]) -> dict[str, Labels]:
    """Each group's stratum labels, taken from its smallest original row: independent of the order of rows."""
    heads: dict[str, Row] = {}
    for row in rows:
        head = heads.setdefault(row.group_id, row)
        if (row.derived, row.id) < (head.derived, head.id):
            heads[row.group_id] = row
    return {group: head.strata for group, head in heads.items()}


def sizes_of(labels: Mapping[str, Labels]) -> Counter[Label]:
    return Counter(label for own in labels.values() for label in own)


def assign(labels: Mapping[str, Labels], pinned: Mapping[str, Name], params: Params) -> dict[str, Name]:
    """The splits that miss the fewest groups of what `required` asks, then of what is wanted. What stands only in the exam
    is never learnt: groups of a label that is too rare for every split go to train. Order and ties come from the seed."""
    rare = set(too_rare(labels))
    fixed: dict[str, Name] = {group: "train" for group, own in labels.items() if not rare.isdisjoint(own)}
    fixed |= {group: name for group, name in pinned.items() if group in labels}
    cells: defaultdict[Labels, list[str]] = defaultdict(list)
    for group in sorted(labels, key=lambda group: drawn(params.seed, group)):
        cells[labels[group]].append(group)
    order = sorted(cells, key=lambda cell: drawn(params.seed, str(cell)))
    pinned_in = {cell: Counter(map(fixed.get, groups)) for cell, groups in cells.items()}
    held = np.array([[pinned_in[cell][name] for name in NAMES] for cell in order])
    numbers = solved(order, np.array([len(cells[cell]) for cell in order]), held, params) - held
    for cell, counts in zip(order, numbers.tolist(), strict=True):
        free = iter([group for group in cells[cell] if group not in fixed])
        fixed |= {next(free): name for name, count in zip(NAMES, counts, strict=True) for _ in range(count)}
    return fixed


def drawn(seed: int, name: str) -> bytes:
    return sha256(f"{seed}/{name}".encode()).digest()


def solved(cells: Sequence[Labels], sizes: Counts, held: Counts, params: Params) -> Counts:
    """How many groups of each cell go to each split, at least those `held` there already: shape (cells, splits).

    The strata are the labels, the whole, and the cells themselves, which nothing is required of.
    """
    member = members(cells)
    groups = member @ sizes
    strata = len(groups) - len(cells)
    low, high = wanted(groups, params)
    least, most = required(groups, params)
    least[strata:], most[strata:] = 0, sizes.sum()
    low, high = np.clip(low, least, most), np.clip(high, least, most)
    # Groups missing and groups too many: within the required, and beyond it.
    unit, splits = identity(low.size), len(NAMES)
    within = [(low - least).ravel(), (most - high).ravel()]
    weight = np.repeat(1 / groups, splits)
    beyond = np.repeat(np.where(groups < SOME, BEYOND, BEYOND / groups), splits)  # to be absent is the worst
    rows = bmat(
        [
            [kron(member, identity(splits)), unit, -unit, unit, -unit],
            [kron(identity(len(cells)), np.ones((1, splits))), None, None, None, None],
        ]
    )
    limits = LinearConstraint(rows.tocsr(), np.append(low.ravel(), sizes), np.append(high.ravel(), sizes))
    slack = 4 * low.size
    result = milp(
        np.concatenate([np.zeros(held.size), weight, weight, beyond, beyond]),
        integrality=np.append(np.ones(held.size), np.zeros(slack)),
        bounds=Bounds(
            np.append(held.ravel(), np.zeros(slack)),
            np.concatenate([np.full(held.size, np.inf), *within, np.full(slack // 2, np.inf)]),
        ),
        constraints=limits,
        options={"node_limit": NODES},
    )
    numbers: Counts = np.rint(result.x[: held.size]).astype(np.int64)
    return numbers.reshape(held.shape)


def members(cells: Sequence[Labels]) -> Any:
    """Which cells belong to which stratum, shape (strata, cells): labels that stand in every split, all, each cell."""
    labels = sorted({label for own in cells for label in own})
    row = {label: number for number, label in enumerate(labels)}
    pairs = [(row[label], cell) for cell, own in enumerate(cells) for label in own]
    pairs += [(len(row), cell) for cell in range(len(cells))]
    pairs += [(len(row) + 1 + cell, cell) for cell in range(len(cells))]
    above, across = zip(*pairs, strict=True)
    return csr_matrix((np.ones(len(pairs), dtype=np.int64), (above, across)))


def shares(params: Params) -> NDArray[np.float64]:
    return np.array([1 - params.validation - params.test, params.validation, params.test])


def near(groups: Counts, params: Params, points: float) -> Ranges:
    """Numbers of groups within so many points of the shares, or the next whole ones."""
    share, size = shares(params)[None, :], groups[:, None]
    low = np.minimum(np.floor(share * size + SLACK), np.ceil((share - points) * size - SLACK))
    high = np.maximum(np.ceil(share * size - SLACK), np.floor((share + points) * size + SLACK))
    return low.astype(np.int64), high.astype(np.int64)


def wanted(groups: Counts, params: Params) -> Ranges:
    return near(groups, params, WANTED)


def required(groups: Counts, params: Params) -> Ranges:
    """One group in every split, where there are so many; from ten on within two points of the share too."""
    low, high = near(groups, params, REQUIRED)
    size = np.broadcast_to(groups[:, None], low.shape)
    present = np.where(size >= len(NAMES), 1, 0)
    least = np.where(size >= SOME, np.maximum(low, present), present)
    least[:, 0] = np.minimum(least[:, 0], groups - least[:, 1:].sum(axis=1))  # train gives what a small share lacks
    return least, np.where(size >= SOME, high, size - (len(NAMES) - 1) * present)


def too_rare(labels: Mapping[str, Labels]) -> list[Label]:
    """The labels with fewer groups than there are splits: their groups go to train."""
    return sorted(label for label, groups in sizes_of(labels).items() if groups < len(NAMES))


def balance(labels: Mapping[str, Labels], names: Mapping[str, Name], params: Params) -> dict[str, int]:
    """How many labels there are, how many are too rare, and how many of ten groups or more are off their share."""
    sizes = sizes_of(labels)
    held = Counter((label, names[group]) for group, own in labels.items() for label in own)
    some = [label for label, size in sizes.items() if size >= SOME]
    counts = np.array([[held[label, name] for name in NAMES] for label in some]).reshape(len(some), len(NAMES))
    low, high = required(np.array([sizes[label] for label in some], dtype=np.int64), params)
    off = ((counts < low) | (counts > high)).any(axis=1)
    return {"labels": len(sizes), "labels_too_rare": len(too_rare(labels)), "labels_off_share": int(off.sum())}
