"""Pointers and coordinates are two spellings of one answer."""

from __future__ import annotations

import re

import numpy as np
import pytest

from rsbench.harness.contract import Boxes, Frame, Region, Target
from rsbench.harness.dialects.earthgpt import EarthGPT, nearest_first
from rsbench.reference_model.pointers import Slots

BOXES = [(0.1, 0.2, 0.3, 0.4), (0.104, 0.2, 0.3, 0.4), (0.0, 0.0, 1.0, 1.0)]
CORNERS = [
    (0.3, 0.2, 0.3, 0.4, 0.1, 0.4, 0.1, 0.2),
    (0.5, 0.1, 0.9, 0.5, 0.5, 0.9, 0.1, 0.5),
    (0, 0, 1, 0, 1, 1, 0, 1),
]
SLOTS = Slots(BOXES, CORNERS)


def test_a_pointer_is_printed_in_the_papers_notation() -> None:
    assert SLOTS.written(["<b0>"]) == ["0.10,0.20,0.30,0.40"]
    assert SLOTS.written(["<o0>"]) == ["0.10,0.20,0.30,0.20,0.30,0.40,0.10,0.40"]
    assert SLOTS.written(["<b3>", "<o17>"]) == ["", ""]
    assert SLOTS.written(["<b", "b0", " <b0>", "<p>"]) == ["<b", "b0", " <b0>", "<p>"]


def test_a_walk_takes_what_is_meant_and_prints_the_same() -> None:
    text = f"it is [{SLOTS.numbers(0, True)};{SLOTS.numbers(2, True)}]."
    walked = SLOTS.walked(text, True, [0, 2])
    assert walked == "it is [<-><o><-><o>]."
    pieces = SLOTS.written(re.split(r"(<[o-]>)", walked))
    assert "".join(pieces) == text and pieces[-2] == f";{SLOTS.numbers(2, True)}"
    assert SLOTS.walked(f"[{SLOTS.numbers(2, False)}]", False, [2]) == "[<-><-><-><b>]"
    assert SLOTS.walked("[0.50,0.50,0.60,0.60]", False, []) == "[0.50,0.50,0.60,0.60]"


def test_a_walk_without_a_first_step_or_beyond_the_last_proposal_takes_nothing() -> None:
    assert SLOTS.written(["<b>", "<b>", "]"]) == ["", SLOTS.numbers(0, False), "]"]
    assert SLOTS.written(["<->"] * 4 + ["<b>", "<o>"]) == [""] * 6


def test_boxes_that_print_alike_share_the_first_pointer() -> None:
    text = f"[{SLOTS.numbers(1, False)};{SLOTS.numbers(2, False)}]"
    assert SLOTS.pointed(text, False, [0, 1, 2]) == "[<b0>;<b2>]"
    assert SLOTS.pointed(text, False, [1, 2]) == "[<b1>;<b2>]"
    assert SLOTS.pointed(text, False, []) == text


@pytest.mark.parametrize("oriented", [False, True])
@pytest.mark.parametrize("seed", range(20))
def test_an_answer_comes_back_from_its_pointers(oriented: bool, seed: int) -> None:
    rng = np.random.default_rng(seed)
    low = rng.uniform(0, 0.8, (8, 2))
    boxes = np.concatenate([low, low + rng.uniform(0.01, 0.2, (8, 2))], 1)
    corners = rng.uniform(0, 1, (8, 8))
    slots = Slots(boxes.tolist(), [nearest_first(c) for c in corners.tolist()])
    used = sorted(rng.choice(8, 5, replace=False).tolist())
    shapes = slots.corners if oriented else slots.boxes
    regions = tuple(Region(tuple(shapes[i]), ("ship", "storage tank")[i % 2]) for i in used)
    text = EarthGPT().express(Target(regions=regions), Boxes((), oriented), Frame.plain(1, 1))
    pointed = slots.pointed(text, oriented, used)
    assert "." not in pointed[:-1] and len(re.findall(r"<[bo]\d>", pointed)) == 5
    back = "".join(slots.written(re.split(r"(<[bo]\d+>)", pointed)))
    assert [sorted(part.split(";")) for part in re.split(r"[][]", back)] == [
        sorted(part.split(";")) for part in re.split(r"[][]", text)
    ]
    for bracket in re.findall(r"\[(.*?)\]", pointed):
        assert bracket.split(";") == sorted(bracket.split(";"))  # one digit each
