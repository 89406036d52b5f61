"""The learning rate of the encoders: cycles of a warm-up and half a cosine."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

BETAS = (0.9, 0.95)  # of AdamW (V-A)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Linear warm-up over a share of the steps, then half a cosine down to 0 (V-A: minimum 0)."""

    peak: float
    warm_up: float
    steps: int

    def at(self, step: int) -> float:
        """The learning rate of a step, counted from 0.

        >>> Schedule(1.0, 0.1, 100).at(9), round(Schedule(1.0, 0.1, 100).at(55), 3)
        (1.0, 0.5)
        """
        warm = max(1, round(self.warm_up * self.steps))
        if step < warm:
            return self.peak * (step + 1) / warm
        return self.peak * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, self.steps - warm)))


def rate_at(cycles: Sequence[Schedule], step: int) -> float:
    """The learning rate of a step of a training that warms up and decays several times; 0 after the last.

    >>> cycles = [Schedule(1.0, 0.1, 10), Schedule(0.5, 0.1, 10)]
    >>> [rate_at(cycles, step) for step in (0, 10, 20)]
    [1.0, 0.5, 0.0]
    """
    for cycle in cycles:
        if step < cycle.steps:
            return cycle.at(step)
        step -= cycle.steps
    return 0.0
