"""Which way a figure is good: more of it, of nearly all; less of it, of spreads and of what is undecided."""

from __future__ import annotations

import re

from ..contract import Figure

_LESS = re.compile(r"/orders/sd(/|$)|/left to a judge$")


def less_is_better(name: str) -> bool:
    """Whether less of a figure is better.

    >>> less_is_better("all classes/mAP@0.50/voc07/orders/sd/given"), less_is_better("top-1")
    (True, False)
    """
    return bool(_LESS.search(name))


def figure_of(name: str, value: float | None, low: float | None = None, high: float | None = None) -> Figure:
    """A figure that says which way it is good."""
    return Figure(name, value, low, high, higher_is_better=not less_is_better(name))
