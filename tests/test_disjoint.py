"""The difference of two parts: by arithmetic, by the normal approximation, and rarely from chance alone."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Target
from rsbench.harness.metrics.choice import Choice
from rsbench.harness.metrics.disjoint import difference
from rsbench.harness.roles import Tally


def tally(hits: np.ndarray) -> Tally:
    metric = Choice(("a", "b"))
    return metric.tally([metric.observe(Target(label="a"), Answer(label="a" if h else "b")) for h in hits])


def test_value_and_interval_are_those_of_two_shares() -> None:
    hits = np.r_[np.arange(400) % 10 < 6, np.arange(300) % 10 < 8]
    names = [str(i) for i in range(700)]
    found = difference(tally(hits), 700, range(400), range(400, 700), names, "top-1", resamples=4000)
    assert found is not None and found.value == pytest.approx(0.2)
    error = np.sqrt(0.6 * 0.4 / 400 + 0.8 * 0.2 / 300)  # of two independent shares
    assert found.low == pytest.approx(0.2 - 1.96 * error, abs=0.006)
    assert found.high == pytest.approx(0.2 + 1.96 * error, abs=0.006)
    assert found.p < 0.01


def test_samples_of_one_image_are_drawn_together() -> None:
    """Ten questions an image, all right or all wrong: the interval is that of the images."""
    hits = np.repeat(np.arange(80) % 4 < 2, 10)
    images = [str(i // 10) for i in range(800)]
    one = difference(tally(hits), 800, range(400), range(400, 800), images, "top-1")
    single = difference(tally(hits), 800, range(400), range(400, 800), [str(i) for i in range(800)], "top-1")
    assert (
        one
        and single
        and (one.high - one.low) / (single.high - single.low) == pytest.approx(np.sqrt(10), rel=0.2)
    )


def test_chance_alone_is_seldom_more_than_chance() -> None:
    rng = np.random.default_rng(8)
    names = [str(i) for i in range(120)]
    ps = []
    for _ in range(100):
        one = tally(rng.random(120) < 0.7)
        found = difference(one, 120, range(40), range(40, 120), names, "top-1", resamples=200)
        assert found is not None
        ps.append(found.p)
    assert 0 <= sum(p < 0.05 for p in ps) <= 11  # 5 expected, standard deviation 2.2
    assert 0.3 < np.median(ps) < 0.7


def test_equal_parts_are_not_drawn_alike() -> None:
    """Parts of one size with equal hits: the same draws for both would leave no spread at all."""
    hits = np.tile(np.arange(50) % 2, 2)
    found = difference(tally(hits), 100, range(50), range(50, 100), [str(i) for i in range(100)], "top-1")
    assert found is not None and found.value == 0 and found.high - found.low > 0.2 and found.p > 0.8


def test_nothing_in_a_part() -> None:
    assert difference(tally(np.ones(5)), 5, range(5), [], list("abcde"), "top-1") is None
