"""Detection tasks: views, forms of boxes and headlines follow card and data."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from rsbench.harness.contract import Answer, Boxes, Image, Region, Sample, Target, Text, Turn
from rsbench.harness.datasets.card import Dataset, read_card
from rsbench.harness.datasets.coco import read
from rsbench.harness.datasets.names import ClassNames
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.plan import prompted
from rsbench.tasks.detection import ObjectDetection, build

BOX, CORNERS = (0, 0, 9, 9), (0, 0, 9, 0, 9, 9, 0, 9)


def task(name: str, points: tuple[float, ...] = BOX, classes: tuple[str, ...] = ("ship",)) -> ObjectDetection:
    card = read_card(name)
    classes = ClassNames(card).classes or classes
    sample = Sample("1", (Image("1.jpg", ""),), Target(regions=(Region(points, classes[0]),)))
    return build(card, Dataset((sample,), (), classes, (("category_id 0", classes[0]),)))


def figures(made: ObjectDetection, label: str) -> dict[str, float | None]:
    (sample,), (metric, *_) = made.samples(), made.metrics
    region = Region(sample.target.regions[0].points, label, 0.5)
    return dict(metric.tally([metric.observe(sample.target, Answer(regions=(region,)))]).figures())


@pytest.mark.parametrize(("name", "points"), [("mar20", BOX), ("mar20_obb", CORNERS)])
def test_aircraft_are_one_class_and_twenty(name: str, points: tuple[float, ...]) -> None:
    made = task(name, points)
    wants = made.request(made.samples()[0], ())
    assert isinstance(wants, Boxes) and wants.parent == "airplane" and len(wants.classes) == 20
    assert wants.oriented == (name == "mar20_obb")
    assert made.headline == "one-class/AP@0.40/voc07/clip-score"
    assert made.confidences == ("clip-score", "logprob", "none")
    named, common = figures(made, "A1"), figures(made, "airplane")
    for threshold in ("0.40", "0.50"):
        for rule in ("voc07", "area"):
            assert named[f"one-class/AP@{threshold}/{rule}"] == 1
            assert named[f"20 classes/mAP@{threshold}/{rule}"] == 1
            assert common[f"one-class/AP@{threshold}/{rule}"] == 1
            assert common[f"20 classes/mAP@{threshold}/{rule}"] == 0
    assert made.headline.rpartition("/")[0] in named


def test_the_question_tells_nothing_of_the_sample() -> None:
    made = task("mar20")
    other = Sample("2", made.samples()[0].images, Target())
    assert made.request(made.samples()[0], ()) == made.request(other, ())
    assert made.request(other, (Turn("?", "none"),)) is None


@pytest.mark.parametrize("name", ["voc", "dota"])
def test_headlines_of_any_data(name: str) -> None:
    made = task(name, classes=("ship", "harbor"))
    assert made.headline == "all classes/mAP@0.50/voc07/clip-score"
    assert made.headline.rpartition("/")[0] in figures(made, "ship")
    if name == "voc":
        single = task(name)
        assert single.headline == "all classes/AP@0.50/voc07/clip-score"
        assert single.headline.rpartition("/")[0] in figures(single, "ship")


@pytest.mark.parametrize(
    ("name", "classes", "question"),
    [
        ("mar20", (), "How many airplanes are there in the image?"),
        ("coco", ("ship",), "How many ships are there in the image?"),
        ("coco", ("ship", "bus"), "How many objects are there in the image?"),
    ],
)
def test_the_count_comes_first(name: str, classes: tuple[str, ...], question: str) -> None:
    """Its truth is the number of objects asked for; the boxes are asked for and scored as without it."""
    card = prompted(read_card(name), "count")
    classes = ClassNames(card).classes or classes
    kept = [Region(BOX, classes[0])] * 3
    odd = [Region(BOX, classes[0], ignore=True), Region(BOX, classes[0], crowd=True)]
    samples = [Sample("1", (Image("1.jpg", ""),), Target(regions=(*kept, *odd)))]
    samples.append(Sample("2", (Image("2.jpg", ""),), Target()))
    made, bare = (build(c, Dataset(tuple(samples), (), classes)) for c in (card, read_card(name)))
    assert [s.target.texts for s in made.samples()] == [("3",), ("0",)]
    assert [s.target.regions for s in made.samples()] == [s.target.regions for s in samples]
    assert made.request(samples[0], ()) == Text(question)
    turns = (Turn(question, "nonsense"), Turn("?", "!"))
    assert made.request(samples[0], turns[:1]) == bare.request(samples[0], ())
    assert made.request(samples[0], turns) is None and made.turns == 2 and bare.turns == 1
    assert made.headline == bare.headline and [m.name for m in made.metrics] == [m.name for m in bare.metrics]
    assert bare.samples()[0].target.texts == () and bare.first_turn is None
    assert made.first_turn is not None and made.first_turn.name == "vqa"


def test_horizontal_boxes_come_before_oriented_ones() -> None:
    made = build(
        prompted(read_card("mar20_obb"), "hbb"),
        Dataset(tuple(task("mar20_obb", CORNERS).samples()), (), ClassNames(read_card("mar20_obb")).classes),
    )
    first, second = (made.request(made.samples()[0], (Turn("?", "!"),) * turn) for turn in (0, 1))
    assert isinstance(first, Boxes) and isinstance(second, Boxes)
    assert not first.oriented and second == replace(first, oriented=True)
    with pytest.raises(UsageError, match="horizontal boxes"):
        build(
            prompted(read_card("mar20"), "hbb"),
            Dataset(tuple(task("mar20").samples()), (), ClassNames(read_card("mar20")).classes),
        )


def test_coco_scores_oriented_boxes_by_another_rule() -> None:
    flat, turned = task("coco"), task("coco", CORNERS)
    assert flat.headline == "AP/clip-score" and figures(flat, "ship")["AP"] == pytest.approx(1)
    assert turned.headline == "all classes/AP@0.50/voc07/clip-score" and turned.protocol == "voc"
    wants = flat.request(flat.samples()[0], ())
    assert isinstance(wants, Boxes) and ("category_id 0", "ship") in wants.aliases


def test_objects_to_be_ignored_are_not_asked_for_by_coco_either() -> None:
    regions = (Region(BOX, "ship"), Region((50, 0, 60, 9), "ship", ignore=True))
    sample = Sample("1", (Image("1.jpg", ""),), Target(regions=regions))
    (metric,) = build(read_card("coco"), Dataset((sample,), (), ("ship",))).metrics
    found = Answer(regions=(Region(BOX, "ship", 0.5),))
    evidence = [metric.observe(sample.target, found)]
    assert metric.tally(evidence).figures()["AP"] == pytest.approx(1)


def test_without_a_class_there_is_no_task() -> None:
    with pytest.raises(DataError, match="no class"):
        build(read_card("coco"), Dataset((), (), ()))


def test_published_figures_of_coco(shared: Path) -> None:
    """AP 0.504581, AP50 0.696973, AP75 0.572982: val2014_fake_eval_res.txt, six digits by pycocotools."""
    root = shared / "data/coco_fake_results"
    data = read(root, read_card("coco"))
    results = json.loads((root / "results/instances_val2014_fakebbox100_results.json").read_text())
    names, found = dict(data.aliases), defaultdict(list)
    for row in results:
        x, y, width, height = row["bbox"]
        label = names[f"category_id {row['category_id']}"]
        found[str(row["image_id"])].append(Region((x, y, x + width, y + height), label, row["score"]))
    (metric,) = build(read_card("coco"), data).metrics
    evidence = [metric.observe(s.target, Answer(regions=tuple(found[s.id]))) for s in data.samples]
    reached = metric.tally(evidence).figures()
    assert [round(reached[n] or 0, 6) for n in ("AP", "AP50", "AP75")] == [0.504581, 0.696973, 0.572982]


def test_a_card_says_how_many_detections_count() -> None:
    made = {name: task(name, BOX, ("pedestrian", "ship")) for name in ("visdrone", "coco")}
    found = {name: figures(made[name], made[name].samples()[0].target.regions[0].label) for name in made}
    assert "AR500" in found["visdrone"] and "AR100" in found["coco"]
