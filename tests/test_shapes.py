"""Boxes are checked, and brought to one form."""

from __future__ import annotations

from math import inf, nan

import pytest

from rsbench.harness.contract import Image, Region, Sample, Target
from rsbench.harness.datasets.shapes import defect, one_form


@pytest.mark.parametrize(
    ("points", "word"),
    [
        ((1, 2, 3, nan), "finite"), ((1, 2, inf, 4), "finite"), ((1, 2, 3), "3 numbers"), ((), "0 numbers"),
        ((3, 2, 1, 4), "far corner"), ((1, 2, 1, 4), "without area"),
        ((1, 1, 2, 2, 3, 3, 4, 4), "without area"),
        ((5,) * 8, "without area"), ((100, 0, 120, 9), "outside"), ((-9, 0, 0, 9), "outside"),
        ((0, 90, 9, 90, 9, 99, 0, 99), "outside"),
    ],
)  # fmt: skip
def test_defects(points: tuple[float, ...], word: str) -> None:
    assert word in (defect(points, (100, 80)) or "")


@pytest.mark.parametrize(
    "points", [(0, 0, 1, 1), (-5, -5, 200, 200), (0, 0, 9, 9, 9, 0, 0, 9), (99.5, 0, 120, 9)]
)
def test_usable_boxes(points: tuple[float, ...]) -> None:
    assert defect(points, (100, 80)) is None and defect(points, None) is None


def test_one_form_for_all() -> None:
    flat, turned = Region((1, 2, 3, 4), "a", ignore=True), Region((0, 2, 2, 0, 4, 2, 2, 4), "b")
    samples = [Sample(str(i), (Image("x", ""),), Target(regions=(r,))) for i, r in enumerate((flat, turned))]

    def points(oriented: bool | None, count: int = 2) -> list[tuple[float, ...]]:
        return [r.points for s in one_form(samples[:count], oriented) for r in s.target.regions]

    assert points(None) == [(1, 2, 3, 2, 3, 4, 1, 4), turned.points]
    assert points(None, 1) == [flat.points]
    assert points(False) == [flat.points, (0, 0, 4, 4)]
    assert one_form(samples, True)[0].target.regions[0].ignore
