"""Detection against the golden cases of the public scripts, and its corners."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.contract import Answer, Evidence, Region, Target
from rsbench.harness.errors import UsageError
from rsbench.harness.geometry import from_rotated
from rsbench.harness.metrics.detection import Detection

SHIPS = {"ships": {"ship": "ship"}}


def golden(shared: Path, name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((shared / "golden" / name).read_text())["cases"]
    return cases


def region(item: dict[str, Any]) -> Region:
    points = from_rotated(*item["rbox"]) if "rbox" in item else tuple(item["bbox"])
    return Region(
        points,
        str(item["cls"]),
        score=item.get("score"),
        ignore=bool(item.get("difficult") or item.get("ignore")),
        crowd=bool(item.get("iscrowd")),
    )


def per_class(case: dict[str, Any], **options: Any) -> dict[str, list[float | None]]:
    """AP of every class by the figure names of details, and "mAP" beside them."""
    labels = [str(i) for i in range(case["n_classes"])]
    metric = Detection({"all": {c: c for c in labels}}, ties="order", **options)
    evidence = [
        metric.observe(
            Target(regions=tuple(region(g) for g in image["gt"])),
            Answer(regions=tuple(region(d) for d in image["dt"])),
        )
        for image in case["images"]
    ]
    classes = metric.details(evidence)["all"]["classes"]
    names = [name for name in classes["0"] if name.startswith("AP")]
    result = {name: [classes[c][name] for c in labels] for name in names}
    figures = metric.tally(evidence).figures()
    return result | {name.split("/", 1)[1].replace("mAP", "mean AP"): [v] for name, v in figures.items()}


def same(ours: float | None, theirs: Any, tolerance: float) -> bool:
    """Equal, or one of the values by which the scripts say that a class has no objects or no detections."""
    if isinstance(theirs, str) or ours is None:  # their crash, and our None for a class without objects
        return ours in (None, 0.0) and (isinstance(theirs, str) or theirs in (None, 0.0))
    return theirs is not None and abs(ours - theirs) <= tolerance


def compare(ours: list[float | None], theirs: list[Any], tolerance: float) -> None:
    assert len(ours) == len(theirs)
    assert all(same(o, t, tolerance) for o, t in zip(ours, theirs, strict=True)), (ours, theirs)


RULES = {  # name of ours -> name in the golden file, and how near
    "exact": ("float64_rule_ge", 1e-9),
    "dota-devkit": ("dota_devkit", 1e-9),
    "mmrotate-0.3": ("mmrotate_0.3.4", 1e-6),
    "mmrotate-1": ("mmrotate_1.x", 1e-6),
}


@pytest.mark.parametrize("rule", RULES)
def test_oriented_golden_cases(shared: Path, rule: str) -> None:
    """All 24 cases under every rule, corners given: AP of each class, and its mean."""
    theirs, tolerance = RULES[rule]
    cases = golden(shared, "obb_ap.json")
    assert len(cases) == 24
    for case in cases:
        levels = sorted({float(key[3:].split("_")[0]) for key in case["expected"]})
        ours = per_class(case, oriented=True, thresholds=levels, rule=rule)
        for key, expected in case["expected"].items():
            level, how = key[3:].split("_")
            name = f"AP@{float(level):.2f}/{how}"
            compare(ours[name], expected[theirs]["per_class"], tolerance)
            if case["n_classes"] > 1 and "mAP" in expected[theirs]:
                compare(ours[f"mean {name}"], [expected[theirs]["mAP"]], tolerance)


def test_where_the_rules_differ(shared: Path) -> None:
    """The golden cases that tell them apart: exactly 0.5, forgotten ignored objects, float32 IoU."""
    cases = {case["name"][:2]: case for case in golden(shared, "obb_ap.json")}

    def ap(number: str, rule: str, level: float = 0.5) -> float | None:
        table = per_class(cases[number], oriented=True, thresholds=(level,), rule=rule)
        return table[f"AP@{level:.2f}/voc07"][0]

    apart = [
        ("05", "exact", "dota-devkit", 0.5, 0.0),
        ("11", "mmrotate-0.3", "mmrotate-1", 0.5, 0.5),
        ("21", "exact", "mmrotate-1", 0.5, 0.0),
        ("20", "mmrotate-1", "mmrotate-1/numpy-1", 0.7, 0.0),
        ("20", "exact", "dota-devkit", 0.7, 0.0),
    ]
    for number, right, other, level, value in apart:
        assert ap(number, right, level) == pytest.approx(1)
        assert ap(number, other, level) == value
    assert (ap("09", "exact"), round(ap("10", "exact") or 0, 6)) == (0.0, 0.545455)


def test_horizontal_golden_cases(shared: Path) -> None:
    cases = golden(shared, "hbb_ap.json")
    assert len(cases) == 21
    for case in cases:
        plain = per_class(case)
        devkit = per_class(case, rule="dota-devkit-task2")
        assert devkit == per_class(case, strict=True, inclusive=True)
        for key, expected in case["expected"]["mmdet_eval_map"].items():
            how, level = key.split("@")
            name = f"AP@{float(level):.2f}/{how}"
            compare(plain[name], expected["per_class"], 1e-6)
            compare(devkit[name], case["expected"]["dota_task2"][key], 1e-9)


def ships(*boxes: tuple[float, float, float, float], score: float | None = None) -> tuple[Region, ...]:
    return tuple(Region(b, "ship", score) for b in boxes)


def observe(metric: Detection, gold: tuple[Region, ...], found: tuple[Region, ...]) -> Evidence:
    evidence: Evidence = json.loads(json.dumps(metric.observe(Target(regions=gold), Answer(regions=found))))
    return evidence


def row(n: int) -> tuple[float, float, float, float]:
    return (20.0 * n, 0.0, 20.0 * n + 10, 10.0)


MISS = (0.0, 500.0, 10.0, 510.0)


@pytest.mark.parametrize(
    ("ties", "hits", "points", "area"),
    [
        ("order", "10101", 0.5636, 0.5667),
        ("order", "11100", 0.7273, 0.7500),
        ("order", "00111", 0.4364, 0.4500),
        ("group", "10101", 0.4364, 0.4500),
        ("auto", "11100", 0.4364, 0.4500),
    ],
)
def test_equal_scores_by_order_and_as_a_group(ties: str, hits: str, points: float, area: float) -> None:
    """The worked example of four objects and five detections."""
    metric = Detection(SHIPS, (0.5,), ties=ties)
    found = [row(i) if hit == "1" else MISS for i, hit in enumerate(hits)]
    there = [row(i) for i, hit in enumerate(hits) if hit == "1"]
    evidence = [observe(metric, ships(*there, row(9)), ships(*found))]
    figures = metric.tally(evidence).figures()
    assert figures["ships/AP@0.50/voc07"] == pytest.approx(points, abs=5e-5)
    assert figures["ships/AP@0.50/area"] == pytest.approx(area, abs=5e-5)
    counts = metric.details(evidence)["ships"]["counts"]["0.50"]
    assert (counts["true"], counts["false"], counts["missed"]) == (3, 2, 1)
    assert (counts["precision"], counts["recall"]) == (0.6, 0.75)
    assert counts["f1"] == pytest.approx(2 / 3)


def test_auto_takes_order_as_soon_as_scores_differ() -> None:
    metric = Detection(SHIPS, (0.5,))
    found = (*ships(row(0), score=0.9), *ships(MISS, score=0.9), *ships(MISS, score=0.1))
    evidence = [observe(metric, ships(row(0)), found)]
    assert metric.tally(evidence).figures()["ships/AP@0.50/area"] == 1.0
    assert metric.details(evidence)["ships"]["ties"] == "order"


VIEWS = {
    "one-class": {"A1": "airplane", "A2": "airplane", "airplane": "airplane"},
    "2 classes": {"A1": "A1", "A2": "A2"},
}


def random_evidence(seed: int, metric: Detection, images: int, distinct: bool = True) -> list[Evidence]:
    rng = np.random.default_rng(seed)
    evidence = []
    for _ in range(images):
        x, y, width, height = *rng.uniform(0, 60, (2, 4)), *rng.uniform(5, 40, (2, 4))
        boxes = [from_rotated(*row, rng.uniform(-3, 3)) for row in zip(x, y, width, height, strict=True)]
        gold = [Region(b, f"A{rng.integers(1, 3)}", ignore=bool(rng.random() < 0.2)) for b in boxes]
        found = []
        for g in (*gold, gold[0]):
            moved = tuple(np.asarray(g.points) + rng.normal(0, 2, 8))
            score = float(rng.random()) if distinct else float(rng.integers(0, 3))
            label = ("A1", "A2", "airplane")[rng.integers(0, 3)]
            found.append(Region(moved, label if rng.random() < 0.3 else g.label, score))
        evidence.append(observe(metric, tuple(gold), tuple(found)))
    return evidence


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ties", ["order", "group"])
def test_weights_are_repetitions(seed: int, ties: str) -> None:
    metric = Detection(VIEWS, (0.3, 0.5), oriented=True, ties=ties)
    evidence = random_evidence(seed, metric, 25, distinct=ties == "order")
    weights = np.random.default_rng(seed).integers(0, 4, len(evidence))
    repeated = [e for e, w in zip(evidence, weights, strict=True) for _ in range(w)]
    weighted = metric.tally(evidence).figures(weights)
    assert weighted == pytest.approx(metric.tally(repeated).figures(), abs=1e-12)
    assert None not in weighted.values()


def test_a_group_does_not_depend_on_the_order_of_samples() -> None:
    metric = Detection(VIEWS, (0.3, 0.5), oriented=True, ties="group")
    evidence = random_evidence(5, metric, 20, distinct=False)
    mirrored = metric.tally(evidence[::-1]).figures()
    assert metric.tally(evidence).figures() == pytest.approx(mirrored, abs=1e-12)


def test_views_read_the_same_boxes_differently() -> None:
    metric = Detection(VIEWS, (0.5,))
    gold = (Region(row(0), "A1"), Region(row(1), "A2"))
    found = (Region(row(0), "A2", 0.9), Region(row(1), "airplane", 0.8), Region(row(5), "bus", 0.7))
    figures = metric.tally([observe(metric, gold, found)]).figures()
    assert list(figures) == [
        "one-class/AP@0.50/voc07", "one-class/AP@0.50/area",
        "2 classes/mAP@0.50/voc07", "2 classes/mAP@0.50/area",
    ]  # fmt: skip
    assert figures["one-class/AP@0.50/area"] == 1.0  # "bus" is outside the view
    assert figures["2 classes/mAP@0.50/area"] == 0.0


def test_of_nothing_is_none() -> None:
    metric = Detection(VIEWS)
    assert set(metric.tally([]).figures().values()) == {None}
    empty = [observe(metric, (), ())]
    assert set(metric.tally(empty).figures().values()) == {None}
    only_ignored = [observe(metric, (Region(row(0), "A1", ignore=True),), (Region(row(0), "A1", 1.0),))]
    assert set(metric.tally(only_ignored).figures().values()) == {None}
    found = [observe(metric, (Region(row(0), "A1"),), ())]
    assert set(metric.tally(found).figures().values()) == {0.0}
    assert set(metric.tally(found).figures(np.zeros(1)).values()) == {None}
    assert metric.details([])["one-class"]["counts"]["0.50"]["f1"] is None


def test_a_score_that_is_missing_ranks_last() -> None:
    metric = Detection(SHIPS, (0.5,))
    for odd in (None, math.nan, math.inf):
        found = (Region(row(0), "ship", odd), Region(MISS, "ship", -5.0))
        evidence = observe(metric, ships(row(0)), found)
        assert evidence["found"]["score"] == [None, -5.0]
        assert metric.tally([evidence]).figures()["ships/AP@0.50/area"] == 0.5


WILD = st.one_of(st.floats(), st.sampled_from([0.0, 10.0, 20.0, 1e308, -1e308, 5e-324]))
POINTS = st.one_of([st.tuples(*[WILD] * n) for n in (0, 3, 4, 8, 9)])


@given(st.lists(st.tuples(POINTS, WILD), max_size=4), st.lists(POINTS, max_size=3), st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_input_stops_it(found: list[tuple[Any, float]], gold: list[Any], oriented: bool) -> None:
    metric = Detection(SHIPS, oriented=oriented)
    said = tuple(Region(p, "ship", s) for p, s in found)
    evidence = metric.observe(Target(regions=tuple(Region(p, "ship") for p in gold)), Answer(regions=said))
    json.dumps(evidence, allow_nan=False)
    for value in metric.tally([evidence]).figures().values():
        assert value is None if not gold else 0.0 <= (value or 0.0) <= 1.0
    json.dumps(metric.details([evidence]), allow_nan=False)


def test_broken_boxes_are_false_and_missed() -> None:
    metric = Detection(SHIPS, (0.5,))
    reversed_box, flat = (10.0, 10.0, 0.0, 0.0), (0.0, 0.0, 10.0, 0.0)
    evidence = [observe(metric, ships(row(0), flat), ships(reversed_box, flat))]
    counts = metric.details(evidence)["ships"]["counts"]["0.50"]
    assert (counts["true"], counts["false"], counts["missed"]) == (0, 2, 2)


def test_sizes_ignore_what_lies_outside_the_bin() -> None:
    small, large = (0.0, 0.0, 20.0, 20.0), (100.0, 100.0, 300.0, 300.0)
    metric = Detection(SHIPS, (0.5,))
    found = (
        *ships(large, score=0.9),
        *ships((400.0, 0.0, 600.0, 200.0), score=0.8),
        *ships(small, score=0.7),
    )
    sizes = metric.details([observe(metric, ships(small, large), found)])["ships"]["sizes"]
    assert sizes["small"] == {"objects": 1, "AP@0.50/voc07": pytest.approx(1), "AP@0.50/area": 1.0}
    assert sizes["medium"] == {"objects": 0, "AP@0.50/voc07": None, "AP@0.50/area": None}
    assert sizes["large"]["objects"] == 1 and sizes["large"]["AP@0.50/area"] == 1.0


def test_annotated_area_decides_the_bin() -> None:
    metric = Detection(SHIPS, (0.5,))
    gold = (Region((0, 0, 40, 40), "ship", area=900.0),)
    sizes = metric.details([observe(metric, gold, ships((0.0, 0.0, 40.0, 40.0)))])["ships"]["sizes"]
    assert [sizes[s]["objects"] for s in ("small", "medium", "large")] == [1, 0, 0]


def test_macro_f1_of_a_perfect_detector_is_one() -> None:
    metric = Detection({"all": {c: c for c in "abc"}}, (0.5,))
    boxes = tuple(Region(row(i), c) for i, c in enumerate("ab"))
    counts = metric.details([observe(metric, boxes, boxes)])["all"]["counts"]["0.50"]
    assert (counts["f1"], counts["macro f1"]) == (1.0, 1.0)


def test_horizontal_tasks_take_the_hull_of_oriented_boxes() -> None:
    metric = Detection(SHIPS, (0.95,))
    diamond = Region((5, 0, 10, 5, 5, 10, 0, 5), "ship", 0.5)
    evidence = [observe(metric, ships((0.0, 0.0, 10.0, 10.0)), (diamond,))]
    assert metric.tally(evidence).figures()["ships/AP@0.95/area"] == 1.0


def test_wrong_options_are_named() -> None:
    with pytest.raises(UsageError, match="tie rule"):
        Detection(SHIPS, ties="sort")
    with pytest.raises(UsageError, match="interpolation"):
        Detection(SHIPS, interpolations=("voc",))
    with pytest.raises(UsageError, match="horizontal"):
        Detection(SHIPS, oriented=True, inclusive=True)
