"""AP without confidence in three forms, AP50:95, counts as figures, and all of them resampled."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Evidence, Region, Target
from rsbench.harness.geometry import from_rotated
from rsbench.harness.metrics.average_precision import average_precision
from rsbench.harness.metrics.detection import Detection
from rsbench.harness.metrics.detection_figures import ORDERS
from rsbench.harness.roles import Bulk, Resampling

SHIPS = {"ships": {"ship": "ship"}}
VIEWS = {"one": {c: "x" for c in "abc"}, "three": {c: c for c in "abc"}}


def row(n: int) -> tuple[float, ...]:
    return (20.0 * n, 0.0, 20.0 * n + 10, 10.0)


def worked(hits: str = "10101") -> list[Evidence]:
    """Four objects, five detections of which three are true, all scores equal (protocols.md 6)."""
    found = tuple(Region(row(i if hit == "1" else 50 + i), "ship", 1.0) for i, hit in enumerate(hits))
    there = [row(i) for i, hit in enumerate(hits) if hit == "1"]
    gold = tuple(Region(points, "ship") for points in (*there, row(9)))
    return [Detection(SHIPS, (0.5,)).observe(Target(regions=gold), Answer(regions=found))]


def scenes(seed: int, images: int = 40, score: float | None = 1.0) -> list[tuple[Target, Answer]]:
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(images):
        count = int(rng.integers(0, 6))
        boxes = [(*rng.uniform(0, 90, 2), *rng.uniform(8, 30, 2), rng.uniform(-3, 3)) for _ in range(count)]
        gold = [Region(from_rotated(*b), "abc"[rng.integers(0, 3)], ignore=rng.random() < 0.1) for b in boxes]
        found = []
        for g in gold + gold[:2]:
            points = tuple((np.array(g.points) + rng.normal(0, 2, 8)).tolist())
            label = g.label if rng.random() < 0.8 else "abc"[rng.integers(0, 3)]
            found.append(Region(points, label, float(rng.random()) if score is None else score))
        pairs.append((Target(regions=tuple(gold)), Answer(regions=tuple(found))))
    return pairs


def evidence_of(metric: Detection, pairs: list[tuple[Target, Answer]]) -> list[Evidence]:
    return list(metric.observe_all([t for t, _ in pairs], [a for _, a in pairs]))


@pytest.mark.parametrize("hits", ["10101", "11100", "00111"])
def test_the_worked_example_in_three_forms(hits: str) -> None:
    metric = Detection(SHIPS, (0.5,))
    figures = metric.tally(worked(hits)).figures()
    group, stated = figures["ships/AP_nc@0.50/voc07/group"], figures["ships/AP@0.50/voc07"]
    assert group == stated == pytest.approx(0.4364, abs=5e-5)
    order = figures["ships/AP_nc@0.50/voc07/file-order"]
    assert order == pytest.approx({"10101": 0.5636, "11100": 0.7273, "00111": 0.4364}[hits], abs=5e-5)
    low, mean, high, sd = (
        figures[f"ships/AP_nc@0.50/voc07/orders/{k}"] for k in ("min", "mean", "max", "sd")
    )
    assert None not in (group, low, mean, high, sd)
    assert (group or 0) <= (low or 0) < (mean or 0) < (high or 0) <= 0.7273 and (sd or 0) > 0


def test_random_orders_are_the_seeds_one_by_one() -> None:
    """The detections in the order of each seed, hits by the first that comes to an object."""
    metric = Detection(SHIPS, (0.5,))
    gold = tuple(Region(row(i), "ship") for i in range(4))
    places = (0, 0, 1, 50, 51, 2, 1)  # two objects are found twice
    found = tuple(Region(row(i), "ship", 0.3) for i in places)
    evidence = [metric.observe(Target(regions=gold), Answer(regions=found))]
    values = []
    for seed in range(ORDERS):
        seen: set[int] = set()
        order = [places[k] for k in np.random.default_rng(seed).permutation(len(places))]
        hits = []
        for place in order:
            hits.append(place < 4 and place not in seen)
            seen.add(place)
        values.append(average_precision(range(len(hits), 0, -1), hits, 4, "area") or 0.0)
    figures = metric.tally(evidence).figures()
    stem = "ships/AP_nc@0.50/area/orders"
    assert figures[f"{stem}/mean"] == pytest.approx(np.mean(values), abs=1e-12)
    assert figures[f"{stem}/sd"] == pytest.approx(np.std(values), abs=1e-12)
    assert figures[f"{stem}/min"] == min(values) and figures[f"{stem}/max"] == max(values)


def test_forms_without_confidence_are_there_only_where_all_scores_are_equal() -> None:
    metric = Detection(VIEWS, (0.5,), oriented=True)
    with_scores = metric.tally(evidence_of(metric, scenes(1, score=None))).figures()
    without = metric.tally(evidence_of(metric, scenes(1))).figures()
    assert not [name for name in with_scores if "_nc" in name]
    assert [name for name in without if "_nc" not in name] == list(with_scores)
    assert {name.split("/")[1] for name in without if "_nc" in name} == {"AP_nc@0.50", "mAP_nc@0.50"}


def test_the_mean_over_ten_thresholds() -> None:
    metric = Detection(VIEWS, (0.5,), oriented=True, averaged=True)
    ten = Detection(VIEWS, [0.5 + 0.05 * k for k in range(10)], oriented=True)
    evidence = evidence_of(metric, scenes(2, score=None))
    single = [
        v for name, v in ten.tally(evidence).figures().items() if name.startswith("three") and "voc07" in name
    ]
    assert len(single) == 10
    ours = metric.tally(evidence).figures()["three/mAP@0.50:0.95/voc07"]
    assert ours == pytest.approx(np.mean(np.array(single, float)), abs=1e-12)


def test_counts_as_figures() -> None:
    metric = Detection(VIEWS, (0.5,), oriented=True, counted=True)
    evidence = evidence_of(metric, scenes(3, score=None))
    figures, details = metric.tally(evidence).figures(), metric.details(evidence)["three"]
    counts = details["counts"]["0.50"]
    for name, key in (("precision", "precision"), ("recall", "recall"), ("F1", "f1"), ("mF1", "macro f1")):
        assert figures[f"three/{name}@0.50"] == counts[key]
    levels = [v for name, v in details["recall"].items() if name != "AR"]
    assert len(levels) == 10 and levels == sorted(levels, reverse=True)
    assert figures["three/AR@0.50:0.95"] == details["recall"]["AR"] == pytest.approx(np.mean(levels))
    assert metric.tally(evidence).figures(only="three/F1@0.50") == {"three/F1@0.50": counts["f1"]}


def test_average_recall_equals_coco_where_no_second_choice_matters() -> None:
    """Objects far apart: pycocotools' AR with 100 detections is the same."""
    cocoeval = pytest.importorskip("pycocotools.cocoeval")
    from contextlib import redirect_stdout
    from io import StringIO

    from pycocotools.coco import COCO

    rng = np.random.default_rng(0)
    labels = [str(c) for c in range(3)]
    metric = Detection({"all": {c: c for c in labels}}, (0.5,), counted=True)
    images: list[dict[str, int]] = []
    objects: list[dict[str, object]] = []
    found: list[dict[str, object]] = []
    evidence = []
    for image in range(30):
        images.append({"id": image, "width": 999, "height": 999})
        gold, said = [], []
        for place in range(4):
            c, box = int(rng.integers(0, 3)), (200.0 * place, 10.0, 200.0 * place + 80, 60.0)
            gold.append(Region(box, str(c)))
            objects.append({"id": len(objects) + 1, "image_id": image, "category_id": c, "iscrowd": 0,
                            "area": 4000.0, "bbox": [box[0], box[1], 80.0, 50.0]})  # fmt: skip
            x, y = box[0] + rng.normal(0, 6), box[1] + rng.normal(0, 6)
            score = float(rng.random())
            said.append(Region((x, y, x + 80, y + 50), str(c), score))
            found.append({"image_id": image, "category_id": c, "bbox": [x, y, 80.0, 50.0], "score": score})
        evidence.append(metric.observe(Target(regions=tuple(gold)), Answer(regions=tuple(said))))
    with redirect_stdout(StringIO()):
        truth = COCO()
        truth.dataset = {
            "images": images,
            "annotations": objects,
            "categories": [{"id": c} for c in range(3)],
        }
        truth.createIndex()
        evaluation = cocoeval.COCOeval(truth, truth.loadRes(found), "bbox")
        evaluation.evaluate(), evaluation.accumulate(), evaluation.summarize()
    assert metric.tally(evidence).figures()["all/AR@0.50:0.95"] == pytest.approx(
        evaluation.stats[8], abs=1e-12
    )


