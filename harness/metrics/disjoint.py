"""Bootstrap of the difference between two parts of one set of samples that have no image in common."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..roles import Tally
from .bootstrap import draws, resampled, subset
from .paired import Difference, of_draws


def difference(
    tally: Tally,
    samples: int,
    first: Sequence[int],
    second: Sequence[int],
    groups: Sequence[str],
    figure: str,
    seed: int = 0,
    resamples: int = 1000,
    level: float = 0.95,
) -> Difference | None:
    """A figure over the rows `second` minus the same over `first`, each part drawn again by itself.

    None where the figure is undefined on either part. Interval and p are read off the draws as in paired.py;
    nothing is paired here, since no image is in both parts.

    B. Efron, R. Tibshirani: An introduction to the bootstrap, 1993, section 8.3 (two-sample problem).

    >>> from rsbench.harness.metrics.choice import Choice
    >>> from rsbench.harness.contract import Answer, Target
    >>> metric, names = Choice(("a", "b")), [f"{i}.png" for i in range(200)]
    >>> said = [Answer(label="ab"[i % 100 >= (60 if i < 100 else 90)]) for i in range(200)]
    >>> tally = metric.tally([metric.observe(Target(label="a"), answer) for answer in said])
    >>> found = difference(tally, 200, range(100), range(100, 200), names, "top-1")
    >>> round(found.value, 2), found.low > 0.1, found.p < 0.01
    (0.3, True, True)
    """
    values = [tally.figures(subset(samples, rows), figure).get(figure) for rows in (first, second)]
    before, after = values
    if before is None or after is None:
        return None
    pairs = zip(
        draws(samples, groups, seed, resamples, first),
        draws(samples, groups, seed + 1, resamples, second),  # another stream: equal parts are drawn apart
        strict=True,
    )
    parts = [resampled(tally, b, figure)[figure] - resampled(tally, a, figure)[figure] for a, b in pairs]
    return of_draws(after - before, [np.asarray(part) for part in parts], level)
