"""NaN inside arrays is None wherever a figure is named."""

from __future__ import annotations

import doctest

import numpy as np

from rsbench.harness.metrics import undefined
from rsbench.harness.metrics.undefined import of_one_draw


def test_doctests() -> None:
    assert doctest.testmod(undefined).failed == 0


def test_the_only_draw() -> None:
    drawn = {"there": np.array([0.25]), "undefined": np.array([np.nan])}
    assert of_one_draw(drawn) == {"there": 0.25, "undefined": None}
