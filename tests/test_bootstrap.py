"""Bootstrap intervals against scipy, and their corners."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Region, Target
from rsbench.harness.metrics import bootstrap
from rsbench.harness.metrics.bootstrap import draws, intervals
from rsbench.harness.metrics.detection import Detection


class Mean:
    """A tally with one figure, the mean of some numbers, and one that is never defined."""

    def __init__(self, values: Any) -> None:
        self.values = np.asarray(values, float)

    def figures(self, weights: Any = None, only: str | None = None) -> Mapping[str, float | None]:
        weight = np.ones(len(self.values)) if weights is None else weights
        total = weight.sum()
        return {"mean": float(weight @ self.values / total) if total else None, "never": None}


def test_equals_scipy() -> None:
    stats = pytest.importorskip("scipy.stats")
    values = np.random.default_rng(3).normal(5, 2, 200)
    low, high = intervals(Mean(values), 200, resamples=4000)["mean"] or (0, 0)
    theirs = stats.bootstrap(
        (values,), np.mean, n_resamples=4000, method="percentile", rng=np.random.default_rng(0)
    ).confidence_interval
    assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=0.03)


def test_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for trial in range(100):
        low, high = intervals(Mean(rng.normal(0, 1, 60)), 60, seed=trial, resamples=200)["mean"] or (0, 0)
        held += low <= 0 <= high
    assert 87 <= held <= 100


def test_same_seed_same_interval() -> None:
    tally = Mean(range(50))
    assert intervals(tally, 50, seed=4) == intervals(tally, 50, seed=4)
    assert intervals(tally, 50, seed=4) != intervals(tally, 50, seed=5)


def test_groups_stay_together() -> None:
    """Ten copies of each value, grouped, are no more certain than the values themselves."""
    values = np.random.default_rng(1).normal(0, 1, 30)
    names = [f"image {i}" for i in range(30) for _ in range(10)]
    alone = intervals(Mean(values), 30, resamples=300)["mean"]
    grouped = intervals(Mean(np.repeat(values, 10)), 300, names, resamples=300)["mean"]
    loose = intervals(Mean(np.repeat(values, 10)), 300, resamples=300)["mean"]
    assert grouped == pytest.approx(alone, abs=1e-12)
    assert alone is not None and loose is not None
    assert loose[1] - loose[0] < 0.6 * (alone[1] - alone[0])


def test_what_is_undefined_has_no_interval() -> None:
    assert intervals(Mean([1.0, 2.0]), 2)["never"] is None
    assert intervals(Mean([]), 0) == {"mean": None, "never": None}


def test_wrong_number_of_groups_is_an_error() -> None:
    with pytest.raises(ValueError, match="1 groups were given for 2 samples"):
        intervals(Mean([1.0, 2.0]), 2, ["a"])


def test_of_average_precision() -> None:
    metric = Detection({"ships": {"ship": "ship"}}, (0.5,))
    gold = Target(regions=(Region((0, 0, 9, 9), "ship"),))
    hit, miss = Answer(regions=(Region((0, 0, 9, 9), "ship", 0.9),)), Answer()
    evidence = [metric.observe(gold, hit if i % 2 else miss) for i in range(40)]
    bounds = intervals(metric.tally(evidence), 40, resamples=200)["ships/AP@0.50/area"]
    assert bounds is not None and 0.2 < bounds[0] < 0.5 < bounds[1] < 0.8


class Means(Mean):
    """The same, counting all draws at once."""

    def resampled(self, weights: Any, only: str | None = None) -> Mapping[str, Any]:
        totals = weights.sum(1)
        means = weights @ self.values / np.where(totals > 0, totals, 1)
        return {"mean": np.where(totals > 0, means, np.nan), "never": np.full(len(weights), np.nan)}


def by_loop(values: Any, groups: list[str], seed: int, resamples: int) -> tuple[float, float]:
    """The interval of a mean by the plainest loop: one call of the generator for each resample."""
    member = {name: i for i, name in enumerate(dict.fromkeys(groups))}
    generator, means = np.random.default_rng(seed), []
    for _ in range(resamples):
        chosen = generator.integers(0, len(member), len(member))
        weight = np.array([np.count_nonzero(chosen == member[name]) for name in groups])
        means.append(weight @ values / weight.sum())
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


@pytest.mark.parametrize("kind", [Mean, Means])
def test_draws_are_those_of_a_plain_loop(kind: type[Mean], monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(9).normal(0, 1, 41)
    groups = [f"image {i // 3}" for i in range(41)]
    expected = by_loop(values, groups, 7, 100)
    for cells in (1, 41 * 7, 1 << 22):  # however the draws are cut into parts
        monkeypatch.setattr(bootstrap, "_CELLS", cells)
        assert intervals(kind(values), 41, groups, 7, 100)["mean"] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("kind", [Mean, Means])
def test_rows_act_as_a_tally_of_their_own(kind: type[Mean]) -> None:
    values = np.random.default_rng(2).normal(0, 1, 60)
    groups = [f"image {i % 25}" for i in range(60)]
    rows = [i for i in range(60) if i % 3]
    part = intervals(kind(values), 60, groups, resamples=200, rows=rows)
    alone = intervals(kind(values[rows]), 40, [groups[i] for i in rows], resamples=200)
    assert part["mean"] == pytest.approx(alone["mean"], abs=1e-12)
    assert intervals(kind(values), 60, groups, rows=[]) == {"mean": None, "never": None}
    one = intervals(kind(values), 60, groups, resamples=20, rows=[4])["mean"]
    assert one == pytest.approx((values[4], values[4]), abs=1e-12)


def test_every_group_is_drawn_as_often_as_any_other() -> None:
    weights = np.concatenate(list(draws(8, list("aabbccdd"), 0, 4000)))
    assert weights.shape == (4000, 8) and (weights.sum(1) == 8).all()
    assert (weights[:, ::2] == weights[:, 1::2]).all()
    assert weights.mean(0) == pytest.approx(np.ones(8), abs=0.06)


def test_draws_that_are_undefined_are_passed_over() -> None:
    class Rare:
        """Defined only where the first sample was drawn."""

        def figures(self, weights: Any = None, only: str | None = None) -> Mapping[str, float | None]:
            return {"rare": 0.5 if weights is None or weights[0] else None}

    assert intervals(Rare(), 5, resamples=50) == {"rare": (0.5, 0.5)}
