"""CocoDetection against pycocotools: golden cases, its published example, random problems."""

from __future__ import annotations

import contextlib
import doctest
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Evidence, Raster, Region, Target
from rsbench.harness.errors import DataError
from rsbench.harness.geometry import from_rotated
from rsbench.harness.metrics import coco as module
from rsbench.harness.metrics.coco import CocoDetection
from rsbench.harness.metrics.mask_codec import encode

ORDER = (
    "AP", "AP50", "AP75", "AP small", "AP medium", "AP large",
    "AR1", "AR10", "AR100", "AR small", "AR medium", "AR large",
)  # fmt: skip


def reference(gold: dict[str, Any], found: list[dict[str, Any]]) -> list[float]:
    """The twelve figures of pycocotools; -1 is undefined."""
    coco = pytest.importorskip("pycocotools.coco")
    evaluation = pytest.importorskip("pycocotools.cocoeval")
    with contextlib.redirect_stdout(io.StringIO()):
        data = coco.COCO()
        data.dataset = {"info": {}, **gold}
        data.createIndex()
        run = evaluation.COCOeval(data, data.loadRes(found), "bbox")
        run.evaluate()
        run.accumulate()
        run.summarize()
    return [float(v) for v in run.stats]


def box(row: dict[str, Any]) -> tuple[float, ...]:
    x, y, w, h = row["bbox"]
    return (x, y, x + w, y + h)


def observed(metric: CocoDetection, gold: dict[str, Any], found: list[dict[str, Any]]) -> list[Evidence]:
    """Evidence of every image, in order of image id, through JSON."""
    rows = [metric.observe(target, answer) for target, answer in zip(*pairs(gold, found), strict=True)]
    evidence: list[Evidence] = json.loads(json.dumps(rows))
    return evidence


def pairs(gold: dict[str, Any], found: list[dict[str, Any]]) -> tuple[list[Target], list[Answer]]:
    """Both sides of every image, in order of image id."""
    objects: dict[int, list[Region]] = {image["id"]: [] for image in gold["images"]}
    said: dict[int, list[Region]] = {image["id"]: [] for image in gold["images"]}
    for row in gold["annotations"]:
        crowd, ignore = bool(row.get("iscrowd")), bool(row.get("ignore"))
        region = Region(box(row), str(row["category_id"]), ignore=ignore, crowd=crowd, area=row["area"])
        objects[row["image_id"]].append(region)
    for row in found:
        said[row["image_id"]].append(Region(box(row), str(row["category_id"]), row["score"]))
    order = sorted(objects)
    return [Target(regions=tuple(objects[i])) for i in order], [Answer(regions=tuple(said[i])) for i in order]


def ours(gold: dict[str, Any], found: list[dict[str, Any]], limit: int = 100) -> list[float]:
    """The twelve figures of CocoDetection, None as -1."""
    metric = CocoDetection([str(c["id"]) for c in gold["categories"]], limit)
    figures = metric.tally(observed(metric, gold, found)).figures()
    values = [figures[name.replace("AR100", f"AR{limit}")] for name in ORDER]
    return [-1.0 if v is None else v for v in values]


def test_golden_cases(shared: Path) -> None:
    cases = json.loads((shared / "golden" / "hbb_ap.json").read_text())["cases"]
    assert len(cases) == 21
    for case in cases:
        expected = case["expected"]["coco_stats"]
        if not case["expected"]["others_equal"]["hotcoco"]:  # 11 and 21, where pycocotools itself fails
            expected = case["expected"]["others"]["hotcoco"]
        values = ours(case["coco_gt"], case["coco_dt"], case["max_dets"])
        assert values == pytest.approx(expected, abs=2e-9), case["name"]


def test_published_example(shared: Path) -> None:
    """100 images of COCO val2014 with made-up boxes: the figures printed in the COCO repository."""
    folder = shared / "data" / "coco_fake_results"
    gold = json.loads((folder / "annotations" / "instances_val2014_100.json").read_text())
    found = json.loads((folder / "results" / "instances_val2014_fakebbox100_results.json").read_text())
    values = ours(gold, found)
    assert values[:3] == pytest.approx([0.504581, 0.696973, 0.572982], abs=5e-7)
    assert values == pytest.approx(reference(gold, found), abs=1e-12)


