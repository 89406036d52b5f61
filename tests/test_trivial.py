"""Adapters that are no models."""

from __future__ import annotations

import pytest

from rsbench.harness.adapters.trivial import Blank, ListAll, Oracle, Random, image_extent
from rsbench.harness.contract import Boxes, Image, Label, Mask, Region, Request, Runtime, Target, Text, Wants
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.roles import Adapter, Informed

IMAGE = Image("a.png", "", size=(200, 100))
SHIP = Region((10, 20, 60, 70), "ship")
TARGET = Target("beach", ("yes",), (SHIP, Region((0, 0, 5, 5), "ship", ignore=True)))
BOXES = Boxes(("ship", "plane"))


def ask(wants: Wants, sample: str = "1", image: Image = IMAGE) -> Request:
    return Request(f"key {sample}", sample, (image,), wants)


def test_oracle_knows_the_truth() -> None:
    oracle = Oracle({}, Runtime())
    asked = [ask(BOXES, "1"), ask(Label(("beach", "port")), "2"), ask(Text("?"), "3")]
    for request in asked:
        oracle.inform(request, TARGET)
    boxes, label, text = oracle.generate(asked)
    assert boxes.regions == (Region(SHIP.points, "ship", score=1.0),)
    assert label.label == "beach" and text.text == "yes"
    assert isinstance(oracle, Informed) and isinstance(oracle, Adapter)


def test_oracle_speaks_a_dialect() -> None:
    oracle = Oracle({"dialect": "earthgpt"}, Runtime())
    asked = [ask(BOXES), ask(BOXES, "2", Image("gone.png", ""))]
    for request in asked:
        oracle.inform(request, TARGET)
    spoken, failed = oracle.generate(asked)
    assert spoken.text == "There is <p>ship</p>[0.05,0.35,0.30,0.60] in the image."
    assert spoken.frame and (spoken.frame.width, spoken.frame.height) == (200, 100)
    assert failed.error and "gone.png" in failed.error


def test_blank_says_nothing() -> None:
    assert [r.text for r in Blank({}, Runtime()).generate([ask(BOXES), ask(Text("?"))])] == ["", ""]


@pytest.mark.parametrize("oriented", [False, True])
def test_random_depends_on_seed_and_sample_alone(oriented: bool) -> None:
    wants = Boxes(BOXES.classes, oriented)
    asked = [ask(wants, str(i)) for i in range(40)]
    first = list(Random({}, Runtime(seed=1)).generate(asked))
    again = [next(iter(Random({}, Runtime(seed=1)).generate([r]))) for r in reversed(asked)]
    assert first == again[::-1]
    assert first != list(Random({}, Runtime(seed=2)).generate(asked))
    regions = [region for response in first for region in response.regions or ()]
    assert {len(r.points) for r in regions} == {8 if oriented else 4}
    assert {r.label for r in regions} == set(BOXES.classes) and len({r.score for r in regions}) == len(
        regions
    )
    labels = {
        r.label for r in Random({}, Runtime()).generate([ask(Label(("a", "b")), str(i)) for i in range(30)])
    }
    assert labels == {"a", "b"}
    assert next(iter(Random({}, Runtime()).generate([ask(Mask("x"))]))).error


def test_list_all_lists_all() -> None:
    boxes, label = ListAll({}, Runtime()).generate([ask(BOXES), ask(Label(("beach", "port")))])
    assert (
        boxes.regions and {r.label for r in boxes.regions} == {"ship", "plane"} and len(boxes.regions) == 34
    )
    assert (0, 0, 200, 100) in {r.points for r in boxes.regions}
    assert label.text == "beach, port"
    (oriented,) = ListAll({}, Runtime()).generate([ask(Boxes(("ship",), oriented=True))])
    assert oriented.regions and {len(r.points) for r in oriented.regions} == {8}


def test_sizes() -> None:
    assert image_extent(IMAGE) == (200, 100)
    assert image_extent(Image("a", "", window=(5, 5, 15, 25), size=(200, 100))) == (10, 20)
    with pytest.raises(DataError, match="a.png"):
        image_extent(Image("a.png", ""))


def test_options_are_checked() -> None:
    for kind in (Oracle, Blank, Random, ListAll):
        with pytest.raises(UsageError, match="cheat"):
            kind({"cheat": "1"}, Runtime())
    with pytest.raises(UsageError, match="earthgpt"):
        Oracle({"dialect": "earthgtp"}, Runtime())
