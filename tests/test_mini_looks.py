"""What the sensors do to a picture, measured on flat ones."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.datasets.mini.looks import developed
from rsbench.harness.datasets.mini.terrain import softened


def _flat(value: float) -> np.ndarray:
    return np.full((128, 128, 3), value, dtype=np.float32)


def _spread(value: float, seed: int) -> float:
    image = developed(_flat(value), "sar", np.random.default_rng(seed), shifted=False).astype(float)
    return float(image.std())


def test_speckle_is_multiplicative() -> None:
    for seed in range(5):
        ratio = _spread(80.0, seed) / _spread(20.0, seed)
        assert 3.2 < ratio < 4.4, "four times the amplitude, about four times the speckle"


def test_optical_noise_is_not() -> None:
    images = [developed(_flat(v), "optical", np.random.default_rng(0), shifted=False) for v in (40.0, 160.0)]
    assert images[1].std() < 2.5 * images[0].std()


def test_grey_looks_are_grey() -> None:
    for look in ("sar", "infrared"):
        image = developed(_flat(90.0), look, np.random.default_rng(1), shifted=True)
        assert np.ptp(image, axis=2).max() == 0


def test_infrared_gain_lifts_a_dull_scene() -> None:
    dull = _flat(100.0)
    dull[:64] += 8
    image = developed(dull, "infrared", np.random.default_rng(2), shifted=False).astype(float)
    assert image[10:54].mean() - image[74:118].mean() > 12


@pytest.mark.parametrize("sigma", [0.4, 0.7, 1.2])
def test_softening_has_the_variance_of_its_gaussian(sigma: float) -> None:
    spot = np.zeros((21, 21), dtype=np.float32)
    spot[10, 10] = 1
    blurred = softened(spot, sigma)
    across = blurred.sum(0)
    assert blurred.sum() == pytest.approx(1, abs=1e-5)
    assert (across * (np.arange(21) - 10) ** 2).sum() == pytest.approx(sigma**2, rel=1e-3)
