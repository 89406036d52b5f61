"""The difference of two figures from their intervals alone, where the answers of one side are not at hand."""

from __future__ import annotations

import math

from .contract import Figure
from .metrics.paired import Difference
from .score import RESAMPLES

NORMAL = 1.959963984540054  # standard errors on either side of a 95 % interval


def unpaired(first: Figure, second: Figure) -> Difference | None:
    """Second minus first, as if they were of two independent draws of samples; None without intervals.

    The standard error of each is its interval's width over 2 x 1.96, that of the difference the root of the
    sum of their squares, and the interval and two-sided p are those of a normal variable. Two runs of the
    same samples mostly go right and wrong together, which this cannot know: it then sees fewer differences
    than the paired bootstrap, not more. No p is below what the draws behind the intervals can tell, 2 / 1001.

    >>> found = unpaired(Figure("top-1", 0.80, 0.76, 0.84), Figure("top-1", 0.86, 0.83, 0.89))
    >>> round(found.value, 3), round(found.low, 3), round(found.high, 3), round(found.p, 4)
    (0.06, 0.01, 0.11, 0.0187)
    """
    from scipy.stats import norm

    sides = first, second
    if any(None in (side.value, side.low, side.high) for side in sides):
        return None
    value = _known(second.value) - _known(first.value)
    errors = [(_known(side.high) - _known(side.low)) / (2 * NORMAL) for side in sides]
    error = math.hypot(*errors)
    if value == 0:
        p = 1.0
    else:
        least = 2 / (RESAMPLES + 1)
        p = max(least, 2 * float(norm.sf(abs(value) / error))) if error else least
    return Difference(value, value - NORMAL * error, value + NORMAL * error, p)


def _known(value: float | None) -> float:
    assert value is not None, "looked at before"
    return value
