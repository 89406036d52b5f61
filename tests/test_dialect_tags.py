"""Boxes between tags become boxes in brackets, in their place."""

from __future__ import annotations

import doctest

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsbench.harness.dialects import tags
from rsbench.harness.dialects.notation import find_boxes
from rsbench.harness.dialects.tags import bracketed


def test_doctests() -> None:
    assert doctest.testmod(tags).failed == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<p>2 ships</p> {<1><2><3><4>}<delim>{<5><6><7><8>}",
         [("2 ships", 1, 2, 3, 4), ("2 ships", 5, 6, 7, 8)]),
        ("{<1><2><3><4>|<90>}", [("", 1, 2, 3, 4, 90)]),
        ("{<-3><2><103><4>|<-45>}", [("", -3, 2, 103, 4, -45)]),
        ("{ <1> <2> <3> <4> | 57 }", [("", 1, 2, 3, 4, 57)]),
        ("ship {<1><2><3><4>", [("ship", 1, 2, 3, 4)]),
        ("<1><2><3><4>", [("", 1, 2, 3, 4)]),
        ("<loc0001><loc0002><loc1000><loc1023> ship ; <loc0003><loc0004><loc0005><loc0006> plane",
         [("ship", 1, 2, 1000, 1023), ("plane", 3, 4, 5, 6)]),
        ("<loc0001><loc0002><loc0003><loc0004><seg001><seg127> ship", [("ship", 1, 2, 3, 4)]),
        ("<|object_ref_start|>a ship<|object_ref_end|><|box_start|>(1,2),(3,4)<|box_end|>",
         [("a ship", 1, 2, 3, 4)]),
        ("<ref>ship</ref><box>(1,2),(3,4)</box><box>(5,6),(7,8)</box>",
         [("ship", 1, 2, 3, 4), ("ship", 5, 6, 7, 8)]),
        ("ship(1,2),(3,4)plane(5,6),(7,8)", [("ship", 1, 2, 3, 4), ("plane", 5, 6, 7, 8)]),
        ("(1,2),(3,4)(5,6),(7,8)", [("", 1, 2, 3, 4), ("", 5, 6, 7, 8)]),
        ("(1,2),(3,4),(5,6),(7,8)", [("", 1, 2, 3, 4, 5, 6, 7, 8)]),
        ("(1,2),(3,4),(5,6),(7,8),(9,10),(11,12)",
         [("", 1, 2, 3, 4), ("", 5, 6, 7, 8), ("", 9, 10, 11, 12)]),
        ("<ref>ship</ref><box>[[1, 2, 3, 4], [5, 6, 7, 8]]</box>\n<ref>plane</ref><box>[[9, 9, 10, 9]]</box>",
         [("ship", 1, 2, 3, 4), ("ship", 5, 6, 7, 8), ("plane", 9, 9, 10, 9)]),
        ("<|ref|>ship<|/ref|><|det|>[[1, 2, 3, 4]]<|/det|>", [("ship", 1, 2, 3, 4)]),
    ],
)  # fmt: skip
def test_every_family(text: str, expected: list[tuple[object, ...]]) -> None:
    found, dropped = find_boxes(bracketed(text), angled=True)
    assert [(box.label.strip(), *box.numbers) for box in found] == expected and not dropped


PIECES = st.sampled_from(
    [
        "{<",
        "<12>",
        "|<90>}",
        "}",
        "<loc0001>",
        "<loc",
        "<ref>",
        "</ref>",
        "<|box_start|>",
        "(1,2)",
        ",",
        " ",
        "<p>",
    ]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=30).map("".join)))
def test_the_text_keeps_its_length_and_its_numbers(text: str) -> None:
    """Digits stay where they were: a place in the result is a place in the answer."""
    result = bracketed(text)
    assert len(result) == len(text)
    assert all(a == b for a, b in zip(text, result, strict=True) if b.isdigit())
