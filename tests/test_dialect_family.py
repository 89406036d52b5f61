"""What the dialects of public families share."""

from __future__ import annotations

import doctest

import pytest

from rsbench.harness.contract import Boxes, Frame, Image, Label, Mask, Region, Request, Target, Text, Wants
from rsbench.harness.dialects import family
from rsbench.harness.dialects.family import Family, count, extent, noun, nouns, options
from rsbench.harness.dialects.llava import Llava
from rsbench.harness.errors import DataError, UsageError

TYPES = Boxes(("A1", "A7"), parent="airplane")


def prompt(wants: Wants, *points: tuple[float, ...], size: tuple[int, int] | None = (200, 100)) -> str:
    regions = tuple(Region(p, "") for p in points)
    return Llava().render(Request("", "1", (Image("a.png", "", size=size),), wants, regions=regions))


def test_doctests() -> None:
    assert doctest.testmod(family).failed == 0


def test_suffixes_follow_the_kind_of_question() -> None:
    assert prompt(Text("Is it?")) == "Is it?\nAnswer the question using a single word or phrase."
    assert prompt(Text("Describe it.", sentences=True)) == "Describe it."
    picked = prompt(Text("Which?\nA. ship\nB. plane"))
    assert picked.endswith("B. plane\nAnswer with the option's letter from the given choices directly.")


def test_options_are_lettered_lines() -> None:
    assert options("Which?\n(A) x\n(B) y") == ["(A) x", "(B) y"]
    assert options("Is it A. or B.?") == options("A. x\nB. y"[:4]) == options("Which?\nA. x") == []


def test_types_are_named_with_their_parent() -> None:
    assert nouns(TYPES) == ["A1 airplane", "A7 airplane"]
    assert noun("airplane", TYPES) == "airplane" and noun("ship", Boxes(("ship",))) == "ship"


def test_regions_need_a_size_and_lie_in_the_window() -> None:
    with pytest.raises(DataError, match="a.png is not known"):
        prompt(Text("", sentences=True), (0, 0, 1, 1), size=None)
    assert extent(Image("a", "", window=(100, 50, 300, 150), size=(1000, 1000))) == (200, 100)


def test_objects_are_ordered_and_ignored_ones_left_out() -> None:
    regions = (
        Region((50, 50, 60, 60), "ship"),
        Region((10, 10, 20, 20), "plane"),
        Region((70, 5, 90, 20), "ship"),
        Region((5, 5, 9, 9), "ship"),
        Region((0, 0, 9, 9), "ship", ignore=True),
        Region((0, 0, 9, 9), "ship", crowd=True),
        Region((), "ship"),  # known by its mask alone
    )
    ordered = Llava().ordered(regions, Boxes(("plane", "ship")))
    assert [r.points[:2] for r in ordered] == [(10, 10), (5, 5), (70, 5), (50, 50)]


def test_words_are_expressed_as_they_are() -> None:
    spoken = Llava()
    assert spoken.express(Target(label="beach"), Label(("beach",)), None) == "beach"
    assert spoken.express(Target(texts=("yes", "yeah"), label="b"), Text("?"), None) == "yes"
    assert spoken.express(Target(), Mask("road"), Frame.plain(9, 9)) == "There are none."


def test_numbers_of_options() -> None:
    assert count("pixels", "12") == count("pixels", 12) == 12
    for wrong in ("0", "-1", "many", "1.5", ""):
        with pytest.raises(UsageError, match="pixels="):
            count("pixels", wrong)


def test_a_family_must_word_its_questions() -> None:
    class Silent(Family):
        pass

    with pytest.raises(NotImplementedError):
        Silent().ask_boxes(TYPES)
    with pytest.raises(NotImplementedError):
        Silent().written([("ship", ["1"])], TYPES)
