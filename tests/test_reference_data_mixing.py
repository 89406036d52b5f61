"""Sources mixed by weight: a pure function of the step, exact shares, no record twice in a pass."""

from __future__ import annotations

from collections import Counter
from itertools import islice

import pytest

from rsbench.harness.errors import UsageError
from rsbench.reference_model.data.mixing import BLOCK, Mixture, mix

SMALL = Mixture((7, 100, 3000), (1.0, 2.0, 5.0), seed=3)


def test_any_start_gives_the_same_draws() -> None:
    whole = list(islice(SMALL.stream(), 2 * BLOCK + 500))
    for start in (0, 1, 777, BLOCK - 1, BLOCK, 2 * BLOCK + 3):
        assert list(islice(SMALL.stream(start), 400)) == whole[start : start + 400]
        assert SMALL.pick(start) == whole[start]
    assert whole[:500] != list(islice(Mixture(SMALL.sizes, SMALL.weights, 4).stream(), 500))


def test_shares_and_passes() -> None:
    draws = list(islice(SMALL.stream(), 3 * BLOCK))
    counts = Counter(source for source, _ in draws)
    assert [counts[i] / (3 * BLOCK) for i in range(3)] == [0.125, 0.25, 0.625]
    for source, size in enumerate(SMALL.sizes):
        own = [index for s, index in draws if s == source]
        passes = [own[i : i + size] for i in range(0, len(own) - size + 1, size)]
        assert all(sorted(order) == list(range(size)) for order in passes)
        assert passes[0] != passes[1] != sorted(passes[0])
    early = Counter(source for source, _ in draws[:800])  # mixed, not one after the other
    assert all(abs(early[i] / 800 - w / 8) < 0.06 for i, w in enumerate(SMALL.weights))


@pytest.mark.parametrize(
    "weights", [(1.0,), (1e-9, 1.0), (1.0, 1.0, 1.0), (3.0, 1e-12, 7.0, 0.3), (1.0,) * 999]
)
def test_shares_add_up_and_none_is_forgotten(weights: tuple[float, ...]) -> None:
    shares = Mixture((5,) * len(weights), weights).shares()
    assert sum(shares) == BLOCK and min(shares) >= 1
    exact = [w / sum(weights) * BLOCK for w in weights]
    assert all(abs(share - part) <= 1 for share, part in zip(shares, exact, strict=True))


def test_bad_lists() -> None:
    mixture, names, problems = mix([("a", 3, 1.0), ("b", 0, 1.0), ("a", 9, 5.0), ("c", 2, 2.0)], seed=1)
    assert names == ("a", "c") and mixture == Mixture((3, 2), (1.0, 2.0), 1)
    assert problems.lines() == ["1  a source listed twice: a", "1  a source without records: b"]
    for sources in (
        [],
        [("a", 3, 0.0)],
        [("a", 3, -1.0)],
        [("a", 3, float("nan"))],
        [("a", 3, float("inf"))],
    ):
        with pytest.raises(UsageError):
            mix(sources)
