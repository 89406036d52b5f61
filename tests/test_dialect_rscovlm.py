"""How RSCoVLM is spoken to and understood."""

from __future__ import annotations

import doctest
from pathlib import Path

import pytest

from rsbench.harness.contract import Boxes, Frame, Image, Label, Mask, Region, Request, Target, Text, Wants
from rsbench.harness.dialects import rscovlm
from rsbench.harness.dialects.convention import stretched
from rsbench.harness.dialects.rscovlm import RSCoVLM
from rsbench.harness.errors import UsageError

CLASSES = Boxes(("small-vehicle", "Ship"))
TURNED = Boxes(CLASSES.classes, oriented=True)
PHRASE = Boxes((), phrase="the left ship")
SEEN = stretched((100, 50), (336, 168))  # with the default bounds; scale 3.36
HALF = stretched((100, 50), (50, 25))
IMAGE = Image("a.png", "", size=(100, 50))


def request(wants: Wants, *points: tuple[float, ...]) -> Request:
    return Request("", "1", (IMAGE,), wants, regions=tuple(Region(p, "") for p in points))


def test_doctests() -> None:
    assert doctest.testmod(rscovlm).failed == 0


@pytest.mark.parametrize("text", ["plain", "json"])
@pytest.mark.parametrize("box", ["quad", "obb"])
def test_system_prompts_stand_in_the_specification(text: str, box: str, shared: Path) -> None:
    printed = (shared / "spec" / "earthgpt.md").read_text()
    spoken = RSCoVLM(text, box)
    for wants, kind in ((CLASSES, "hbb"), (TURNED, box), (Mask("the road"), box)):
        system = spoken.system(request(wants))
        if (text, kind) == ("json", "hbb"):
            assert system is None
        else:
            assert f'S-{kind}-{text}: "{system}"' in printed
    assert spoken.system(request(Text("?"))) is spoken.system(request(Label(("a",)))) is None


def test_prompts_stand_in_the_specification(shared: Path) -> None:
    """The wordings with {categories} and {phrase}, and the questions in words."""
    printed = (shared / "spec" / "earthgpt.md").read_text()
    json, plain = RSCoVLM(), RSCoVLM(text="plain")
    for wants in (CLASSES, TURNED):
        prompt = json.render(request(wants))
        assert prompt.replace("ship, small vehicle", "{categories}") in printed
    assert (
        json.render(request(PHRASE)).replace("the left ship", "{phrase}", 1).replace("the the", "the")
        in printed
    )
    assert plain.render(request(CLASSES)) == "find the ship, small vehicle."
    assert plain.render(request(PHRASE)) == "find the the left ship"
    suffix = json.render(request(Text("Is it?"))).removeprefix("Is it?")
    assert f'question + "{suffix}"' in printed


def test_other_prompts() -> None:
    spoken = RSCoVLM()
    assert spoken.render(request(Label(("beach", "port")))) == (
        "Classify the image within one of the given classes:beach,port."
    )
    assert spoken.render(request(Text("Which?\nA. x\nB. y"))) == (
        "Which? The choices are listed below: \nA. x\nB. y\n"
        "Select the best answer to the above multiple-choice question based on the image. Respond with only "
        "the letter (A, B, C, D, or E) of the correct option.\nThe best answer is:"
    )
    assert spoken.render(request(Text("", sentences=True), (10, 5, 20, 25))) == (
        "[identify] What is the object present at [33, 16, 67, 84]"  # 33.6 16.8 67.2 84, cut off
    )
    assert spoken.frame((100, 50)) == SEEN


