"""Paired bootstrap: is the difference of two tallies of the same samples more than chance?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..geometry import Floats
from ..roles import Tally
from .bootstrap import bounds, draws, resampled, subset


@dataclass(frozen=True, slots=True)
class Difference:
    """Second minus first, the range of its middle draws, and how likely chance alone gives as much.

    `p` is the achieved significance level, two-sided: twice the smaller share of draws on either side of 0,
    each with the draw at hand counted in, (1 + draws at or beyond 0) / (1 + draws), at most 1. So it is the
    level at which the percentile interval just reaches 0, and never exactly 0.
    """

    value: float
    low: float
    high: float
    p: float


def differences(
    first: Tally,
    second: Tally,
    samples: int,
    groups: Sequence[str] | None = None,
    seed: int = 0,
    resamples: int = 1000,
    level: float = 0.95,
    only: str | None = None,
    rows: Sequence[int] | None = None,
) -> Mapping[str, Difference | None]:
    """The difference second - first of every figure that both tallies have, from the same draws for both.

    Both tallies are of the same samples in the same order. Groups, draws and `rows` are those of
    `bootstrap.intervals`. None where either figure is undefined on all samples, or no draw has both.

    B. Efron, R. Tibshirani: An introduction to the bootstrap, 1993, sections 13.3 and 15.4; the count of the
    draw at hand: A. Davison, D. Hinkley: Bootstrap methods and their application, 1997, chapter 4.

    >>> from rsbench.harness.metrics.choice import Choice
    >>> from rsbench.harness.contract import Answer, Target
    >>> def tally(right):
    ...     said = [Answer(label="a")] * right + [Answer(label="b")] * (100 - right)
    ...     return Choice(("a", "b")).tally([Choice(("a", "b")).observe(Target(label="a"), a) for a in said])
    >>> found = differences(tally(60), tally(70), 100)["top-1"]
    >>> round(found.value, 2), found.low > 0, found.p < 0.01
    (0.1, True, True)
    """
    weights = subset(samples, rows)
    whole = first.figures(weights, only), second.figures(weights, only)
    observed: dict[str, float] = {}
    for name, value in whole[0].items():
        other = whole[1].get(name)
        if value is not None and other is not None:
            observed[name] = other - value
    drawn: dict[str, list[Floats]] = {name: [] for name in observed}
    for part in draws(samples, groups, seed, resamples if drawn else 0, rows):
        before, after = resampled(first, part, only), resampled(second, part, only)
        for name, parts in drawn.items():
            parts.append(after[name] - before[name])
    found = {name: of_draws(value, drawn[name], level) for name, value in observed.items()}
    return {name: found.get(name) for name in whole[0] if name in whole[1]}


def of_draws(value: float, parts: Sequence[Floats], level: float) -> Difference | None:
    """The difference `value` with the range and the p that draws of it give; None where no draw has it."""
    around = bounds(parts, level)
    if around is None:
        return None
    values = np.concatenate(parts)
    below, above, count = (values <= 0).sum(), (values >= 0).sum(), (~np.isnan(values)).sum()
    return Difference(value, *around, min(1.0, 2 * float(1 + min(below, above)) / float(1 + count)))
