"""Which record comes at which step when several sources are mixed by weight: a pure function of the step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from ...harness.errors import UsageError
from .problems import Problems, Tally

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Indices: TypeAlias = npt.NDArray[np.int64]

BLOCK = 10_000  # steps in which every source has its exact share


@dataclass(frozen=True, slots=True)
class Mixture:
    """Sources with as many records as `sizes` says, drawn in proportion to `weights`.

    In every BLOCK steps each source comes as often as its share of the weights (to the nearest whole number,
    once at least), in an order drawn from (seed, block). A source's records come without replacement: all of
    them once, in an order drawn from (seed, source, epoch), then all of them again in another.
    """

    sizes: tuple[int, ...]
    weights: tuple[float, ...]
    seed: int = 0

    def __post_init__(self) -> None:
        if len(self.sizes) != len(self.weights) or not self.sizes:
            raise UsageError("A mixture needs a weight for each of its sources, and at least one source.")
        if min(self.sizes) < 1 or not all(0 < w < float("inf") for w in self.weights):
            raise UsageError("A source of a mixture is empty, or its weight is not positive and finite.")

    def shares(self) -> tuple[int, ...]:
        """Steps of each source in a block; by largest remainder, so that they add up to BLOCK."""
        total = sum(self.weights)
        exact = [w / total * BLOCK for w in self.weights]
        shares = [max(1, int(part)) for part in exact]
        order = sorted(range(len(exact)), key=lambda i: (shares[i] - exact[i], i))
        for i in range(BLOCK - sum(shares)):
            shares[order[i % len(order)]] += 1
        while sum(shares) > BLOCK:  # many sources of next to no weight: the largest give way
            shares[shares.index(max(shares))] -= 1
        return tuple(shares)

    def pick(self, step: int) -> tuple[int, int]:
        """The source of a step and the record in it."""
        source, index = next(self.stream(step))
        return source, index

    def stream(self, start: int = 0) -> Iterator[tuple[int, int]]:
        """(source, record) of every step from `start` on, without end; the same for any start."""
        import numpy as np

        shares, orders = self.shares(), dict[int, tuple[int, Any]]()
        block, skip = divmod(start, BLOCK)
        while True:
            sources = self._sources(block, shares)
            drawn = np.array([block * share for share in shares])  # draws of each source before the block
            for place, source in enumerate(sources.tolist()):
                epoch, index = divmod(int(drawn[source]), self.sizes[source])
                drawn[source] += 1
                if place < skip:
                    continue
                if orders.get(source, (-1,))[0] != epoch:
                    orders[source] = (epoch, self._order(source, epoch))
                yield source, int(orders[source][1][index])
            block, skip = block + 1, 0

    def _sources(self, block: int, shares: Sequence[int]) -> Indices:
        import numpy as np

        return _generator(self.seed, 0, block).permutation(np.repeat(np.arange(len(shares)), shares))

    def _order(self, source: int, epoch: int) -> Indices:
        return _generator(self.seed, 1, source, epoch).permutation(self.sizes[source])


def mix(
    sources: Sequence[tuple[str, int, float]], seed: int = 0
) -> tuple[Mixture, tuple[str, ...], Problems]:
    """A mixture of (name, records, weight), its names in order, and what was wrong with the list.

    A source named before is left out, and so is one without records.

    Raises:
        UsageError: no source is left, or a weight is not positive.
    """
    tally, taken = Tally(), dict[str, tuple[int, float]]()
    for name, size, weight in sources:
        if name in taken:
            tally.add("a source listed twice", name)
        elif size < 1:
            tally.add("a source without records", name)
        else:
            taken[name] = (size, weight)
    sizes, weights = [size for size, _ in taken.values()], [weight for _, weight in taken.values()]
    return Mixture(tuple(sizes), tuple(weights), seed), tuple(taken), tally.problems()


def _generator(*seeds: int) -> np.random.Generator:
    import numpy as np

    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(seeds)))