def test_answers() -> None:
    regions = (
        Region((10, 20, 30, 40), "small-vehicle"),
        Region((50, 4, 60, 8), "Ship"),
        Region((5, 2, 9, 8), "small-vehicle"),
    )
    target = Target(regions=regions)
    assert RSCoVLM("plain").express(target, CLASSES, HALF) == (
        "25,2,30,4 ship\n2,1,4,4 small vehicle\n5,10,15,20 small vehicle\n"
    )
    assert RSCoVLM().express(target, CLASSES, HALF) == (
        '```json\n[\n\t{"bbox_2d": [25, 2, 30, 4], "label": "ship"},\n'
        '\t{"bbox_2d": [2, 1, 4, 4], "label": "small vehicle"},\n'
        '\t{"bbox_2d": [5, 10, 15, 20], "label": "small vehicle"}\n]\n```'
    )
    for text in ("plain", "json"):
        spoken = RSCoVLM(text)
        found = spoken.parse(spoken.express(target, CLASSES, HALF), CLASSES, HALF).regions
        assert [r.label for r in found] == ["Ship", "small-vehicle", "small-vehicle"]
        assert found[0].points == (50, 4, 60, 8)


def test_oriented_answers() -> None:
    """Corners clockwise from the topmost; or centre, sides and degrees."""
    diamond = Target(regions=(Region((40, 30, 30, 40, 20, 30, 30, 20), "Ship"),))
    plain = Frame.plain(100, 50)
    assert RSCoVLM("plain").express(diamond, TURNED, plain) == "30,20,40,30,30,40,20,30 ship\n"
    lying = Target(regions=(Region((10, 10, 50, 10, 50, 20, 10, 20), "Ship"),))
    assert RSCoVLM("json", "obb").express(lying, TURNED, plain) == (
        '```json\n[\n\t{"oriented bbox": [30, 15, 40, 10, 0], "label": "ship"}\n]\n```'
    )
    spoken = RSCoVLM("plain", "obb")
    (region,) = spoken.parse("30,15,20,10,90 ship", TURNED, plain).regions
    assert {round(x) for x in region.points[0::2]} == {25, 35} and region.label == "Ship"
    assert {round(y) for y in region.points[1::2]} == {5, 25}


@pytest.mark.parametrize("text", ["There is none.", "There are none.", "there are none", "There are none"])
@pytest.mark.parametrize("kind", ["plain", "json"])
def test_nothing_there(text: str, kind: str) -> None:
    """The paper says one, the code the other."""
    for wants in (CLASSES, TURNED, PHRASE):
        answer = RSCoVLM(kind).parse(text, wants, SEEN)
        assert answer.unparsable is None and answer.regions == ()


def test_the_frame_is_needed() -> None:
    assert "size" in str(RSCoVLM().parse("1,2,3,4 ship", CLASSES, None).unparsable)
    assert (
        RSCoVLM().parse("", CLASSES, SEEN).unparsable and RSCoVLM().parse("a ship", CLASSES, SEEN).unparsable
    )


def test_another_notation_is_understood_too() -> None:
    """Where the family's own rules find nothing: floats, brackets, another key, one line for all."""
    for text in (
        "ship: [10, 10, 20, 20]",
        "10.0,10.0,20.0,20.0 ship",
        '{"bbox": [10, 10, 20, 20], "label": "ship"}',
        '[{"bbox_2d": [10, 10, 20, 20], "label": "ship"',
        "<|box_start|>(10,10),(20,20)<|box_end|>ship",
    ):
        (region,) = RSCoVLM().parse(text, CLASSES, Frame.plain(100, 50)).regions
        assert region.points == (10, 10, 20, 20) and region.label == "Ship"


def test_labels_that_were_not_asked_for() -> None:
    """Kept, or taken for the nearest as the official evaluation does."""
    text = "10,10,20,20 smal vehicles\n30,10,40,20 cloud"
    kept = RSCoVLM("plain").parse(text, CLASSES, Frame.plain(100, 50)).regions
    assert [r.label for r in kept] == ["smal vehicles", "cloud"]
    near = RSCoVLM("plain", labels="nearest").parse(text, CLASSES, Frame.plain(100, 50)).regions
    assert near[0].label == "small-vehicle" and near[1].label in CLASSES.classes
    (phrase,) = RSCoVLM("plain", labels="nearest").parse("1,1,9,9 it", PHRASE, Frame.plain(100, 50)).regions
    assert phrase.label == "the left ship"


def test_refusals() -> None:
    for wrong in ({"text": "xml"}, {"box": "hbb"}, {"labels": "any"}, {"min_pixels": "0"}):
        with pytest.raises(UsageError):
            RSCoVLM(**wrong)
