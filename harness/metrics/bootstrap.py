"""Percentile bootstrap intervals of every figure of a tally, from evidence alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from ..roles import Tally


def intervals(
    tally: Tally,
    samples: int,
    groups: Sequence[str] | None = None,
    seed: int = 0,
    resamples: int = 1000,
    level: float = 0.95,
    only: str | None = None,
) -> Mapping[str, tuple[float, float] | None]:
    """The range that holds the middle `level` of each figure when samples are drawn again with replacement.

    `groups` names the group (image) of each of the `samples`: groups are drawn, so that questions about one
    image stay together; None draws samples. A figure that is None on all samples has no interval. Draws in
    which it is None (a class that was not drawn, say) are passed over. The same seed gives the same draws for
    any tally of the same groups. `only`: the figure that is wanted, if not all are.

    B. Efron, R. Tibshirani: An introduction to the bootstrap, 1993, section 13.3.

    >>> from rsbench.harness.metrics.choice import Choice
    >>> from rsbench.harness.contract import Answer, Target
    >>> metric = Choice(("a", "b"))
    >>> said = [Answer(label="a")] * 80 + [Answer(label="b")] * 20
    >>> tally = metric.tally([metric.observe(Target(label="a"), answer) for answer in said])
    >>> low, high = intervals(tally, 100)["top-1"]  # normal approximation: 0.722 to 0.878
    >>> round(low, 2), round(high, 2)
    (0.72, 0.88)
    """
    member = np.arange(samples) if groups is None else _numbered(groups)
    if len(member) != samples:
        raise ValueError(f"{len(member)} groups were given for {samples} samples.")
    count = int(member.max()) + 1 if samples else 0
    generator = np.random.default_rng(seed)
    whole = tally.figures(only=only)
    drawn: dict[str, list[float]] = {name: [] for name, value in whole.items() if value is not None}
    for _ in range(resamples if drawn else 0):
        times = np.bincount(generator.integers(0, count, count), minlength=count)
        figures = tally.figures(times[member], only)
        for name, values in drawn.items():
            value = figures[name]
            if value is not None:
                values.append(value)
    tails = (1 - level) / 2
    return {name: _bounds(drawn[name], tails) if drawn.get(name) else None for name in whole}


def _numbered(groups: Sequence[str]) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    number = {name: i for i, name in enumerate(dict.fromkeys(groups))}
    return np.array([number[name] for name in groups], np.intp)


def _bounds(values: Sequence[float], tails: float) -> tuple[float, float]:
    low, high = np.quantile(values, [tails, 1 - tails])
    return float(low), float(high)
