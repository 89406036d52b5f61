"""Average precision against the definition written out, and against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.metrics.average_precision import Ranking, average_precision

LISTS = st.lists(st.tuples(st.integers(0, 4), st.booleans()), max_size=12)


def points_of(rows: list[tuple[int, bool]], positives: int, grouped: bool) -> list[tuple[float, float]]:
    """(recall, precision) after each rank, or only after the last rank of each score."""
    ranked = sorted(rows, key=lambda row: -row[0])
    points, hits = [], 0
    for k, (score, hit) in enumerate(ranked, 1):
        hits += hit
        if not grouped or k == len(ranked) or ranked[k][0] != score:
            points.append((hits / positives, hits / k))
    return points


def by_definition(points: list[tuple[float, float]], how: str) -> float:
    def best(level: float) -> float:
        return max((p for r, p in points if r >= level), default=0.0)

    if how == "voc07":
        return sum(best(t) for t in np.arange(0.0, 1.1, 0.1)) / 11
    if how == "coco101":
        return sum(best(t) for t in np.linspace(0, 1, 101)) / 101
    recalls = sorted({0.0, *(r for r, _ in points)})
    return sum((b - a) * best(b) for a, b in zip(recalls, recalls[1:], strict=False))


@given(LISTS, st.integers(0, 3), st.booleans(), st.sampled_from(["voc07", "area", "coco101"]))
@settings(max_examples=250, deadline=None)
def test_equals_the_definition(rows: list[tuple[int, bool]], missed: int, grouped: bool, how: str) -> None:
    positives = sum(hit for _, hit in rows) + missed
    scores, hits = [s for s, _ in rows], [h for _, h in rows]
    ours = average_precision(scores, hits, positives, how, grouped)
    if not positives:
        assert ours is None
    else:
        expected = by_definition(points_of(rows, positives, grouped), how)
        assert ours == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_one_group_per_score_equals_scikit_learn_where_precision_only_falls(seed: int) -> None:
    """scikit-learn takes no envelope, so the two agree on curves that need none."""
    sklearn = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(seed)
    share = np.sort(rng.random(5))[::-1]
    scores = np.repeat(np.arange(5)[::-1], 40)
    hits = np.concatenate([np.arange(40) < round(40 * s) for s in share])
    ours = average_precision(scores, hits, int(hits.sum()), "area", grouped=True)
    assert ours == pytest.approx(sklearn.average_precision_score(hits, scores), abs=1e-12)


@pytest.mark.parametrize(("found", "expected"), [(3, 3 / 11), (7, 7 / 11), (10, 1.0)])
def test_eleven_points_as_the_scripts_have_them(found: int, expected: float) -> None:
    """Recalls of 3/10 and 7/10 miss the thresholds 0.30000000000000004 and 0.7000000000000001."""
    scores = range(found, 0, -1)
    assert average_precision(scores, [True] * found, 10, "voc07") == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("how", ["voc07", "area", "coco101"])
def test_limits(how: str) -> None:
    assert average_precision([], [], 0, how) is None
    assert average_precision([0.5], [False], 0, how) is None
    assert average_precision([], [], 3, how) == 0.0
    assert average_precision([0.5, 0.4], [False, False], 3, how) == 0.0
    assert average_precision([0.5, 0.4], [True, True], 2, how) == pytest.approx(1.0)


@pytest.mark.parametrize("grouped", [False, True])
def test_weights_of_zero_take_samples_out(grouped: bool) -> None:
    sample = np.array([0, 1, 2, 0, 1])
    score = np.array([0.9, 0.8, 0.8, 0.3, 0.3])
    hit = np.array([False, True, False, True, True])
    weights = np.array([0.0, 1.0, 1.0])
    left = weights[sample] > 0
    whole = Ranking.of(sample, score, hit, grouped)
    part = Ranking.of(sample[left], score[left], hit[left], grouped)
    for how in (0.1, 0.5, 1.0):
        values = []
        for ranking in (whole, part):
            recall, envelope = ranking.curve(weights, 2.0)
            values.append(envelope[recall.searchsorted(how)])
        assert values[0] == values[1]
    assert whole.counts(weights) == part.counts(weights) == (2.0, 1.0)
