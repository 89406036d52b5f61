"""Adapters that know the data but not the sample: commonest answer, echo, another sample's truth."""

from __future__ import annotations

import pytest

from rsbench.harness.adapters.floors import Constant, Echo, Shuffled
from rsbench.harness.contract import (
    Boxes,
    Image,
    Label,
    Mask,
    Raster,
    Region,
    Request,
    Runtime,
    Sample,
    Target,
    Text,
)
from rsbench.harness.errors import UsageError

BOXES = Boxes(("ship", "plane"))


def sample(name: str, target: Target, size: tuple[int, int] | None = (100, 50)) -> Sample:
    return Sample(name, (Image(f"{name}.png", "", size=size),), target)


def request(of: Sample, wants: Boxes | Label | Text) -> Request:
    return Request(f"key {of.id}", of.id, of.images, wants, prompt="What is it?")


def test_echo_says_the_prompt() -> None:
    (said,) = Echo({}, Runtime()).generate([request(sample("a", Target()), Text("?"))])
    assert said.text == "What is it?"
    with pytest.raises(UsageError):
        Echo({"loud": "yes"}, Runtime())


def test_constant_gives_the_commonest_answer() -> None:
    model = Constant({}, Runtime())
    texts = [sample(str(i), Target(texts=(t, "more"))) for i, t in enumerate(["no", "yes", "yes"])]
    model.prepare(texts, (), {})
    assert [r.text for r in model.generate([request(s, Text("?")) for s in texts])] == ["yes"] * 3
    labels = [sample(str(i), Target(label=t)) for i, t in enumerate(["a", "b", "b"])]
    model.prepare(labels, (), {})
    assert next(model.generate([request(labels[0], Label(("a", "b")))])).label == "b"


def test_constant_boxes_are_the_median_in_parts_of_the_image() -> None:
    def boxed(name: str, *points: float) -> Sample:
        return sample(name, Target(regions=(Region(points, "ship"),)))

    data = [boxed("1", 0, 0, 20, 10), boxed("2", 10, 5, 30, 15), boxed("3", 80, 40, 100, 50)]
    model = Constant({}, Runtime())
    model.prepare(data, (), {})
    larger = sample("4", Target(), (1000, 500))
    (said,) = model.generate([request(larger, BOXES)])
    assert said.regions is not None
    assert said.regions[0].points == pytest.approx((100, 50, 300, 150)) and said.regions[0].label == "ship"
    (unknown,) = model.generate([request(sample("5", Target(), None), BOXES)])
    assert unknown.error


def test_shuffled_gives_everybody_another_truth_once() -> None:
    data = [sample(str(i), Target(texts=(f"text {i}",), label=f"label {i}")) for i in range(9)]
    model = Shuffled({}, Runtime(seed=3))
    model.prepare(data, (), {})
    said = [r.text for r in model.generate([request(s, Text("?")) for s in data])]
    assert sorted(map(str, said)) == [f"text {i}" for i in range(9)]
    assert all(text != f"text {i}" for i, text in enumerate(said))
    again = Shuffled({}, Runtime(seed=3))
    again.prepare(data, (), {})
    assert said == [r.text for r in again.generate([request(s, Text("?")) for s in data])]


def test_shuffled_boxes_keep_their_place_in_the_picture() -> None:
    near = sample("near", Target(regions=(Region((10, 10, 20, 20), "ship"),)), (100, 50))
    far = sample("far", Target(), (200, 200))
    model = Shuffled({}, Runtime())
    model.prepare([near, far], (), {})
    answers = list(model.generate([request(near, BOXES), request(far, BOXES)]))
    assert answers[0].regions == ()
    assert answers[1].regions is not None and answers[1].regions[0].points == pytest.approx((20, 40, 40, 80))
    oriented = next(model.generate([request(far, Boxes(("ship",), oriented=True))]))
    assert oriented.regions is not None and len(oriented.regions[0].points) == 8


def test_nothing_to_know_is_no_answer() -> None:
    model = Constant({}, Runtime())
    model.prepare([], (), {})
    said = next(model.generate([request(sample("a", Target()), Text("?"))]))
    assert said.text is None


def test_masks_without_points_are_no_boxes() -> None:
    masked = sample("a", Target(regions=(Region((), "", mask=Raster(50, 100, "0")),)))
    model = Constant({}, Runtime())
    model.prepare([masked], (), {})
    (said,) = model.generate([Request("k", "a", masked.images, Mask("the lake"))])
    assert said.error is None
