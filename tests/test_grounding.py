"""Grounding against its golden cases, worked examples, a simulation and one sample at a time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Evidence, Region, Target
from rsbench.harness.metrics.bootstrap import intervals
from rsbench.harness.metrics.grounding import Grounding

Points = Sequence[float]


def observed(
    said: Sequence[Points], gold: Sequence[Points], size: tuple[int, int] | None = (100, 100)
) -> Evidence:
    def regions(boxes: Sequence[Points]) -> tuple[Region, ...]:
        return tuple(Region(tuple(b), "ship") for b in boxes)

    evidence = Grounding().observe(Target(regions=regions(gold), size=size), Answer(regions=regions(said)))
    stored: Evidence = json.loads(json.dumps(evidence, allow_nan=False))
    return stored


def figures(evidence: Sequence[Evidence]) -> dict[str, float | None]:
    return dict(Grounding().tally(evidence).figures())


def test_golden_pairs(shared: Path) -> None:
    golden = json.loads((shared / "golden" / "grounding.json").read_text())
    evidence = [observed([row["pred"]], [row["gt"]]) for row in golden["pairs"]]
    for row, seen in zip(golden["pairs"], evidence, strict=True):
        assert seen["iou"] == pytest.approx(row["iou"], abs=1e-12)
        assert (seen["shared"], seen["union"]) == pytest.approx((row["inter"], row["union"]), abs=1e-9)
    ours, expected = figures(evidence), golden["aggregate"]
    assert ours["mean_iou"] == pytest.approx(expected["mIoU"], abs=1e-12)
    assert ours["cum_iou"] == pytest.approx(expected["cIoU"], abs=1e-12)
    for level in (0.5, 0.6, 0.7, 0.8, 0.9):
        assert ours[f"Pr@{level}"] == pytest.approx(expected[f"Pr@{level}(>=)"], abs=1e-12)
        assert ours[f"Pr@{level} (strict)"] == pytest.approx(expected[f"Pr@{level}(>)"], abs=1e-12)
    rows = golden["pairs"]
    assert ours["Acc@0.7"] == ours["Pr@0.7"] and ours["Acc@0.5 (strict)"] == ours["Pr@0.5 (strict)"]
    assert ours["rscovlm/Acc@0.5 (strict)"] == pytest.approx(np.mean([r["vlm_r1_iou"] > 0.5 for r in rows]))
    tidy = [r["iou_if_corners_sorted"] for r in rows]
    assert ours["sorted corners/mean_iou"] == pytest.approx(np.mean(tidy), abs=1e-12)
    assert ours["sorted corners/Pr@0.5"] == pytest.approx(np.mean([v >= 0.5 for v in tidy]))


def test_golden_polygons(shared: Path) -> None:
    golden = json.loads((shared / "golden" / "grounding.json").read_text())["polygons"]
    for row in golden:
        seen = observed([row["pred"]], [row["gt"]])
        assert seen["iou"] == pytest.approx(row["iou_convex_hull"], abs=1e-12)
        if row["valid"]:
            assert seen["iou"] == pytest.approx(row["iou"], abs=1e-12)


def test_golden_cumulative(shared: Path) -> None:
    golden = json.loads((shared / "golden" / "protocol_vectors.json").read_text())["cumulative_iou"]
    evidence = [observed([a], [b]) for a, b in golden["pairs"]]
    ours = figures(evidence)
    assert [e["iou"] for e in evidence] == golden["per_pair"]
    names = {
        "mean_iou": "mean_iou",
        "cum_iou": "cum_iou",
        "Pr@0.5": "acc_ge_0.5",
        "Pr@0.5 (strict)": "acc_gt_0.5",
    }
    for name, key in names.items():
        assert ours[name] == pytest.approx(golden[key], abs=1e-12)


def test_worked_examples_of_vrsbench() -> None:
    """Their +1 rule on a grid of 0 to 100 makes a hit of an IoU of 1/3."""
    ours = figures([observed([(50, 50, 52, 52)], [(51, 50, 53, 52)])])
    assert (ours["vrsbench/mean_iou"], ours["mean_iou"]) == pytest.approx((0.5, 1 / 3))
    assert ours["vrsbench/Acc@0.5"] == 1 and ours["Pr@0.5"] == 0
    ours = figures([observed([(42, 41, 46, 45)], [(40, 40, 44, 44)])])
    assert (ours["vrsbench/mean_iou"], ours["mean_iou"]) == pytest.approx((6 / 19, 3 / 13))
    twice = [observed([(50, 50, 52, 52)], [(51, 50, 53, 52)]), observed([], [(0, 0, 10, 10)])]
    ours = figures(twice)
    assert ours["vrsbench/cum_iou"] == pytest.approx(0.5)  # unparsed items drop out there
    assert ours["cum_iou"] == pytest.approx(2 / 106)
    assert ours["vrsbench/Acc@0.5"] == 0.5
    scaled = figures([observed([(256, 256, 266.24, 266.24)], [(261.12, 256, 271.36, 266.24)], (512, 512))])
    assert scaled["vrsbench/mean_iou"] == pytest.approx(0.5)


def test_worked_examples_of_other_rules() -> None:
    disjoint = figures([observed([(100, 100, 200, 200)], [(300, 300, 400, 400)], (1000, 1000))])
    assert disjoint["lhrs/Acc@0.5 (strict)"] == 1 and disjoint["Pr@0.5"] == 0
    far = figures([observed([(600, 600, 640, 640)], [(660, 660, 700, 700)], (1000, 1000))])
    assert far["rsthinker/mean_iou"] == pytest.approx(0.597301, abs=1e-6) and far["mean_iou"] == 0
    one = figures([observed([(10, 10, 11, 11)], [(10, 10, 11, 11)])])
    assert one["rscovlm/Acc@0.5 (strict)"] == 0 and one["mean_iou"] == 1
    assert figures([observed([], [(1, 1, 2, 2)])])["lhrs/Acc@0.5 (strict)"] == 0


def test_a_constant_box_exposes_the_plus_one_rule() -> None:
    """20,000 small objects anywhere: about 37.1 % under LHRS-Bot's rule on 0 to 1, about 0.2 % in truth."""
    rng = np.random.default_rng(0)
    width, height = rng.uniform(0.03, 0.15, (2, 20000))
    x, y = rng.uniform(0, 1 - width), rng.uniform(0, 1 - height)
    boxes = 1000 * np.stack([x, y, x + width, y + height], 1)
    template = observed([], [(0, 0, 1, 1)], (1000, 1000))
    ours = figures([{**template, "gold": [box]} for box in boxes.tolist()])
    assert ours["floor: centre box/lhrs/Acc@0.5 (strict)"] == pytest.approx(0.371, abs=0.015)
    assert ours["floor: centre box/Pr@0.5"] == pytest.approx(0.002, abs=0.001)
    assert ours["floor: shuffled gold/lhrs/Acc@0.5 (strict)"] == pytest.approx(0.25, abs=0.05)
    assert 0 < (ours["floor: shuffled gold/Pr@0.5"] or 0) < 0.002
    assert ours["lhrs/Acc@0.5 (strict)"] == ours["Pr@0.5"] == 0


