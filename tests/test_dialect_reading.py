"""An answer read under a convention."""

from __future__ import annotations

import pytest

from rsbench.harness.contract import Boxes, Frame, Label, Mask, Text
from rsbench.harness.dialects.convention import Convention
from rsbench.harness.dialects.qwen import Qwen
from rsbench.harness.dialects.reading import outlines, read, under

SHIPS = Boxes(("ship", "airplane"))
FRAME = Frame.plain(200, 100)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("ship [100, 200, 300, 400]", Convention(range=1000)),
        ("ship [0.1, 0.2, 0.3, 0.4]", Convention(range=1)),
        ("<loc0200><loc0100><loc0400><loc0300> ship", Convention(range=1000, order="yxyx")),
        ("<p>ship</p>{<10><20><30><40>|<0>}", Convention(range=100, angle="clockwise")),
        ("<|box_start|>(100,200),(300,400)<|box_end|>ship", Convention(range=1000)),
        ('[{"bbox_2d": [20, 20, 40, 20], "label": "ship"}]', Convention(order="xywh")),
    ],
)
def test_one_box_in_many_notations(text: str, written: Convention) -> None:
    (region,) = read(text, SHIPS, written, FRAME).regions
    assert region.label == "ship" and region.points == pytest.approx((20, 20, 60, 40))


def test_numbers_are_never_guessed() -> None:
    """Small numbers are pixels where pixels are declared, large ones parts of a thousand where these are."""
    small = read("ship [0, 0, 1, 1]", SHIPS, Convention(), FRAME)
    assert [r.points for r in small.regions] == [(0, 0, 1, 1)]
    large = read("ship [0, 0, 1500, 500]", SHIPS, Convention(range=1000), FRAME)
    assert [r.points for r in large.regions] == [(0, 0, 200, 50)]


def test_five_numbers_are_a_box_only_where_there_are_angles() -> None:
    text = "ship [10, 20, 30, 40, 90]"
    assert read(text, SHIPS, Convention(range=100), FRAME).unparsable
    assert len(read(text, SHIPS, Convention(range=100, angle="clockwise"), FRAME).regions) == 1


def test_without_a_frame_boxes_are_unparsable_and_words_are_not() -> None:
    for wants in (SHIPS, Boxes((), phrase="it"), Mask("it")):
        assert "size" in str(read("[1,2,3,4]", wants, Convention(), None).unparsable)
    assert read("yes", Text("?"), Convention(), None).text == "yes"
    assert read("A ship.", Label(("ship", "port")), Convention(), None).label == "ship"


def test_a_mask_is_an_outline() -> None:
    assert outlines(Mask("road")) == Boxes((), oriented=True, phrase="road") and outlines(SHIPS) is SHIPS
    (region,) = read("[0, 0, 10, 10]", Mask("road"), Convention(), FRAME).regions
    assert region.points == (0, 0, 10, 10)


def test_the_same_answer_under_another_convention() -> None:
    """What `rsbench doctor boxes` tries; the dialect itself is left as it is."""
    spoken = Qwen()
    text = '[{"bbox_2d": [100, 200, 300, 400], "label": "ship"}]'
    other = under(spoken, Convention(range=1000))
    assert other.parse(text, SHIPS, FRAME).regions[0].points == pytest.approx((20, 20, 60, 40))
    assert spoken.parse(text, SHIPS, FRAME).regions == () and spoken.convention == Convention("resized")
