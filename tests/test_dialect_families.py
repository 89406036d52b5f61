"""Prompts and answers of SPHINX, LLaVA, GeoChat, MiniGPT-v2, InternVL and PaliGemma, written by hand."""

from __future__ import annotations

import doctest
import re

import pytest

from rsbench.harness.contract import Boxes, Frame, Image, Label, Mask, Region, Request, Target, Text, Wants
from rsbench.harness.dialects import geochat
from rsbench.harness.dialects.family import Family
from rsbench.harness.dialects.geochat import GeoChat
from rsbench.harness.dialects.internvl import InternVL
from rsbench.harness.dialects.llava import Llava
from rsbench.harness.dialects.minigptv2 import MiniGPTv2
from rsbench.harness.dialects.paligemma import PaliGemma
from rsbench.harness.dialects.sphinx import Sphinx
from rsbench.harness.errors import UsageError

SHIP, PLANES = (20.0, 10.0, 60.0, 50.0), ((100.0, 0.0, 120.0, 20.0), (140.0, 0.0, 160.0, 20.0))
CLASSES = Boxes(("ship", "plane"))
PHRASE = Boxes((), phrase="the left ship")
TURNED = Boxes(("ship",), oriented=True)
DESCRIBE, QUESTION = Text("", sentences=True), Text("How many?")
SCENES = Label(("beach", "port"))
SHORT = "Answer the question using a single word or phrase."
WAYS = (["clockwise"], ["counterclockwise"])
TARGET = Target(regions=(Region(SHIP, "ship"), *(Region(p, "plane") for p in PLANES)))


def asked(spoken: Family, wants: Wants, *points: tuple[float, ...]) -> str:
    regions = tuple(Region(p, "") for p in points)
    return spoken.render(Request("", "1", (Image("a.png", "", size=(200, 100)),), wants, regions=regions))


def said(spoken: Family, wants: Wants, target: Target = TARGET) -> str:
    """An answer over 200 x 100 pixels, which comes back as it is written."""
    frame = spoken.frame((200, 100))
    text = spoken.express(target, wants, frame)
    answer = spoken.parse(text, wants, frame)
    assert answer.unparsable is None and len(answer.regions) == len(target.regions)
    return text


def test_doctests() -> None:
    assert doctest.testmod(geochat).failed == 0


def test_sphinx() -> None:
    spoken = Sphinx()
    assert asked(spoken, PHRASE) == (
        "Please provide the bounding box coordinate of the region this sentence describes: the left ship."
    )
    assert asked(spoken, QUESTION) == f"How many?\n{SHORT}"
    assert asked(spoken, DESCRIBE, SHIP) == (
        "Please provide a short description for this region: [0.10,0.30,0.30,0.50]."
    )
    assert said(spoken, CLASSES) == (
        "<p>ship</p>[0.10,0.30,0.30,0.50] <p>plane</p>[0.50,0.25,0.60,0.35;0.70,0.25,0.80,0.35]"
    )
    assert (
        said(Sphinx(decimals="3"), PHRASE, Target(regions=(Region(SHIP, "x"),)))
        == "[0.100,0.300,0.300,0.500]"
    )
    with pytest.raises(UsageError, match="decimals"):
        Sphinx(decimals="few")


def test_llava() -> None:
    spoken = Llava()
    assert asked(spoken, PHRASE) == (
        "Please provide the bounding box coordinate of the region this sentence describes: the left ship."
    )
    assert asked(spoken, DESCRIBE) == "Provide a one-sentence caption for the provided image."
    assert asked(spoken, DESCRIBE, SHIP) == (
        "Please provide a short description for this region: [0.10, 0.30, 0.30, 0.50]."
    )
    assert asked(spoken, SCENES).endswith(f"The categories are: beach, port.\n{SHORT}")
    assert said(spoken, CLASSES).splitlines()[0] == "ship: [0.10, 0.30, 0.30, 0.50]"
    tall = Frame.padded_square(100, 200, 336)  # as the adapter says it: 50 to the left
    (region,) = spoken.parse("[0.25, 0.10, 0.75, 0.30]", PHRASE, tall).regions
    assert region.points == pytest.approx((0, 20, 100, 60))


def test_geochat() -> None:
    spoken = GeoChat()
    assert asked(spoken, PHRASE) == "[refer] Give me the location of <p> the left ship </p>"
    assert asked(spoken, DESCRIBE, SHIP) == "[identify] What is the object present at {<10><10><30><50>}"
    assert asked(spoken, SCENES) == (
        "Classify the image from the following classes. Answer in one word or a short phrase. beach, port"
    )
    assert asked(spoken, QUESTION) == f"How many?\n{SHORT}"
    assert said(spoken, CLASSES) == (
        "<p>ship</p> {<10><10><30><50>} <p>plane</p> {<50><0><60><20>}<delim>{<70><0><80><20>}"
    )
    with pytest.raises(UsageError, match="way of turning"):
        GeoChat(angle="left")


