"""Holm's correction: p-values of several tests, so that chance is held down over all of them together."""

from __future__ import annotations

from collections.abc import Sequence


def holm(p_values: Sequence[float | None]) -> list[float | None]:
    """Adjusted p-values, in order: rejecting where one is at most 0.05 errs once or more in 5 % of families.

    The k-th smallest of m is multiplied by m - k + 1, no value falls below that of a smaller one, none
    exceeds 1. Tests may depend on each other in any way. None, a test that was not made, stays None and is
    not counted.

    S. Holm: A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6,
    1979.

    Raises:
        ValueError: a number outside [0, 1].

    >>> holm([0.01, None, 0.04, 0.03])
    [0.03, None, 0.06, 0.06]
    """
    made = [(p, place) for place, p in enumerate(p_values) if p is not None]
    if not all(0 <= p <= 1 for p, _ in made):
        raise ValueError("a p-value lies in [0, 1]")
    adjusted: list[float | None] = [None] * len(p_values)
    least = 0.0
    for rank, (p, place) in enumerate(sorted(made)):
        least = max(least, min(1.0, p * (len(made) - rank)))
        adjusted[place] = least
    return adjusted
