"""Average precision under many weightings at once, against one weighting at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.contract import Answer, Region, Target
from rsbench.harness.metrics.average_precision import INTERPOLATIONS, Ranking
from rsbench.harness.metrics.detection import Detection
from rsbench.harness.metrics.rankings import Rankings, resampled_means

HOWS = ("voc07", "area", "coco101")
DETECTIONS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 4), st.booleans()), max_size=25)


def ranking_of(rows: list[tuple[int, int, bool]], grouped: bool) -> Ranking:
    """Of (sample, score, hit) in any order."""
    ranked = sorted(rows, key=lambda row: -row[1])
    columns = list(zip(*ranked, strict=True)) or [(), (), ()]
    sample, score, hit = (
        np.array(columns[0], np.intp),
        np.array(columns[1], float),
        np.array(columns[2], bool),
    )
    return Ranking.of(sample, score, hit, grouped)


@given(st.lists(DETECTIONS, min_size=1, max_size=3), st.booleans(), st.integers(0, 999))
@settings(max_examples=150, deadline=None)
def test_equals_one_draw_at_a_time(
    lists: list[list[tuple[int, int, bool]]], grouped: bool, seed: int
) -> None:
    rankings = [ranking_of(rows, grouped) for rows in lists]
    rng = np.random.default_rng(seed)
    weights = rng.integers(0, 4, (5, 6))
    missed = rng.integers(0, 3, len(lists))
    hits = np.zeros((6, len(lists)), int)
    for k, rows in enumerate(lists):
        for sample, _, hit in rows:
            hits[sample, k] += hit
    positives = weights @ hits + missed
    ours = Rankings(rankings).resampled(weights, positives, HOWS, threads=1)
    for how in HOWS:
        for draw, k in np.ndindex(5, len(lists)):
            total = positives[draw, k]
            if not total:
                assert np.isnan(ours[how][draw, k])
                continue
            curve = rankings[k].curve(weights[draw].astype(float), float(total))
            assert ours[how][draw, k] == pytest.approx(INTERPOLATIONS[how](*curve), abs=1e-12)


def random_rankings(rng: np.random.Generator, classes: int, grouped: bool) -> list[Ranking]:
    rankings = []
    for _ in range(classes):
        score = np.sort(rng.random(60).round(1 if grouped else 9))[::-1]
        rankings.append(Ranking.of(rng.integers(0, 30, 60), score, rng.random(60) < 0.6, grouped))
    return rankings


@pytest.mark.parametrize("grouped", [False, True])
def test_means_over_the_classes_that_have_objects(grouped: bool) -> None:
    rng = np.random.default_rng(5)
    rankings = {t: random_rankings(rng, 4, grouped) for t in (0.5, 0.75)}
    objects = rng.integers(2, 4, (30, 4))
    objects[:, 2] = 0
    objects[1:, 3] = 0  # only the first sample has the last class
    weights = rng.multinomial(30, np.full(30, 1 / 30), 20)
    means = resampled_means(rankings, objects, weights, HOWS)
    for (threshold, how), values in means.items():
        for draw, value in enumerate(values):
            weight = weights[draw].astype(float)
            totals = weight @ objects
            rows = [
                INTERPOLATIONS[how](*rankings[threshold][c].curve(weight, totals[c]))
                for c in range(4)
                if totals[c] > 0
            ]
            assert value == pytest.approx(sum(rows) / len(rows), abs=1e-12)


def test_threads_change_nothing() -> None:
    rng = np.random.default_rng(1)
    lists = Rankings(random_rankings(rng, 5, False))
    weights = rng.integers(0, 3, (33, 30))
    positives = np.full((33, 5), 70)
    one, three = (lists.resampled(weights, positives, HOWS, threads) for threads in (1, 3))
    assert all(np.array_equal(one[how], three[how]) for how in HOWS)


def test_nothing() -> None:
    empty = Ranking.of(np.zeros(0, np.intp), np.zeros(0), np.zeros(0, bool), False)
    values = Rankings([empty, empty]).resampled(np.ones((2, 1), int), [[0, 3], [0, 3]], HOWS)
    assert all(np.isnan(values[how][:, 0]).all() and (values[how][:, 1] == 0).all() for how in HOWS)
    means = resampled_means({0.5: [empty]}, np.zeros((1, 1)), np.ones((3, 1), int), HOWS)
    assert all(np.isnan(values).all() for values in means.values())
    assert (
        resampled_means({0.5: []}, np.zeros((2, 0)), np.ones((0, 2), int), ("area",))[0.5, "area"].size == 0
    )


def test_halves_are_refused() -> None:
    with pytest.raises(ValueError, match="whole numbers"):
        Rankings([]).resampled([[0.5]], np.zeros((1, 0), int), HOWS)


@pytest.mark.parametrize("ties", ["order", "group"])
def test_detections_drawn_at_once_have_the_figures_of_each_draw(ties: str) -> None:
    rng = np.random.default_rng(8)
    metric = Detection({"all": {"a": "a", "b": "b"}}, (0.5, 0.7), interpolations=HOWS, ties=ties)

    def regions(count: int, scored: bool) -> tuple[Region, ...]:
        low = rng.integers(0, 12, (count, 2))
        boxes = np.concatenate([low, low + rng.integers(4, 9, (count, 2))], 1).tolist()
        scores = rng.random(count).round(1).tolist()
        return tuple(
            Region(tuple(box), "ab"[k % 2], score if scored else None, ignore=not scored and k == 3)
            for k, (box, score) in enumerate(zip(boxes, scores, strict=True))
        )

    targets = [Target(regions=regions(4, False)) for _ in range(12)]
    answers = [Answer(regions=regions(5, True)) for _ in range(12)]
    tally = metric.tally(metric.observe_all(targets, answers))
    weights = np.concatenate([np.zeros((1, 12), int), rng.multinomial(12, np.full(12, 1 / 12), 30)])
    drawn = tally.resampled(weights)
    for draw, weight in enumerate(weights):
        figures = tally.figures(weight)
        assert figures.keys() == drawn.keys()
        for name, value in figures.items():
            expected = np.nan if value is None else value
            assert drawn[name][draw] == pytest.approx(expected, abs=1e-12, nan_ok=True)