@pytest.mark.parametrize(("angle", "sign"), [("clockwise", 1), ("counterclockwise", -1)])
def test_geochat_turns_boxes_in_pixels(angle: str, sign: int) -> None:
    """(90, 45) to (110, 55) in pixels of 200 x 100, turned by 90 degrees: upright about its centre."""
    spoken = GeoChat(angle=angle)
    (region,) = spoken.parse("{<45><45><55><55>|<90>}", TURNED, Frame.plain(200, 100)).regions
    xs, ys = sorted(set(map(round, region.points[0::2]))), sorted(set(map(round, region.points[1::2])))
    assert (xs, ys) == ([95, 105], [40, 60])
    (region,) = spoken.parse(f"{{<45><45><55><55>|<{sign * 45}>}}", TURNED, Frame.plain(200, 100)).regions
    lowest = max(zip(region.points[0::2], region.points[1::2], strict=True), key=lambda p: p[1])
    assert lowest == pytest.approx((100 + 5 / 2**0.5, 50 + 15 / 2**0.5))  # (10, 5) turned from x towards y
    quad = tuple(round(v, 6) for v in region.points)
    assert re.search(r"\|<-?45>\}$", said(spoken, TURNED, Target(regions=(Region(quad, "ship"),))))


def test_geochat_turns_against_the_clock_unless_told() -> None:
    """As its demo draws."""
    text, plain = "{<45><45><55><55>|<30>}", Frame.plain(200, 100)
    points = [
        GeoChat(*angle).parse(text, TURNED, plain).regions[0].points for angle in ((), *map(tuple, WAYS))
    ]
    assert points[0] == points[2] != points[1]


def test_geochat_with_an_angle_where_none_was_asked_for() -> None:
    """Its answers always have one: the box around the turned one is what lies there."""
    (region,) = GeoChat().parse("{<45><40><55><60>|<90>}", CLASSES, Frame.plain(200, 100)).regions
    assert region.points == pytest.approx((90, 40, 110, 60))


def test_minigptv2() -> None:
    spoken = MiniGPTv2()
    assert asked(spoken, PHRASE) == "[refer] give me the location of the left ship"
    assert asked(spoken, CLASSES) == "[detection] ship, plane"
    assert asked(spoken, DESCRIBE) == "[caption] please describe this image?"
    assert asked(spoken, DESCRIBE, SHIP) == "[identify] what object is in this location {<10><10><30><50>}"
    assert asked(spoken, QUESTION) == (
        "[vqa] Based on the image, respond to this question with a short answer: How many?"
    )
    assert asked(spoken, Label(("beach", "port"), "Which?")) == (
        "Given this image, choose one correct answer from ['beach', 'port'] for this question: Which?"
    )
    assert asked(spoken, Text("Which?\nA. x\nB. y")).startswith(
        "[vqa] Which?\nA. x\nB. y\nAnswer with the option"
    )
    assert said(spoken, CLASSES) == (
        "<p>ship</p> {<10><10><30><50>} <p>plane</p> {<50><0><60><20>}<delim>{<70><0><80><20>}"
    )


def test_internvl() -> None:
    spoken = InternVL()
    assert asked(spoken, PHRASE) == (
        "Please provide the bounding box coordinate of the region this sentence describes: "
        "<ref>the left ship</ref>"
    )
    assert asked(spoken, QUESTION) == f"How many?\n{SHORT}"
    assert asked(spoken, DESCRIBE, SHIP).endswith("this region: <box>[[100, 100, 300, 500]]</box>")
    assert said(spoken, CLASSES) == (
        "<ref>ship</ref><box>[[100, 100, 300, 500]]</box>\n"
        "<ref>plane</ref><box>[[500, 0, 600, 200], [700, 0, 800, 200]]</box>"
    )
    documented = (
        "Sure, I will detect and label all objects in the image and mark their positions.\n\n```\n"
        "<ref>ship</ref><box>[[100, 100, 300, 500]]</box>\n```"
    )
    (region,) = spoken.parse(documented, CLASSES, Frame.plain(200, 100)).regions
    assert region.label == "ship" and region.points == pytest.approx(SHIP)


def test_paligemma() -> None:
    spoken = PaliGemma()
    assert asked(spoken, CLASSES) == "detect ship ; plane" and asked(spoken, PHRASE) == "detect the left ship"
    assert asked(spoken, Mask("the road")) == "segment the road"
    assert asked(spoken, DESCRIBE) == "caption en" and asked(spoken, QUESTION) == "answer en How many?"
    assert asked(spoken, DESCRIBE, SHIP) == "caption <loc0102><loc0102><loc0512><loc0307>"
    assert said(spoken, PHRASE, Target(regions=(Region(SHIP, "x"),))) == (
        "<loc0102><loc0102><loc0512><loc0307> the left ship"
    )
    assert said(spoken, CLASSES).count(" ; ") == 2
    (mask,) = spoken.parse(
        "<loc0512><loc0256><loc1023><loc0768><seg001><seg002> the road",
        Mask("the road"),
        Frame.plain(200, 100),
    ).regions
    assert mask.points == pytest.approx((50, 50, 150, 100), abs=0.1)
