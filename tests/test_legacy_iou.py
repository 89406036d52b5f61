"""mmcv's float32 IoU: its known failures, values of the operator itself, and the exact IoU elsewhere."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rsbench.harness.geometry import from_rotated, iou
from rsbench.harness.legacy_iou import mmcv_boxes, mmcv_iou
from rsbench.harness.rotated import Convention


def boxes(n: int) -> np.ndarray:
    rng = np.random.default_rng(0)
    columns = [*rng.uniform(0, 800, (2, n)), *rng.uniform(5, 120, (2, n)), rng.uniform(-1.57, 1.57, n)]
    return np.stack(columns, 1).astype(np.float32).astype(float)


def each(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.array([mmcv_iou(p[None], q[None])[0, 0] for p, q in zip(a, b, strict=True)])


def test_nearly_identical_boxes_collapse() -> None:
    """Golden case obb 21, and what the operator of onedl-mmcv 2.3.6 prints for it."""
    a, b = (430.184, 486.524, 81, 15.725, -0.012), (430.185, 486.524, 81, 15.725, -0.012)
    assert mmcv_iou([a], [b])[0, 0] == pytest.approx(1 / 3, abs=1e-3)
    assert iou([from_rotated(*a)], [from_rotated(*b)])[0, 0] > 0.999


# IoU of boxes(400)[k] with itself turned by half a turn, moved by 0.001 pixel, and changed visibly, as the
# operator's C++ code prints them (g++ 12, x86-64)
OPERATOR = {
    6: (0.5345190763473511, 0.9999538660049438, 0.8462803363800049),
    8: (0.5941017270088196, 0.9998515248298645, 0.5316711664199829),
    13: (0.655074954032898, 0.9997655153274536, 0.5480201244354248),
    19: (0.6272794008255005, 0.9999730587005615, 0.7459084391593933),
    63: (0.5887047648429871, 0.9999579787254333, 0.7813138961791992),
    71: (0.28539320826530457, 0.9996427297592163, 0.27157947421073914),
    0: (0.9999995231628418, 0.9999659657478333, 0.8174980878829956),
    1: (1.0, 0.9999513030052185, 0.8396055102348328),
    2: (0.9999997615814209, 0.9999250769615173, 0.7708860039710999),
}


def test_equals_the_operator_bit_for_bit() -> None:
    rows = boxes(400)[list(OPERATOR)]
    changes = [(0, 0, 0, 0, np.float32(math.pi)), (0.001, 0, 0, 0, 0), (3, -2, 1, 1, 0.1)]
    ours = np.stack([each(rows, rows + change) for change in changes], 1)
    assert ours.tolist() == [list(values) for values in OPERATOR.values()]


def test_half_a_turn_loses_boxes_now_and_then() -> None:
    rows = boxes(1500)
    turned = rows + (0, 0, 0, 0, np.float32(math.pi))
    values = each(rows, turned)
    assert 0.02 < (values < 0.9).mean() < 0.2
    assert np.median(values) == pytest.approx(1, abs=1e-5)


def test_equals_the_exact_iou_elsewhere() -> None:
    rows = boxes(1500)
    rng = np.random.default_rng(1)
    moved = (rows + rng.normal(0, 1, rows.shape) * (20, 20, 5, 5, 0.5)).clip((0, 0, 1, 1, -9))
    exact = [
        iou([from_rotated(*p)], [from_rotated(*q)])[0, 0]
        for p, q in zip(rows.tolist(), moved.tolist(), strict=True)
    ]
    assert np.abs(each(rows, moved) - exact).max() < 1e-4


def test_values_are_float32() -> None:
    rows = boxes(40)
    values = mmcv_iou(rows, rows + (3, 3, 0, 0, 0.1))
    assert (values.astype(np.float32) == values).all() and values.max() > 0.5


def test_corners_become_the_smallest_box() -> None:
    rows = boxes(50)
    taken = mmcv_boxes(Convention().corners(rows))
    assert (
        np.abs(
            Convention().corners(taken) - Convention().corners(Convention().rewritten(rows, Convention()))
        ).max()
        < 1e-3
    )
    assert mmcv_boxes([(0, 0, 10, 4)]).tolist() == [[5, 2, 10, 4, 0]]


def test_what_is_no_region_overlaps_nothing() -> None:
    broken = [
        (0, 0, 5, 5, 9, 9, 7, 7),
        (math.nan,) * 8,
        (math.inf, 0, 1, 0, 1, 1, 0, 1),
        (0, 0, 2, 0, 2, 1, 0, 1),
    ]
    assert mmcv_iou(broken, broken).tolist() == np.diag([0.0, 0.0, 0.0, 1.0]).tolist()
    assert mmcv_iou([], broken).shape == (0, 4)
    huge = [(1e300, 0, 1e300, 1, 0), (0, 0, 4, 2, 0)]
    assert mmcv_iou(huge, huge)[0].tolist() == [0.0, 0.0]
