"""Precision over recall of detections: equal to scikit-learn's curve, scaled by what was never found."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import precision_recall_curve

from rsbench.harness.contract import Answer, Region, Target
from rsbench.harness.metrics.average_precision import Curve, Ranking
from rsbench.harness.metrics.coco import CocoDetection
from rsbench.harness.metrics.detection import Detection
from rsbench.harness.roles import Curved

VIEWS = {"ships": {"ship": "ship", "boat": "ship"}, "both": {"ship": "ship", "boat": "boat"}}


def scenes(seed: int, count: int = 30) -> list[tuple[Target, Answer]]:
    """Ships far apart; of each a box is said that overlaps it by 0.3 to 1, and some boxes are nowhere."""
    draw = np.random.default_rng(seed)
    pairs = []
    for _ in range(count):
        places = 100.0 * np.arange(draw.integers(1, 5))
        gold = tuple(Region((x, 0, x + 50, 50), str(draw.choice(["ship", "boat"]))) for x in places)
        said = [Region((r.points[0], 0, r.points[0] + 50 * draw.uniform(0.3, 1), 50), r.label, draw.random())
                for r in gold if draw.random() < 0.8]  # fmt: skip
        said += [Region((9000, 0, 9050, 50), "ship", draw.random()) for _ in range(draw.integers(0, 3))]
        pairs.append((Target(regions=gold), Answer(regions=tuple(said))))
    return pairs


def judged(
    pairs: list[tuple[Target, Answer]], label: str, level: float
) -> tuple[list[bool], list[float], int]:
    """Hit or miss, score, and the number of objects, from the overlap that each box was made with."""
    hits, scores = [], []
    for target, answer in pairs:
        asked = {r.points[0] for r in target.regions if r.label == label}
        for region in answer.regions:
            if region.label == label:
                wide = (region.points[2] - region.points[0]) / 50
                hits.append(region.points[0] in asked and wide >= level)
                scores.append(float(region.score or 0))
    return hits, scores, sum(r.label == label for target, _ in pairs for r in target.regions)


def expected(hits: list[bool], scores: list[float], objects: int) -> set[tuple[float, float]]:
    precision, recall, _ = precision_recall_curve(hits, scores)
    return points(recall[:-1] * sum(hits) / objects, precision[:-1])


def points(recall: NDArray[np.float64], precision: NDArray[np.float64]) -> set[tuple[float, float]]:
    return {(round(float(r), 9), round(float(p), 9)) for r, p in zip(recall, precision, strict=True)}


@pytest.mark.parametrize("kind", ["voc", "coco"])
@pytest.mark.parametrize("label", ["ship", "boat"])
def test_every_point_lies_on_scikit_learns_curve(kind: str, label: str) -> None:
    pairs = scenes(1)
    metric = Detection(VIEWS, thresholds=(0.5, 0.75)) if kind == "voc" else CocoDetection(("ship", "boat"))
    tally = metric.tally([metric.observe(*pair) for pair in pairs])
    assert isinstance(tally, Curved)
    view = tally.curves()["both" if kind == "voc" else "coco"]
    for level in (0.5, 0.75):
        curve = view[label][f"{level:.2f}"]
        hits, scores, objects = judged(pairs, label, level)
        assert len(curve.recall) == sum(hits) > 5  # a point behind each hit
        assert points(curve.recall, curve.precision) <= expected(hits, scores, objects)


def test_equal_scores_are_one_point_where_the_figures_have_it_so() -> None:
    hit = np.array([True, False, True, True])
    score = np.array([0.9, 0.9, 0.9, 0.1])
    ranking = Ranking.of(np.zeros(4, np.intp), score, hit, grouped=True)
    curve = ranking.precisions(5)
    precision, recall, _ = precision_recall_curve(hit, score)
    assert points(curve.recall, curve.precision) == points(recall[:-1] * 3 / 5, precision[:-1])


def test_a_class_without_objects_has_no_curve_and_one_never_found_an_empty_one() -> None:
    metric = Detection(VIEWS)
    target = Target(regions=(Region((0, 0, 9, 9), "boat"),))
    answer = Answer(regions=(Region((50, 50, 60, 60), "ship", 0.5),))
    curves = metric.tally([metric.observe(target, answer)]).curves()
    assert list(curves["both"]) == ["boat"] and len(curves["both"]["boat"]["0.50"].recall) == 0
    assert Curve.of([0, 1], [0, 2], 2).precision.tolist() == [0, 0.5]
