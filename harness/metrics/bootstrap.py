"""Percentile bootstrap intervals of every figure of a tally, from evidence alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..geometry import Floats
from ..roles import Resampling, Tally

_CELLS = 1 << 22  # weights held at once, so that memory does not grow with samples times resamples


def intervals(
    tally: Tally,
    samples: int,
    groups: Sequence[str] | None = None,
    seed: int = 0,
    resamples: int = 1000,
    level: float = 0.95,
    only: str | None = None,
    rows: Sequence[int] | None = None,
) -> Mapping[str, tuple[float, float] | None]:
    """The range that holds the middle `level` of each figure when samples are drawn again with replacement.

    `groups` names the group (image) of each of the `samples`: groups are drawn, so that questions about one
    image stay together; None draws samples. A figure that is None on all samples has no interval. Draws in
    which it is None (a class that was not drawn, say) are passed over. The same seed gives the same draws for
    any tally of the same groups. `only`: the figure that is wanted, if not all are. `rows`: the samples that
    are meant, if not all are; the others count for nothing, and groups are drawn from those of `rows`, as if
    the tally were of them alone.

    B. Efron, R. Tibshirani: An introduction to the bootstrap, 1993, section 13.3.

    Raises:
        ValueError: groups that are not one for each sample.

    >>> from rsbench.harness.metrics.choice import Choice
    >>> from rsbench.harness.contract import Answer, Target
    >>> metric = Choice(("a", "b"))
    >>> said = [Answer(label="a")] * 80 + [Answer(label="b")] * 20
    >>> tally = metric.tally([metric.observe(Target(label="a"), answer) for answer in said])
    >>> low, high = intervals(tally, 100)["top-1"]  # normal approximation: 0.722 to 0.878
    >>> round(low, 2), round(high, 2)
    (0.72, 0.88)
    """
    whole = tally.figures(subset(samples, rows), only)
    drawn: dict[str, list[Floats]] = {name: [] for name, value in whole.items() if value is not None}
    for weights in draws(samples, groups, seed, resamples if drawn else 0, rows):
        values = resampled(tally, weights, only)
        for name, parts in drawn.items():
            parts.append(values[name])
    return {name: bounds(drawn[name], level) if name in drawn else None for name in whole}


def subset(samples: int, rows: Sequence[int] | None) -> NDArray[np.int64] | None:
    """Weights that count `rows` once and the other samples not at all; None for all samples."""
    if rows is None:
        return None
    weights = np.zeros(samples, np.int64)
    weights[np.asarray(rows, np.intp)] = 1
    return weights


def draws(
    samples: int,
    groups: Sequence[str] | None,
    seed: int,
    resamples: int,
    rows: Sequence[int] | None = None,
) -> Iterator[NDArray[np.int32]]:
    """How often each sample counts in each resample, in parts: arrays (draws, samples).

    As many groups are drawn as there are (among `rows`), each with the same chance. The stream of draws
    depends on the seed and the number of groups alone, not on how it is cut into parts.

    Raises:
        ValueError: groups that are not one for each sample.
    """
    if groups is not None and len(groups) != samples:
        raise ValueError(f"{len(groups)} groups were given for {samples} samples.")
    meant = np.arange(samples) if rows is None else np.asarray(rows, np.intp)
    member = np.arange(len(meant)) if groups is None else _numbered([groups[i] for i in meant])
    count = int(member.max()) + 1 if len(member) else 0
    generator = np.random.default_rng(seed)
    step = max(1, _CELLS // max(samples, 1))
    for start in range(0, resamples, step):
        times = np.empty((min(step, resamples - start), count), np.int32)
        for row in times:
            row[:] = np.bincount(generator.integers(0, count, count), minlength=count) if count else 0
        weights = np.take(times, member, axis=1)
        if rows is None:
            yield weights
            continue
        among = np.zeros((len(times), samples), np.int32)
        among[:, meant] = weights
        yield among


def resampled(tally: Tally, weights: NDArray[np.int32], only: str | None) -> Mapping[str, Floats]:
    """Every figure under every draw (draws,), NaN where undefined; all at once where the tally can."""
    if isinstance(tally, Resampling):
        return tally.resampled(weights, only)
    each = [tally.figures(row, only) for row in weights]
    names = each[0] if each else {}
    return {name: np.array([_number(figures[name]) for figures in each]) for name in names}


def bounds(parts: Sequence[Floats], level: float) -> tuple[float, float] | None:
    """The range of the middle `level` of the draws that are defined; None where none is."""
    values = np.concatenate([np.zeros(0), *parts])
    values = values[~np.isnan(values)]
    if not len(values):
        return None
    tails = (1 - level) / 2
    low, high = np.quantile(values, [tails, 1 - tails])
    return float(low), float(high)


def _numbered(groups: Sequence[str]) -> NDArray[np.intp]:
    number = {name: i for i, name in enumerate(dict.fromkeys(groups))}
    return np.array([number[name] for name in groups], np.intp)


def _number(value: Any) -> float:
    return np.nan if value is None else float(value)
