"""An undefined figure: NaN inside arrays, None wherever a figure is named."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np


def number(value: Any) -> float | None:
    """A figure out of an array.

    >>> number(np.float64(0.5)), number(np.nan)
    (0.5, None)
    """
    return None if np.isnan(value) else float(value)


def of_one_draw(drawn: Mapping[str, Any]) -> dict[str, float | None]:
    """The figures of the only draw there is, from arrays (1,)."""
    return {name: number(values[0]) for name, values in drawn.items()}
