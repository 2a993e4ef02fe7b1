"""What belongs together by way of others."""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

Ints: TypeAlias = NDArray[np.int64]


def components(size: int, left: Ints, right: Ints) -> Ints:
    """Of each of 0..`size`-1 the smallest that it is connected with, where each of `left` is with its like in `right`."""
    links = csr_matrix((np.ones(len(left), dtype=np.int8), (left, right)), shape=(size, size))
    count, part = connected_components(links, directed=False)
    smallest: Ints = np.empty(count, dtype=np.int64)
    smallest[part[::-1]] = np.arange(size)[::-1]  # of those that write to one place the last, which is the smallest
    return np.asarray(smallest[part])
