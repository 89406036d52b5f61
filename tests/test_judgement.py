"""Judgements of single samples add up to what the metrics themselves count, on random cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Region, Target
from rsbench.harness.judgement import (
    FALSE,
    FOUND,
    IGNORED,
    MISSED,
    NEUTRAL,
    TRUE,
    Judgement,
    level_of,
    of_boxes,
)
from rsbench.harness.metrics.choice import Choice
from rsbench.harness.metrics.coco import CocoDetection
from rsbench.harness.metrics.detection import Detection
from rsbench.harness.metrics.grounding import Grounding
from rsbench.harness.metrics.mask import MaskIoU
from rsbench.harness.metrics.mask_codec import encode
from rsbench.harness.metrics.multiple_choice import MultipleChoice
from rsbench.harness.metrics.vqa import VQA

CLASSES = ("ship", "harbour")
SIDE = 40
Pairs = list[tuple[Target, Answer]]


def test_a_sample_is_right_when_all_is_found_and_nothing_else() -> None:
    assert of_boxes((), ()) == Judgement(1.0, True)
    assert of_boxes((TRUE, NEUTRAL), (FOUND, IGNORED)).right is True
    assert of_boxes((TRUE, FALSE), (FOUND,)).right is False
    assert of_boxes((TRUE,), (FOUND, MISSED)) == Judgement(2 / 3, False, (TRUE,), (FOUND, MISSED))


@pytest.mark.parametrize(
    ("figure", "level"),
    [
        ("Pr@0.7", 0.7),
        ("Pr@0.5 (strict)", 0.5),
        ("one-class/AP@0.40/voc07", 0.4),
        ("OA", 0.5),
        ("AP75", 0.75),
    ],
)
def test_the_level_of_a_figure_is_the_number_in_its_name(figure: str, level: float) -> None:
    assert level_of(figure) == level


def regions(rng: np.random.Generator, most: int, oriented: bool, scored: bool) -> tuple[Region, ...]:
    """Boxes on a coarse lattice: many overlap, IoUs and scores are equal, and some lie apart."""
    made = []
    for _ in range(int(rng.integers(0, most + 1))):
        x, y = rng.integers(0, 5, 2) * 4.0
        width, height = rng.integers(2, 5, 2) * 4.0
        points: tuple[float, ...] = (x, y, x + width, y + height)
        if oriented:
            lean = float(rng.integers(0, 2) * 3)
            points = (x + lean, y, x + width + lean, y, x + width, y + height, x, y + height)
        score = [None, 0.2, 0.5, 0.5, 0.9][int(rng.integers(5))] if scored else None
        ignore, crowd = (not scored and bool(rng.random() < share) for share in (0.15, 0.1))
        label = (*CLASSES, "cloud")[int(rng.choice(3, p=[0.6, 0.3, 0.1]))]
        made.append(Region(points, label, score, ignore, crowd))
    return tuple(made)


def scenes(seed: int, count: int = 40, oriented: bool = False) -> Pairs:
    rng = np.random.default_rng(seed)
    return [
        (
            Target(regions=regions(rng, 5, oriented, False), size=(SIDE, SIDE)),
            Answer(regions=regions(rng, 6, oriented, True)),
        )
        for _ in range(count)
    ]


def judgements(metric: Any, pairs: Pairs, figure: str) -> list[Judgement]:
    evidence = metric.observe_all([t for t, _ in pairs], [a for _, a in pairs])
    return [metric.judged(t, a, e, figure) for (t, a), e in zip(pairs, evidence, strict=True)]


def counted(found: Sequence[Judgement]) -> tuple[int, int, int]:
    """True, false and missed of all samples."""
    boxes = Counter(verdict for judgement in found for verdict in judgement.found)
    objects = Counter(verdict for judgement in found for verdict in judgement.objects)
    assert boxes[TRUE] == objects[FOUND]
    return boxes[TRUE], boxes[FALSE], objects[MISSED]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"strict": True},
        {"limit": 2},
        {"limit": 1, "limit_by_class": True},
        {"inclusive": True},
        {"oriented": True},
        {"oriented": True, "rule": "mmrotate-1"},
        {"oriented": True, "rule": "dota-devkit"},
    ],
    ids=str,
)
def test_detections_are_counted_as_the_metric_counts_them(options: dict[str, Any], seed: int) -> None:
    views = {"one-class": dict.fromkeys(CLASSES, "thing"), "2 classes": {name: name for name in CLASSES}}
    metric = Detection(views, thresholds=(0.4, 0.5), **options)
    pairs = scenes(seed, oriented=bool(options.get("oriented")))
    details = metric.details(metric.observe_all([t for t, _ in pairs], [a for _, a in pairs]))
    for view in views:
        for level in ("0.40", "0.50"):
            own = details[view]["counts"][level]
            found = judgements(metric, pairs, f"{view}/AP@{level}/voc07")
            assert counted(found) == (own["true"], own["false"], own["missed"])
            assert own["true"] and own["false"] and own["missed"]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"honour_ignore": True},
        {"limit": 2},
        {"agnostic": True, "honour_ignore": True},
        {"kind": "obb"},
        {"kind": "segm"},
        {"thresholds": (0.25, 0.5)},
    ],
    ids=str,
)
def test_boxes_are_judged_as_the_bits_of_coco_s_evidence_say(options: dict[str, Any], seed: int) -> None:
    metric = CocoDetection(CLASSES, **options)
    pairs = scenes(seed, oriented=options.get("kind") == "obb")
    if options.get("kind") == "segm":
        pairs = [(filled(target), filled(answer)) for target, answer in pairs]
    evidence = metric.observe_all([t for t, _ in pairs], [a for _, a in pairs])
    seen: Counter[str] = Counter()
    for suffix, place in {"AP": 0, **{f"AP{s}": k for s, k in metric.rule.named_levels().items()}}.items():
        for (target, answer), row in zip(pairs, evidence, strict=True):
            verdicts = [
                (taken[0] >> place & 1, neutral[0] >> place & 1) for *_, taken, neutral in row["found"]
            ]
            true = sum(taken and not neutral for taken, neutral in verdicts)
            false = sum(not taken and not neutral for taken, neutral in verdicts)
            judgement = metric.judged(target, answer, row, suffix)
            assert counted([judgement]) == (true, false, sum(gold[1] for gold in row["gold"]) - true)
            assert len(judgement.found) == len(answer.regions)
            assert len(judgement.objects) == len(target.regions)
            seen.update((*judgement.found, *judgement.objects))
    assert {TRUE, FALSE, NEUTRAL, FOUND, MISSED, IGNORED} == set(seen)


def filled(part: Any) -> Any:
    """The same regions with their boxes as masks."""
    from dataclasses import replace

    def masked(region: Region) -> Region:
        x1, y1, x2, y2 = map(int, region.points)
        pixels = np.zeros((SIDE, SIDE), bool)
        pixels[y1:y2, x1:x2] = True
        return replace(region, mask=encode(pixels))

    return replace(part, regions=tuple(map(masked, part.regions)))


def mean(values: Sequence[float | None]) -> float:
    kept = [value for value in values if value is not None]
    return sum(kept) / len(kept)


@pytest.mark.parametrize("figure", ["top-1", "cls/geochat/top-1"])
def test_the_share_of_right_classes_is_top_1(figure: str) -> None:
    rng = np.random.default_rng(5)
    said = [None, "ship", "harbour", "a harbour"]
    pairs: Pairs = []
    for _ in range(80):
        answer = said[int(rng.integers(4))]
        label = answer if answer in CLASSES else None
        pairs.append((Target(label=CLASSES[int(rng.integers(2))]), Answer(label=label, raw=answer or "?")))
    metric = Choice(CLASSES, rules=("cls/geochat",))
    evidence = [metric.observe(*pair) for pair in pairs]
    found = [metric.judged(*pair, e, figure) for pair, e in zip(pairs, evidence, strict=True)]
    assert mean([judgement.right for judgement in found]) == metric.tally(evidence).figures()[figure]


def test_the_share_of_right_answers_is_overall_accuracy_and_what_is_left_out_is_neither() -> None:
    rng = np.random.default_rng(6)
    said = ["yes", "no", "Yes.", "it is 3", ""]
    pairs: Pairs = [
        (
            Target(texts=("yes",) if i % 7 else (), kind=("presence", "comp")[i % 2]),
            Answer(text=(text := said[int(rng.integers(5))]), raw=text),
        )
        for i in range(70)
    ]
    metric = VQA("rsvqa/strict", others=("rsvqa/contain",))
    figures = metric.tally(metric.observe_all([t for t, _ in pairs], [a for _, a in pairs])).figures()
    for rule in metric.rules:
        found = judgements(metric, pairs, f"{rule}/OA")
        assert mean([judgement.right for judgement in found]) == figures[f"{rule}/OA"]
        assert [judgement.right is None for judgement in found] == [not t.texts for t, _ in pairs]


def test_the_share_of_right_options_is_the_micro_mean() -> None:
    rng = np.random.default_rng(7)
    draws = [(int(rng.integers(2)), int(rng.integers(3))) for _ in range(50)]
    pairs = [(Target(label="AB"[t], choices=("red", "blue")), Answer(text="AB?"[a])) for t, a in draws]
    metric = MultipleChoice(others=("mme-realworld/official",))
    evidence = [metric.observe(*pair) for pair in pairs]
    for rule in metric.rules:
        found = [metric.judged(*pair, e, f"{rule}/micro") for pair, e in zip(pairs, evidence, strict=True)]
        assert mean([one.right for one in found]) == metric.tally(evidence).figures()[f"{rule}/micro"]


@pytest.mark.parametrize("figure", ["Pr@0.5", "Pr@0.5 (strict)", "Pr@0.7", "Acc@0.7 (strict)"])
def test_the_share_of_right_expressions_is_precision_at_the_level(figure: str) -> None:
    pairs = scenes(8, 200)
    metric = Grounding()
    found = judgements(metric, pairs, figure)
    figures = metric.tally(metric.observe_all([t for t, _ in pairs], [a for _, a in pairs])).figures()
    assert mean([judgement.right for judgement in found]) == pytest.approx(figures[figure])
    assert mean([judgement.value for judgement in found]) == pytest.approx(figures["mean_iou"])
    for (target, answer), judgement in zip(pairs, found, strict=True):
        assert len(judgement.found) == len(answer.regions)
        if not target.regions:
            assert judgement.right is None
        else:  # right, when every box that counts has found one and none is left
            assert judgement.right == (
                FALSE not in judgement.found and MISSED not in judgement.objects and bool(answer.regions)
            )


def test_the_mean_value_of_masks_is_their_mean_iou() -> None:
    rng = np.random.default_rng(9)
    pairs: Pairs = []
    for i in range(60):
        masks = [
            encode(rng.random((6, 5)) < share) for share in (0.0 if i % 5 == 0 else 0.6, 0.7 * (i % 3 > 0))
        ]
        gold, said = (Region((), "roof", mask=mask) for mask in masks)
        pairs.append((Target(regions=(gold,), size=(5, 6)), Answer(regions=(said,))))
    metric = MaskIoU()
    evidence = [metric.observe(*pair) for pair in pairs]
    figures = metric.tally(evidence).figures()
    found = [metric.judged(*pair, e, "mask/Pr@0.6") for pair, e in zip(pairs, evidence, strict=True)]
    assert mean([judgement.value for judgement in found]) == pytest.approx(figures["mask/mean_iou"])
    asked = [judgement.right for judgement, e in zip(found, evidence, strict=True) if e["gold"]]
    assert mean(asked) == pytest.approx(figures["mask/Pr@0.6"])