def test_several_boxes() -> None:
    a, b = (0, 0, 10, 10), (20, 20, 30, 30)
    right, missing, more = (
        observed([b, a], [a, b]),
        observed([a], [a, b]),
        observed([a, b, (50, 50, 60, 60)], [a, b]),
    )
    ours = figures([right, missing, more])
    assert ours["Pr@0.9"] == ours["rscovlm-set/Pr@0.5"] == pytest.approx(1 / 3)
    assert ours["mean_iou"] == pytest.approx((1 + 1 / 2 + 2 / 3) / 3)
    assert ours["cum_iou"] == pytest.approx(500 / 700)
    assert ours["earthdial/precision@0.5"] == pytest.approx(5 / 6)  # a missed box costs nothing
    details = Grounding().details([right, missing, more, observed([a, b], [a])])
    assert details["boxes"]["several"] == {"expressions": 3, "Pr@0.5": pytest.approx(1 / 3)}
    assert (
        details["boxes"]["one"] == {"expressions": 1, "Pr@0.5": 1.0} and details["several said for one"] == 1
    )


def test_floors_of_polygons_and_boxes_agree() -> None:
    """The same objects as 4 numbers and as 8 have the same figures: boxes at once, polygons one by one."""
    rng = np.random.default_rng(1)
    low, extent = rng.uniform(0, 60, (30, 2)), rng.uniform(5, 40, (30, 2))
    boxes = np.concatenate([low, low + extent], 1)
    corners = boxes[:, [0, 1, 2, 1, 2, 3, 0, 3]]
    plain = figures([observed([b + 1], [b]) for b in boxes])
    turned = figures([observed([c + 1], [c]) for c in corners])
    assert plain == pytest.approx(turned, abs=1e-9)
    assert all(value is not None for value in plain.values())
    hulls = [Grounding(oriented=False).observe(*pair) for pair in _pairs(corners)]
    assert figures(hulls) == pytest.approx(plain, abs=1e-12)


