"""Detail part by part: copies agree, pictures that share one bright thing or a border do not."""

from __future__ import annotations

from typing import Any

import numpy as np
import PIL.Image
import pytest

from rsbench.harness.datasets.detail import LEAST_PARTS, SIDE, agreement, is_plain, thumbnail

RNG = np.random.default_rng(5)


def rough(noise: float) -> np.ndarray:
    return RNG.normal(100, noise, (SIDE, SIDE)).clip(0, 255).round().astype(np.uint8)


def with_black(small: np.ndarray, columns: int) -> np.ndarray:
    return np.where(np.arange(SIDE) < columns, 0, small).astype(np.uint8)


def test_a_thumbnail_is_means_by_a_triangle() -> None:
    grey = RNG.integers(0, 255, (256, 192), np.uint8)
    found = thumbnail(PIL.Image.fromarray(grey).convert("RGB"))

    def weights(count: int) -> Any:  # (64, count)
        far = np.abs((np.arange(count) + 0.5) / count * SIDE - np.arange(SIDE)[:, None] - 0.5)
        rows = np.maximum(0, 1 - far)
        return rows / rows.sum(axis=1, keepdims=True)

    assert np.abs(found - weights(256) @ grey @ weights(192).T).max() <= 1.1  # rounded twice


def test_by_the_definition() -> None:
    """The median over 8 x 8 parts of numpy's correlation of what a plane leaves over."""
    a = rough(20)
    b = (0.5 * a + RNG.normal(30, 5, a.shape)).clip(0, 255).round().astype(np.uint8)
    y, x = np.mgrid[:8, :8]
    plane = np.stack([np.ones(64), x.ravel(), y.ravel()], axis=1)

    def left(part: np.ndarray) -> Any:
        values = part.astype(float).ravel()
        return values - plane @ np.linalg.lstsq(plane, values, rcond=None)[0]

    each = [
        np.corrcoef(left(a[r : r + 8, c : c + 8]), left(b[r : r + 8, c : c + 8]))[0, 1]
        for r in range(0, SIDE, 8)
        for c in range(0, SIDE, 8)
    ]
    assert agreement(a[None], b[None])[0] == pytest.approx(np.median(each), abs=1e-5)


def test_copies_agree_and_strangers_do_not() -> None:
    a, b = rough(10), rough(10)
    darker = (a * 0.7).round().astype(np.uint8)
    assert agreement(np.stack([a, a, a]), np.stack([a, darker, b])) == pytest.approx([1, 1, 0], abs=0.1)


def test_what_many_pictures_share_decides_nothing() -> None:
    a, b = with_black(rough(10), 24), with_black(rough(10), 24)
    assert np.corrcoef(a.ravel(), b.ravel())[0, 1] > 0.9
    assert agreement(a[None], b[None])[0] < 0.2
    assert agreement(a[None], a[None])[0] == pytest.approx(1)


def test_plain_pictures() -> None:
    y, x = np.mgrid[:SIDE, :SIDE]
    slope = (x + 2 * y).astype(np.uint8)
    ship = slope.copy()
    ship[20:25, 30:32] = 250
    assert is_plain(slope) and is_plain(ship) and not is_plain(rough(10))
    assert agreement(ship[None], ship[None])[0] == 0  # one part of 64 is no evidence
    few = np.full((SIDE, SIDE), 90, np.uint8)
    parts = [(r, c) for r in range(0, SIDE, 8) for c in range(0, SIDE, 8)]
    for count, (r, c) in enumerate(parts[:LEAST_PARTS], 1):
        few[r : r + 8, c : c + 8] = rough(10)[:8, :8]
        assert is_plain(few) == (count < LEAST_PARTS)
    assert agreement(few[None], few[None])[0] == pytest.approx(1)


def test_nothing_to_compare() -> None:
    none = np.zeros((0, SIDE, SIDE), np.uint8)
    assert agreement(none, none).shape == (0,)