def problem(seed: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Random objects (crowds, odd areas) and detections near them: tied scores, many per image."""
    rng = np.random.default_rng(seed)
    images = [{"id": i} for i in range(6)]
    categories = [{"id": c, "name": str(c)} for c in (1, 2, 3)]
    objects: list[dict[str, Any]] = []
    found: list[dict[str, Any]] = []
    for image in range(6):
        for _ in range(rng.integers(0, 9)):
            x, y = rng.uniform(0, 60, 2)
            w, h = np.exp(rng.uniform(2, 5.5, 2))
            area = float(w * h * rng.choice([1.0, 0.7]))
            kind = int(rng.integers(1, 3))
            row = {"image_id": image, "category_id": kind, "bbox": [x, y, w, h], "area": area}
            objects.append(row | {"id": len(objects) + 1, "iscrowd": int(rng.random() < 0.15)})
            for _ in range(rng.integers(0, 4)):
                moved = np.array([x, y, w, h]) + rng.normal(0, 0.08, 4) * [w, h, w, h]
                score = float(rng.random()) if seed % 2 else float(rng.integers(0, 5)) / 4
                label = kind if rng.random() < 0.9 else 3
                found.append(
                    {"image_id": image, "category_id": label, "bbox": moved.tolist(), "score": score}
                )
    return {"images": images, "categories": categories, "annotations": objects}, found


@pytest.mark.parametrize("seed", range(25))
def test_random_problems(seed: int) -> None:
    gold, found = problem(seed)
    assert ours(gold, found) == pytest.approx(reference(gold, found), abs=1e-12)


@pytest.mark.parametrize("seed", [1, 3, 5])
def test_weights_are_repetitions(seed: int) -> None:
    gold, found = problem(seed)
    metric = CocoDetection(["1", "2", "3"])
    evidence = observed(metric, gold, found)
    weights = np.random.default_rng(seed).integers(0, 4, len(evidence))
    repeated = [e for e, w in zip(evidence, weights, strict=True) for _ in range(w)]
    literal = metric.tally(repeated).figures()
    weighted = metric.tally(evidence).figures(weights)
    assert {k: v for k, v in weighted.items() if v is not None} == pytest.approx(
        {k: v for k, v in literal.items() if v is not None}, abs=1e-12
    )
    assert [k for k, v in weighted.items() if v is None] == [k for k, v in literal.items() if v is None]


def test_bulk_is_one_by_one() -> None:
    for seed in range(6):
        gold, found = problem(seed)
        metric = CocoDetection(["1", "2", "3"], agnostic=seed % 2 == 0)
        one_by_one = observed(metric, gold, found)
        targets, answers = pairs(gold, found)
        assert json.loads(json.dumps(metric.observe_all(targets, answers))) == one_by_one
        tally = metric.tally(one_by_one)
        weights = np.random.default_rng(seed).integers(0, 3, (3, len(targets)))
        drawn = tally.resampled(weights, "AP large")
        for row, weight in enumerate(weights):
            value = tally.figures(weight)["AP large"]
            assert np.isnan(drawn["AP large"][row]) if value is None else drawn["AP large"][row] == value


def test_evidence_has_not_changed() -> None:
    """Ledgers keep evidence: this one was written by the first version."""
    metric = CocoDetection(["a", "b"])
    gold = (Region((0, 0, 40, 40), "a"), Region((0, 0, 9, 9), "b", crowd=True), Region((50, 0, 60, 9), "a"))
    said = (Region((0, 0, 40, 35), "a", 0.5), Region((1, 1, 3, 3), "b", None), Region((0, 0, 8, 4), "a", 0.9))
    old = {
        "gold": [[0, 2, 1, 1, 0], [1, 0, 0, 0, 0]],
        "found": [
            [0, 0, 0.9, [0, 0, 0, 0], [0, 0, 1023, 1023]],
            [0, 1, 0.5, [255, 255, 255, 255], [0, 1023, 0, 1023]],
            [1, 0, None, [1023, 1023, 1023, 1023], [1023, 1023, 1023, 1023]],
        ],
    }
    assert metric.observe(Target(regions=gold), Answer(regions=said)) == old


def test_oriented_boxes(shared: Path) -> None:
    """hotcoco's figures, on the golden cases without ignored objects."""
    cases = json.loads((shared / "golden" / "obb_ap.json").read_text())["cases"]
    expected = [case for case in cases if case.get("hotcoco_obb")]
    assert len(expected) == 18
    for case in expected:
        targets = [Target(regions=tuple(map(oriented, image["gt"]))) for image in case["images"]]
        answers = [Answer(regions=tuple(map(oriented, image["dt"]))) for image in case["images"]]
        metric = CocoDetection([str(c) for c in range(case["n_classes"])], kind="obb")
        figures = metric.tally(metric.observe_all(targets, answers)).figures()
        for name, value in case["hotcoco_obb"].items():
            assert figures[name] == pytest.approx(value, abs=1e-9), (case["name"], name)


def oriented(row: dict[str, Any]) -> Region:
    return Region(from_rotated(*row["rbox"]), str(row["cls"]), row.get("score"))


def test_boxes_as_masks_and_as_corners() -> None:
    """Boxes on whole pixels have the same figures whichever way they are compared."""
    rng = np.random.default_rng(4)
    targets, answers = [], []
    for _ in range(8):
        low = rng.integers(0, 30, (6, 2))
        boxes = np.concatenate([low, low + rng.integers(4, 20, (6, 2))], 1)
        moved = boxes + rng.integers(0, 3, boxes.shape)
        targets.append(
            Target(
                regions=tuple(Region((*map(float, b),), "1", crowd=b[0] % 5 == 0) for b in boxes),
                size=(60, 60),
            )
        )
        scores = rng.random(6).tolist()
        answers.append(
            Answer(
                regions=tuple(Region((*map(float, b),), "1", s) for b, s in zip(moved, scores, strict=True))
            )
        )
    figures = []
    for kind in ("bbox", "segm", "obb"):
        metric = CocoDetection(["1"], kind=kind)
        figures.append(metric.tally(metric.observe_all(targets, answers)).figures())
    assert figures[0] == figures[1] == figures[2]
    assert 0 < (figures[0]["AP"] or 0) < 1


def test_what_is_no_region_overlaps_nothing() -> None:
    """Nor does it warn, or keep others from being scored."""
    odd: list[tuple[float, ...]] = [
        (5, 5, 5, 9), (9, 9, 1, 1), (0, 0, float("nan"), 9), (0, 0, float("inf"), 9), (1, 2, 3), (),
        (0, 0, 1e200, 1e200), (0, 0, 9, 9, 9), (0, 0, 9, 9, 0, 9, 9), (float("nan"),) * 8,
    ]  # fmt: skip
    good = Region((0, 0, 40, 40), "1", 0.5)
    for kind in ("bbox", "segm", "obb"):
        metric = CocoDetection(["1"], kind=kind)
        target = Target(regions=(good,), size=(50, 50))
        for points in odd:
            said = Answer(regions=(Region(points, "1", float("nan")), good, Region(points, "1", None)))
            figures = metric.tally([metric.observe(target, said)]).figures()
            assert figures["AP"] == pytest.approx(1.0)
            blank = metric.tally([metric.observe(target, Answer(regions=(Region(points, "1", 1.0),)))])
            assert blank.figures()["AP"] == 0.0
    twice = Answer(regions=(good, good))
    metric = CocoDetection(["1"])
    assert metric.tally([metric.observe(Target(regions=(good,)), twice)]).figures()["AP"] == pytest.approx(
        1.0
    )
    assert metric.tally([metric.observe(Target(), twice)]).figures()["AP"] is None


def test_masks_of_another_size_and_damaged_ones() -> None:
    pixels = np.ones((4, 4), bool)
    gold = Target(regions=(Region((), "1", mask=encode(pixels)),))
    metric = CocoDetection(["1"], kind="segm")
    for said, expected in (
        (encode(pixels), 1.0),
        (encode(np.ones((8, 8), bool)), 0.0),
        (Raster(4, 4, "!"), 0.0),
    ):
        answer = Answer(regions=(Region((), "1", 0.5, mask=said),))
        assert metric.tally([metric.observe(gold, answer)]).figures()["AP"] == pytest.approx(expected)
    with pytest.raises(DataError, match="'1'.*characters"):
        metric.observe(Target(regions=(Region((), "1", mask=Raster(4, 4, "!")),)), Answer())


def test_of_nothing_is_none() -> None:
    metric = CocoDetection(["1"])
    assert set(metric.tally([]).figures().values()) == {None}
    blank = [metric.observe(Target(regions=(Region((0, 0, 9, 9), "1"),)), Answer(unparsable="empty"))]
    figures = metric.tally(blank).figures()
    assert (figures["AP"], figures["AR100"], figures["AP small"], figures["AP large"]) == (
        0.0,
        0.0,
        0.0,
        None,
    )


def test_ignore_counts_only_on_demand() -> None:
    target = Target(regions=(Region((0, 0, 40, 40), "1"), Region((60, 0, 99, 40), "1", ignore=True)))
    answer = Answer(regions=(Region((0, 0, 40, 40), "1", None),))
    for honour, recall in ((False, 0.5), (True, 1.0)):
        metric = CocoDetection(["1"], honour_ignore=honour)
        evidence = [metric.observe(target, answer)]
        assert metric.tally(evidence).figures()["AR100"] == recall
        assert metric.details(evidence)["classes"]["1"]["objects"] == (1 if honour else 2)


def test_details_by_class() -> None:
    metric = CocoDetection(["1", "2"])
    regions = (Region((0, 0, 40, 40), "1", 0.5),)
    table = metric.details([metric.observe(Target(regions=regions), Answer(regions=regions))])["classes"]
    assert table["1"] == {"objects": 1, "detections": 1, "AP": pytest.approx(1), "AP50": pytest.approx(1)}
    assert table["2"] == {"objects": 0, "detections": 0, "AP": None, "AP50": None}


def test_doctests() -> None:
    assert doctest.testmod(module).failed == 0