def _pairs(corners: np.ndarray) -> list[tuple[Target, Answer]]:
    return [
        (
            Target(regions=(Region(tuple(c), ""),), size=(100, 100)),
            Answer(regions=(Region(tuple(c + 1), ""),)),
        )
        for c in corners
    ]


def test_without_sizes_there_are_no_floors() -> None:
    ours = figures([observed([(0, 0, 9, 9)], [(0, 0, 9, 9)], None), observed([(0, 0, 9, 9)], [(0, 0, 9, 9)])])
    assert ours["Pr@0.5"] == 1 and ours["rscovlm/Acc@0.5 (strict)"] == 1
    assert observed([], [(0, 0, 9, 9)], (0, 5))["size"] is None
    nothing = [n for n in ours if n.startswith(("floor", "lhrs", "vrsbench"))]
    assert len(nothing) > 10 and all(ours[name] is None for name in nothing)


@pytest.mark.parametrize(
    "said",
    [
        [],
        [(float("nan"), 0, 1, 1)],
        [(0, 0, float("inf"), 1)],
        [(0, 0, 1e200, 1e200)],
        [(0, 0, 1, 1, 5, 5, 7)],
        [tuple(range(9))],
        [(10, 10, 10, 10)],
        [(30, 30, 10, 10)],
        [(0, 0, 0, 0, 0, 0, 0, 0)],
    ],
)
def test_bad_answers_score_nothing(said: list[Points]) -> None:
    ours = figures([observed(said, [(10, 10, 30, 30)]), observed([(1, 1, 9, 9)], [(1, 1, 9, 9)])])
    assert ours["Pr@0.5"] == 0.5 and ours["mean_iou"] == 0.5
    for name, value in ours.items():
        assert value is not None and 0 <= value <= 1, name


def test_gold_without_boxes_counts_for_nothing() -> None:
    full = [observed([(0, 0, 9, 9)], [(0, 0, 9, 8)]), observed([], [(3, 3, 9, 8)])]
    assert figures([*full, observed([(0, 0, 1, 1)], [], None)]) == figures(full)
    assert set(figures([]).values()) == {None} == set(figures([observed([], [])]).values())
    assert Grounding().details([])["centre box"] is None


def test_order_of_samples_is_of_no_account() -> None:
    rng = np.random.default_rng(2)
    boxes = rng.integers(0, 40, (25, 2, 4)) + [0, 0, 41, 41]
    evidence = [observed([a], [b]) for a, b in boxes.tolist()]
    assert figures(evidence) == pytest.approx(figures(evidence[::-1]), abs=1e-12)


def test_draws_at_once_equal_draws_one_by_one() -> None:
    rng = np.random.default_rng(3)
    boxes = rng.integers(0, 40, (12, 2, 4)) + [0, 0, 41, 41]
    tally = Grounding().tally(
        [*(observed([a], [b]) for a, b in boxes.tolist()), observed([], [(0, 0, 5, 5)])]
    )
    weights = rng.integers(0, 3, (20, 13))
    weights[0] = 0
    many = tally.resampled(weights)
    for draw, weight in enumerate(weights):
        one = tally.figures(weight)
        for name, values in many.items():
            expected = one[name]
            if expected is None:
                assert np.isnan(values[draw])
            else:
                assert values[draw] == pytest.approx(expected, abs=1e-12)
    assert set(tally.figures(weights[1], only="Pr@0.5")) == {"Pr@0.5"}
    bounds = intervals(tally, 13, only="mean_iou", resamples=50)["mean_iou"]
    assert bounds is not None and bounds[0] < bounds[1]