@pytest.mark.parametrize("score", [1.0, None])
def test_resampling_equals_the_loop(score: float | None) -> None:
    metric = Detection(VIEWS, (0.4, 0.5), oriented=True, averaged=True, counted=True)
    tally = metric.tally(evidence_of(metric, scenes(4, score=score)))
    assert isinstance(metric, Bulk) and isinstance(tally, Resampling)
    weights = np.random.default_rng(0).integers(0, 3, (6, 40))
    weights[5] = 0
    drawn = tally.resampled(weights)
    for k, weight in enumerate(weights):
        figures = tally.figures(weight)
        assert list(drawn) == list(figures)
        loop = [np.nan if v is None else v for v in figures.values()]
        assert [drawn[name][k] for name in figures] == pytest.approx(loop, abs=1e-12, nan_ok=True)
    assert list(tally.resampled(weights, "three/mAP@0.50/area")) == ["three/mAP@0.50/area"]


def test_in_bulk_as_one_by_one() -> None:
    metric = Detection(VIEWS, oriented=True)
    pairs = [*scenes(5), (Target(), Answer()), *scenes(6, 3, None)]
    evidence = evidence_of(metric, pairs)
    assert evidence == [metric.observe(target, answer) for target, answer in pairs]
    assert json.loads(json.dumps(evidence)) == evidence
    assert metric.observe_all([], []) == []


def test_sizes_by_pixels() -> None:
    metric = Detection(SHIPS, (0.5,), sizes=(16, 64))
    boxes = tuple(
        Region((100.0 * i, 0.0, 100.0 * i + s, float(s)), "ship", 0.5) for i, s in enumerate((8, 16, 70))
    )
    sizes: Any = metric.details([metric.observe(Target(regions=boxes), Answer(regions=boxes[:2]))])["ships"][
        "sizes"
    ]
    assert {name: (r["objects"], r["AP@0.50/area"]) for name, r in sizes.items()} == {
        "below 16 px": (1, 1.0), "16 to 64 px": (1, 1.0), "from 64 px": (1, 0.0),
    }  # fmt: skip


def test_a_limit_keeps_the_best_of_an_image() -> None:
    gold = tuple(Region(row(i), "ship") for i in range(3))
    found = tuple(Region(row(i), "ship", 0.1 * i) for i in range(3))
    for limit, by_class, recall in ((None, False, 1.0), (2, False, 2 / 3), (1, True, 1 / 3)):
        metric = Detection(SHIPS, (0.5,), limit=limit, limit_by_class=by_class, counted=True)
        evidence = [metric.observe(Target(regions=gold), Answer(regions=found))]
        assert metric.tally(evidence).figures()["ships/recall@0.50"] == pytest.approx(recall)
