"""Plain words for any model."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.contract import Boxes, Frame, Image, Label, Mask, Region, Request, Target, Text, Wants
from rsbench.harness.dialects.notation import find_boxes
from rsbench.harness.dialects.plain import Plain

PLAIN = Plain()
SHIPS = Boxes(("ship", "airplane"))
FRAME = Frame.plain(200, 100)


def prompt(wants: Wants) -> str:
    return PLAIN.render(Request("", "1", (Image("a.png", "", size=(200, 100)),), wants))


def test_prompts_say_all_that_is_asked() -> None:
    assert "bare land, beach" in prompt(Label(("bare land", "beach")))
    assert prompt(Text("Is there a road?")).startswith("Is there a road?\n")
    boxes = prompt(SHIPS)
    assert "ship, airplane" in boxes and "200 pixels wide and 100 pixels high" in boxes and "x4" not in boxes
    assert "x4, y4" in prompt(Boxes(("ship",), oriented=True))
    assert "the left ship" in prompt(Boxes(("ship",), phrase="the left ship"))
    assert "every airplane" in prompt(Boxes(("A1", "A2"), parent="airplane"))
    assert "the road" in prompt(Mask("the road")) and "x4, y4" in prompt(Mask("the road"))


def test_regions_stand_in_the_question() -> None:
    """In pixels; what is read back is what was written, to a hundredth of a pixel."""
    box, quad = (1.25, 2.5, 30.754, 40.0), (10.0, 5.0, 20.0, 10.0, 15.0, 20.0, 5.0, 15.0)

    def asked(wants: Text, *points: tuple[float, ...]) -> str:
        regions = tuple(Region(p, "") for p in points)
        return PLAIN.render(Request("", "1", (Image("a.png", ""),), wants, regions=regions))

    described = Text("", sentences=True)
    assert asked(described, box) == "What is at [1.25, 2.5, 30.75, 40] (pixels: x1, y1, x2, y2)?"
    both = "40]; [10, 5, 20, 10, 15, 20, 5, 15] (pixels: x1, y1, x2, y2, x3, y3, x4, y4)?"
    assert asked(described, box, quad).endswith(both)
    question = asked(Text("Is it a ship?"), box)
    assert question.startswith("Is it a ship? [1.25, 2.5, 30.75, 40] (pixels: x1, y1, x2, y2)\n")
    (written, _) = find_boxes(asked(described, box))
    assert written[0].numbers == pytest.approx(box, abs=0.005)


def test_round_trip() -> None:
    box, quad = (1.25, 2.5, 30.75, 40.0), (10.0, 5.0, 20.0, 10.0, 15.0, 20.0, 5.0, 15.0)
    target = Target(regions=(Region(box, "ship"), Region(quad, "airplane"), Region(box, "ship", ignore=True)))
    back = PLAIN.parse(PLAIN.express(target, SHIPS, FRAME), SHIPS, FRAME).regions
    assert [(r.label, r.points) for r in back] == [("ship", box), ("airplane", (5, 5, 20, 20))]
    oriented = Boxes(SHIPS.classes, oriented=True)
    back = PLAIN.parse(PLAIN.express(target, oriented, FRAME), oriented, FRAME).regions
    assert back[1].points == quad and len(back[0].points) == 8
    assert json.loads(PLAIN.express(Target(), SHIPS, FRAME)) == []
    assert PLAIN.parse("[]", SHIPS, FRAME).unparsable is None


def test_words() -> None:
    label = Label(("bare land", "beach"))
    assert PLAIN.parse(PLAIN.express(Target(label="beach"), label, None), label, None).label == "beach"
    assert PLAIN.parse(PLAIN.express(Target(texts=("yes",)), Text("?"), None), Text("?"), None).text == "yes"
    outline = PLAIN.parse("[[0,0,4,0,4,4,0,4]]", Mask("road"), Frame.plain(9, 9))
    assert [region.points for region in outline.regions] == [(0, 0, 4, 0, 4, 4, 0, 4)]
    assert PLAIN.parse("a road", Mask("road"), None).unparsable


@pytest.mark.parametrize(
    "text",
    [
        '[{"label": "ship", "box": [20, 50, 40, 70]}]',
        'Sure:\n```json\n[\n  {"label": "ship",\n   "box": [20.0, 50.0, 40.0, 70.0]}\n]\n```\nDone.',
        '{"label": "ship", "box": {"x1": 20, "y1": 50, "x2": 40, "y2": 70}}',
        "{'label': 'ship', 'box': [20, 50, 40, 70],}",
        '{"box": {"x1": 20, "y1": 50, "x2": 40, "y2": 70}, "label": "ship"}',
        "ship: (20, 50), (40, 70)",
        "20,50,40,70 ship",
        "ship 20 50 40 70",
        "- **Ship**: [20, 50, 40, 70]",
        "There is one ship at [0.1, 0.5, 0.2, 0.7]",
        "<p>ship</p>[40,70,20,50]",
    ],
)
def test_understands_nearly_anything(text: str) -> None:
    (region,) = PLAIN.parse(text, SHIPS, FRAME).regions
    assert region.label == "ship" and region.points == pytest.approx((20, 50, 40, 70))


def test_without_a_size_nothing_is_scaled_or_clipped() -> None:
    (region,) = PLAIN.parse("ship [0.1, 0.5, 0.2, 900]", SHIPS, None).regions
    assert region.points == (0.1, 0.5, 0.2, 900)


@given(st.text())
@settings(deadline=None)
def test_never_raises(text: str) -> None:
    for wants in (SHIPS, Label(("a", "b")), Text("?"), Mask("road")):
        for frame in (FRAME, None):
            PLAIN.parse(text, wants, frame)
