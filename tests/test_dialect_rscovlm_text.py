"""RSCoVLM's lines and JSON, with every rung of its ladder of repairs."""

from __future__ import annotations

import doctest
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsbench.harness.dialects import rscovlm_text
from rsbench.harness.dialects.rscovlm_text import lines, objects, repaired


def test_doctests() -> None:
    assert doctest.testmod(rscovlm_text).failed == 0


def read(text: str) -> list[tuple[object, ...]]:
    found = objects(text)
    for box in found:  # the span is that of the numbers in the text as it came
        first, last = text[slice(*box.span)].replace(",", " ").split()[:: len(box.numbers) - 1]
        assert (float(first), float(last)) == (box.numbers[0], box.numbers[-1])
    return [(box.label, *box.numbers) for box in found]


BOX = ("ship", 1, 2, 3, 4)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('```json\n[\n\t{"bbox_2d": [1, 2, 3, 4], "label": "ship"}\n]\n```', [BOX]),
        ('[{"bbox_2d": [1, 2, 3, 4], "label": "Ship"}]', [BOX]),
        ('[\n{"bbox_2d": (1, 2, 3, 4), "label": "ship"},\n]', [BOX]),
        ('[\n{"bbox_2d": [1, 2,, , 3, 4], "label": "ship"},\n]', [BOX]),
        ('[\n{"bbox_2d": [1 2 3 4], "label": "ship"},\n]', [BOX]),
        ('[\n{"bbox_2d": [1, 2, 3, 4], "label": "label": "label": "ship"}\n]', [BOX]),
        ('[\n{"bbox_2d": [1, 2, 3, 4], "label": "ship"},\n{"bbox_2d": [5, 6, 7,', [BOX]),
        (
            '[\n{"bbox_2d": [1, 2, 3, 4], "label": ship},\n{"bbox_2d": [1, 2, 3, 4], "label": "ship"}\n]',
            [BOX],
        ),
        ('[{"bbox_2d": [1, 2, 3, 4, 5, 6], "label": "ship"}]', [BOX]),
        ('[{"bbox_2d": [1, 2, 3], "label": "ship"}]', []),
        ('[{"bbox_2d": [1, 2, 3, 4.5], "label": "ship"}]', []),
        ('[{"bbox_2d": [1, 2, 3, 4]}]', []),
        ('[{"label": "ship"}]', []),
        ('[{"quadrant bbox": [1, 2, 3, 4, 5, 6, 7, 8, 9], "label": "a"}]', [("a", 1, 2, 3, 4, 5, 6, 7, 8)]),
        ('[{"quadrant bbox": [1, 2, 3, 4], "label": "a"}]', []),
        ('[{"oriented bbox": [1, 2, 3, 4, -90], "label": "a"}]', [("a", 1, 2, 3, 4, -90)]),
        ("There are none.", []),
        ("", []),
    ],
)
def test_the_ladder(text: str, expected: list[tuple[object, ...]]) -> None:
    assert read(text) == expected


def test_what_is_json_is_left_alone() -> None:
    """Repairs would change a label with brackets or commas."""
    text = '[{"bbox_2d": [1, 2, 3, 4], "label": "ship (left),, 1 2"}]'
    assert repaired(text) == text and objects(text)[0].label == "ship (left),, 1 2"


def test_lines() -> None:
    text = "1,2,3,4 ship\n\n 5,6,7,8  Small Vehicle 2 \n1,2,3 ship\n1.5,2,3,4 ship\n9,9,9,9\nship 1,2,3,4"
    found = lines(text, 4)
    assert [(box.label, *box.numbers) for box in found] == [BOX, ("small vehicle 2", 5, 6, 7, 8)]
    assert [text[slice(*box.span)] for box in found] == ["1,2,3,4", "5,6,7,8"]
    assert [box.numbers for box in lines("1,2,3,4,5,6,7,8,9,10 ship\n1,2,3,4 ship", 8)] == [
        (1, 2, 3, 4, 5, 6, 7, 8)
    ]


@given(st.text('[](){}",: \n`0123456789-.abel\\'), st.integers(0, 40))
def test_repairs_keep_the_length_and_end_in_json(text: str, cut: int) -> None:
    good = '[\n{"bbox_2d": [1, 2, 3, 4], "label": "ship"},\n{"bbox_2d": [1, 2, 3, 4], "label": "ship"}\n]'
    for garbage in (text, good[:-cut], f"{good}\n{text}"):
        result = repaired(garbage)
        assert len(result) == len(garbage)
        kept = [line.strip().strip(",") for line in result.splitlines() if line.strip()]
        whole = result.strip()
        assert not whole or _json(whole) or all(map(_json, kept))


def _json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
