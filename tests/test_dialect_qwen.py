"""How the Qwen-VL families are spoken to and understood."""

from __future__ import annotations

import json

import pytest

from rsbench.harness.contract import Boxes, Frame, Image, Region, Request, Target, Text, Wants
from rsbench.harness.dialects.convention import stretched
from rsbench.harness.dialects.qwen import Qwen, fenced, pairs
from rsbench.harness.errors import UsageError

CLASSES = Boxes(("ship", "plane"))
PHRASE = Boxes((), phrase="left ship")
SHIP = (20.0, 10.0, 60.0, 50.0)
TARGET = Target(regions=(Region(SHIP, "ship"),))
SEEN = stretched((200, 100), (196, 112))


def asked(generation: str, wants: Wants, *points: tuple[float, ...]) -> str:
    regions = tuple(Region(p, "") for p in points)
    image = Image("a.png", "", size=(200, 100))
    return Qwen(generation).render(Request("", "1", (image,), wants, regions=regions))


def test_prompts() -> None:
    assert asked("1", PHRASE) == "<ref>left ship</ref><box>"
    assert asked("1", Text("Is it?")) == "Is it? Answer:"
    assert asked("1", Text("")) == asked("2.5", Text("")) == "Describe the image in English:"
    assert asked("2", PHRASE) == "Find <|object_ref_start|>left ship<|object_ref_end|>"
    for generation in ("2.5", "3"):
        assert (
            asked(generation, PHRASE)
            == "Locate the left ship, output its bbox coordinates using JSON format."
        )
    assert asked("2.5", CLASSES) == (
        "Locate every item from the category list in the image and output the coordinates in JSON format. "
        "The category set includes ship, plane."
    )
    assert asked("3", CLASSES) == (
        'locate every instance that belongs to the following categories: "ship, plane". '
        "Report bbox coordinates in JSON format."
    )
    assert asked("3", Text("Is it?")).endswith("short words or phrases if possible.")
    with pytest.raises(UsageError, match="generation"):
        Qwen("4")
    with pytest.raises(UsageError, match="max_pixels"):
        Qwen(max_pixels="lots")


def test_a_region_lies_in_the_picture_that_will_be_seen() -> None:
    """200 x 100 becomes 196 x 112 (7.14 and 3.57 times 28), so that 20 10 60 50 is 19.6 11.2 58.8 56."""
    assert asked("2.5", Text("", sentences=True), SHIP) == (
        "Describe the region [20, 11, 59, 56] of the image in a short phrase."
    )
    small = Qwen(max_pixels="6272")  # 112 x 56
    image = Image("a.png", "", size=(200, 100))
    request = Request("", "1", (image,), Text(""), regions=(Region(SHIP, ""),))
    assert "[11, 6, 34, 28]" in small.render(request) and small.frame((200, 100)).seen_width == 112
    assert "[100, 100, 300, 500]" in asked("3", Text(""), SHIP)
    assert "<|box_start|>(100,100),(300,500)<|box_end|>" in asked("2", Text(""), SHIP)


@pytest.mark.parametrize(
    ("generation", "text"),
    [
        ("1", "<ref>ship</ref><box>(100,100),(300,500)</box>"),  # 99.9, 99.9, 299.7, 499.5
        ("2", "<|object_ref_start|>ship<|object_ref_end|><|box_start|>(100,100),(300,500)<|box_end|>"),
        ("2.5", '```json\n[\n\t{"bbox_2d": [20, 11, 59, 56], "label": "ship"}\n]\n```'),
        ("3", '```json\n[\n\t{"bbox_2d": [100, 100, 300, 500], "label": "ship"}\n]\n```'),
    ],
)
def test_answers(generation: str, text: str) -> None:
    spoken = Qwen(generation)
    assert spoken.express(TARGET, CLASSES, SEEN) == text
    (region,) = spoken.parse(text, CLASSES, SEEN).regions
    assert region.label == "ship" and region.points == pytest.approx(SHIP, abs=0.5)


def test_the_frame_of_the_adapter_decides() -> None:
    """The same numbers, seen at another size, lie elsewhere; without a size nowhere."""
    text = '{"bbox_2d": [20, 11, 59, 56], "label": "ship"}'
    twice = stretched((200, 100), (400, 200))
    (region,) = Qwen().parse(text, CLASSES, twice).regions
    assert region.points == (10, 5.5, 29.5, 28)
    assert Qwen().parse(text, CLASSES, None).unparsable
    (region,) = Qwen("3").parse(text, CLASSES, twice).regions
    assert region.points == pytest.approx((4, 1.1, 11.8, 5.6))


@pytest.mark.parametrize(("generation", "side"), [("1", 999), ("2", 1000), ("3", 1000)])
def test_the_whole_picture(generation: str, side: int) -> None:
    """Qwen-VL's script divides by 999, what came after by 1000."""
    whole = Target(regions=(Region((0, 0, 200, 100), "ship"),))
    assert str(side) in Qwen(generation).express(whole, CLASSES, SEEN)


def test_special_tokens_may_be_gone() -> None:
    """As text is decoded without them."""
    found = Qwen("2").parse(
        "ship(100,100),(300,500)(0,0),(10,10)plane(5,5),(20,20)", CLASSES, Frame.plain(200, 100)
    )
    assert [r.label for r in found.regions] == ["ship", "ship", "plane"]
    completed = Qwen("1").parse("(100,100),(300,500)</box>", PHRASE, Frame.plain(200, 100))
    assert len(completed.regions) == 1


def test_labels_are_json() -> None:
    odd = Boxes((), phrase='the "big" ship\\')
    text = Qwen().express(TARGET, odd, SEEN)
    assert json.loads(text.removeprefix("```json").removesuffix("```"))[0]["label"] == 'the "big" ship\\'
    assert len(Qwen().parse(text, odd, SEEN).regions) == 1


def test_pieces() -> None:
    assert pairs(["1", "2", "3", "4"]) == "(1,2),(3,4)"
    assert fenced(["{}", "{}"]) == "```json\n[\n\t{},\n\t{}\n]\n```"
