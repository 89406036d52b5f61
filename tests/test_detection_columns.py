"""Detection from arrays: the reference workloads, the metric on the same boxes, and odd input."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Region, Target
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.metrics.average_precision import INTERPOLATIONS
from rsbench.harness.metrics.detection import Detection
from rsbench.harness.metrics.detection_columns import Detections, Objects, average_precisions
from rsbench.harness.metrics.detection_rules import RULES
from rsbench.harness.rotated import Convention

TEN = [0.5 + 0.05 * k for k in range(10)]


@pytest.fixture(scope="module")
def workloads(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Any]:
    folder = tmp_path_factory.mktemp("workloads")
    subprocess.run(
        [sys.executable, shared / "workloads" / "detection.py", folder], check=True, capture_output=True
    )
    return {name: dict(np.load(folder / f"{name}.npz")) for name in ("mar20", "dotaval")}


def columns(data: Mapping[str, Any], points: str, score: Any = None) -> tuple[Objects, Detections]:
    ignored = data["gt_diff"].astype(bool)
    scores = data["dt_score"] if score is None else np.full(len(data["dt_img"]), score)
    return (
        Objects(data["gt_img"], data["gt_cls"], data[f"gt_{points}"], ignored),
        Detections(data["dt_img"], data["dt_cls"], data[f"dt_{points}"], scores),
    )


# metrics.md section 3: AP50 and AP40 by 11 points, AP50 by area, AP50:95 by 11 points
EXPECTED = {
    "mar20": (0.6963313192, 0.703492, 0.710368, 0.524029),
    "dotaval": (0.5475736726, 0.557706, 0.562394, 0.396763),
}


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("points", ["poly", "rbox"])
def test_reference_workloads(workloads: Mapping[str, Any], name: str, points: str) -> None:
    data = workloads[name]
    objects, detections = columns(data, points)
    means = average_precisions(objects, detections, int(data["n_cls"]), [0.4, *TEN], ("voc07", "area")).mean()
    ap50, ap40, area50, ten = EXPECTED[name]
    assert means[1, 0] == pytest.approx(ap50, abs=1e-9)
    assert means[0, 0] == pytest.approx(ap40, abs=1e-6)
    assert means[1, 1] == pytest.approx(area50, abs=1e-6)
    assert means[1:, 0].mean() == pytest.approx(ten, abs=1e-6)


# metrics.md section 3: mmrotate v0.3.4, mmrotate 1.x (as installed onedl-mmrotate), DOTA_devkit task 1
PUBLIC = {
    "mar20": {"mmrotate-0.3": 0.6963313222, "mmrotate-1": 0.6963313222, "dota-devkit": 0.6963313192},
    "dotaval": {"mmrotate-0.3": 0.5475736856, "mmrotate-1": 0.5468059778, "dota-devkit": 0.5475736725},
}


@pytest.mark.parametrize("name", PUBLIC)
@pytest.mark.parametrize("rule", ["mmrotate-0.3", "mmrotate-1", "dota-devkit"])
def test_public_rules_on_the_workloads(workloads: Mapping[str, Any], name: str, rule: str) -> None:
    """mmrotate adds 11 precisions in float32, which moves its AP by up to 6e-8 here."""
    data = workloads[name]
    objects, detections = columns(data, "rbox")
    ours = average_precisions(objects, detections, int(data["n_cls"]), rule=RULES[rule]).mean()[0, 0]
    assert ours == pytest.approx(PUBLIC[name][rule], abs=1e-9 if rule == "dota-devkit" else 1e-7)


@pytest.mark.parametrize(("name", "expected"), [("mar20", 0.53553), ("dotaval", 0.42760)])
def test_equal_scores_in_file_order_on_the_workloads(
    workloads: Mapping[str, Any], name: str, expected: float
) -> None:
    objects, detections = columns(workloads[name], "poly", score=1.0)
    classes = int(workloads[name]["n_cls"])
    assert average_precisions(objects, detections, classes).mean()[0, 0] == pytest.approx(expected, abs=1e-5)
    group = average_precisions(objects, detections, classes, grouped=True).mean()[0, 0]
    assert group < expected


def scene(seed: int, samples: int = 25) -> tuple[Objects, Detections]:
    rng = np.random.default_rng(seed)
    gold, found = rng.integers(0, samples, 80), rng.integers(0, samples, 120)
    boxes = np.concatenate(
        [rng.uniform(0, 60, (80, 2)), rng.uniform(8, 40, (80, 2)), rng.uniform(-3, 3, (80, 1))], 1
    )
    source = rng.integers(0, 80, 120)
    near = boxes[source] + rng.normal(0, 2, (120, 5)) * (1, 1, 1, 1, 0.05)
    found = np.where(rng.random(120) < 0.8, gold[source], found)
    label = rng.integers(0, 3, 80)
    said = np.where(rng.random(120) < 0.8, label[source], rng.integers(-1, 4, 120))
    corners = Convention().corners
    return (
        Objects(gold, label, corners(boxes), rng.random(80) < 0.2),
        Detections(found, said, corners(np.abs(near)), rng.integers(0, 30, 120) / 30),
    )


def by_the_metric(objects: Objects, detections: Detections, **options: Any) -> Mapping[str, Any]:
    """Figures and per-class table of `Detection` on the same boxes."""
    names = [str(c) for c in range(3)]
    metric = Detection({"all": {c: c for c in names}}, TEN, True, tuple(INTERPOLATIONS), **options)
    samples = int(max(objects.sample.max(), detections.sample.max())) + 1
    targets: list[list[Region]] = [[] for _ in range(samples)]
    answers: list[list[Region]] = [[] for _ in range(samples)]
    for s, c, p, i in zip(objects.sample, objects.label, objects.points, objects.ignored, strict=True):
        targets[s].append(Region(tuple(p.tolist()), str(c), ignore=bool(i)))
    for s, c, p, v in zip(
        detections.sample, detections.label, detections.points, detections.score, strict=True
    ):
        answers[s].append(Region(tuple(p.tolist()), str(c), float(v)))
    evidence = metric.observe_all(
        [Target(regions=tuple(r)) for r in targets], [Answer(regions=tuple(r)) for r in answers]
    )
    return metric.tally(evidence).figures()


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("ties", ["order", "group"])
@pytest.mark.parametrize("limit", [(None, False), (3, False), (1, True)])
def test_equals_the_metric(seed: int, ties: str, limit: tuple[int | None, bool]) -> None:
    """Rows in any order of images: the columns are sorted by image and keep their order inside it."""
    objects, detections = scene(seed)
    means = average_precisions(
        objects, detections, 3, TEN, tuple(INTERPOLATIONS),
        grouped=ties == "group", limit=limit[0], limit_by_class=limit[1],
    ).mean()  # fmt: skip
    figures = by_the_metric(objects, detections, ties=ties, limit=limit[0], limit_by_class=limit[1])
    ours = [means[t, i] for t in range(10) for i in range(3)]
    assert ours == pytest.approx(list(figures.values()), abs=1e-12)


def test_classes_outside_are_not_there() -> None:
    objects, detections = scene(1)
    inside = (detections.label >= 0) & (detections.label < 2)
    part = Detections(*(column[inside] for column in (
        detections.sample, detections.label, detections.points, detections.score)))  # fmt: skip
    whole = average_precisions(objects, detections, 2, TEN)
    assert (whole.by_class == average_precisions(objects, part, 2, TEN).by_class).all()


def test_horizontal_boxes() -> None:
    objects = Objects([0, 1], [0, 0], [(0, 0, 10, 10), (0, 0, 10, 10)])
    detections = Detections([0, 1], [0, 0], [(0, 0, 10, 5), (0, 0, 10, 9)], [0.5, 0.9])
    assert average_precisions(objects, detections, 1, (0.5, 0.95), ("area",)).mean().tolist() == [
        [1.0],
        [0.0],
    ]
    strict = average_precisions(objects, detections, 1, (0.5,), ("area",), RULES["dota-devkit"])
    assert strict.mean().tolist() == [[0.5]]
    plus = average_precisions(objects, detections, 1, (0.5,), ("area",), RULES["dota-devkit-task2"])
    assert plus.mean().tolist() == [[1.0]]  # 6 of 11 rows


def test_of_nothing_is_not_a_number() -> None:
    nobody = Objects([], [], [])
    nothing = Detections([], [], [], [])
    assert np.isnan(average_precisions(nobody, nothing, 2).by_class).all()
    assert np.isnan(average_precisions(nobody, nothing, 2).mean()).all()
    one = Objects([3], [1], [(0, 0, 5, 5)])
    table = average_precisions(one, nothing, 3).by_class[0, 0]
    assert np.isnan(table[[0, 2]]).all() and table[1] == 0.0
    ignored = Objects([3], [1], [(0, 0, 5, 5)], [True])
    assert np.isnan(average_precisions(ignored, Detections([3], [1], [(0, 0, 5, 5)], [1.0]), 3).mean()).all()
    assert np.isnan(average_precisions(nobody, Detections([9], [0], [(0, 0, 5, 5)], [1.0]), 1).mean()).all()


def test_broken_boxes_are_false_and_missed() -> None:
    broken = [(0, 0, 10, math.nan), (0, 0, math.inf, 9), (9, 9, 0, 0), (0, 0, 0, 9), (0, 0, 10, 10)]
    objects = Objects([0] * 5, [0] * 5, broken)
    detections = Detections([0] * 5, [0] * 5, broken, [0.9, 0.8, math.nan, math.inf, 0.1])
    assert average_precisions(objects, detections, 1, interpolations=("area",)).mean()[0, 0] == (1 / 5) * (
        1 / 3
    )


def test_wrong_columns_are_named() -> None:
    box = [(0, 0, 5, 5)]
    with pytest.raises(DataError, match="different lengths: 2, 1, 1, 2"):
        average_precisions(Objects([0, 0], [0], box), Detections([], [], [], []), 1)
    with pytest.raises(DataError, match="whole numbers"):
        average_precisions(Objects([0.5], [0], box), Detections([], [], [], []), 1)
    with pytest.raises(UsageError, match="voc7"):
        average_precisions(Objects([0], [0], box), Detections([], [], [], []), 1, interpolations=("voc7",))
    with pytest.raises(ValueError, match="corners"):
        average_precisions(Objects([0], [0], [(0, 0, 5, 5, 5, 5, 0)]), Detections([], [], [], []), 1)
