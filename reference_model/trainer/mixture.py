"""Which example of which source comes when: a function of the seed and the number of the sample alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Array = npt.NDArray[Any]


class Mixture:
    """Sources mixed by weight, in passes.

    A pass visits each example of a source `weight` times on average, all sources shuffled together. A source
    is walked without replacement and reshuffled when it is through: with weight 0.5 that takes two passes.
    """

    def __init__(self, sizes: Sequence[int], weights: Sequence[float], seed: int) -> None:
        self._sizes, self._seed = sizes, seed
        self._visits = [max(round(w * s), 1) for s, w in zip(sizes, weights, strict=True)]
        self._ends = np.cumsum(self._visits)
        self._orders: dict[tuple[int, int], Array] = {}

    def __len__(self) -> int:
        """Samples in a pass."""
        return int(self._ends[-1])

    def pick(self, number: int) -> tuple[int, int]:
        """The source of a sample of the training, counted from 0, and the index in it."""
        turn, place = divmod(number, len(self))
        entry = int(self._order(-1, turn, len(self))[place])
        source = int(np.searchsorted(self._ends, entry, side="right"))
        visit = turn * self._visits[source] + entry - int(self._ends[source]) + self._visits[source]
        walk, step = divmod(visit, self._sizes[source])
        return source, int(self._order(source, walk, self._sizes[source])[step])

    def _order(self, source: int, turn: int, size: int) -> Array:
        """A shuffle of a source (-1: of the pass), kept for as long as its neighbours need it."""
        if (source, turn) not in self._orders:
            self._orders.pop((source, turn - 2), None)
            rng = np.random.default_rng((self._seed, source + 1, turn))
            self._orders[source, turn] = rng.permutation(size)
        return self._orders[source, turn]
