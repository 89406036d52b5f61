"""How coordinates are written: every space, range, order and angle against arithmetic done by hand."""

from __future__ import annotations

import doctest
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsbench.harness.contract import Frame
from rsbench.harness.dialects import convention
from rsbench.harness.dialects.convention import KNOWN, Convention, resized, stretched
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.geometry import iou

WIDE = Frame.plain(200, 100)
SEEN = stretched((200, 100), (140, 56))  # scales 0.7 and 0.56


def test_doctests() -> None:
    assert doctest.testmod(convention).failed == 0


@pytest.mark.parametrize(
    ("written", "frame", "numbers"),
    [  # of the box 20 10 60 50 in a picture of 200 x 100
        (Convention(), WIDE, "20 10 60 50"),
        (Convention(), SEEN, "20 10 60 50"),
        (Convention(range=1, decimals=2), WIDE, "0.10 0.10 0.30 0.50"),
        (Convention(range=1000), SEEN, "100 100 300 500"),
        (Convention(range=999), WIDE, "100 100 300 500"),  # 99.9 and 299.7 and 499.5, half to even
        (Convention(range=1024, order="yxyx", last=1023), WIDE, "102 102 512 307"),
        (Convention(order="xywh"), WIDE, "20 10 40 40"),
        (Convention(order="cxcywh"), WIDE, "40 30 40 40"),
        (Convention("padded", 1, decimals=2), WIDE, "0.10 0.30 0.30 0.50"),  # 50 above, then over 200
        (Convention("padded", 1, decimals=3), Frame.padded_square(200, 100, 336), "0.100 0.300 0.300 0.500"),
        (Convention("padded"), WIDE, "20 60 60 100"),
        (Convention("padded"), Frame.padded_square(200, 100, 100), "10 30 30 50"),
        (Convention("resized", decimals=1), SEEN, "14.0 5.6 42.0 28.0"),
        (Convention("resized"), SEEN, "14 6 42 28"),
        (Convention("resized", down=True), SEEN, "14 5 42 28"),
        (Convention("resized", 1000), SEEN, "100 100 300 500"),
    ],
    ids=str,
)
def test_a_box_by_hand(written: Convention, frame: Frame, numbers: str) -> None:
    text = written.to_text((20, 10, 60, 50), frame)
    assert text == numbers.split()
    unit = max(200, 100) / (written.range or 50) * (2 if written.down else 1) / 10**written.decimals
    assert written.from_text(tuple(map(float, text)), frame) == pytest.approx((20, 10, 60, 50), abs=unit)


def test_corners_keep_their_order_and_swap_their_axes() -> None:
    quad = (10.0, 0.0, 20.0, 10.0, 10.0, 20.0, 0.0, 10.0)
    assert Convention().to_text(quad, WIDE) == "10 0 20 10 10 20 0 10".split()
    first = Convention(range=100, order="yxyx")
    assert first.to_text(quad, WIDE) == "0 5 10 10 20 5 10 0".split()
    assert first.from_text((0, 5, 10, 10, 20, 5, 10, 0), WIDE) == pytest.approx(quad)
    assert Convention(order="xywh").from_text(quad, WIDE) == pytest.approx(quad)


def test_turned_boxes_by_hand() -> None:
    """A box of 40 x 20 about (100, 50), turned by 30 degrees clockwise on screen: x towards y."""
    cos, sin = math.cos(math.pi / 6), math.sin(math.pi / 6)
    quad = tuple(
        v
        for x, y in ((-20, -10), (20, -10), (20, 10), (-20, 10))
        for v in (100 + x * cos - y * sin, 50 + x * sin + y * cos)
    )
    for angle, sign in (("clockwise", "30"), ("counterclockwise", "-30")):
        boxes = Convention(range=100, angle=angle)
        assert boxes.to_text(quad, WIDE) == ["40", "40", "60", "60", sign]
        assert boxes.from_text((40, 40, 60, 60, float(sign)), WIDE) == pytest.approx(quad)
        centred = Convention(angle=angle, turned="cxcywh")
        assert centred.to_text(quad, WIDE) == ["100", "50", "40", "20", sign]
        assert centred.from_text((100, 50, 40, 20, float(sign)), WIDE) == pytest.approx(quad)
    upright = Convention(range=100, angle="clockwise")
    assert upright.from_text((60, 60, 40, 40), WIDE) == (120, 60, 80, 40)


def test_what_is_turned_far_is_written_turned_little() -> None:
    """A long box that stands upright is not laid down and turned by 90 degrees, out of the picture."""
    standing = (0.0, 0.0, 4.0, 0.0, 4.0, 80.0, 0.0, 80.0)
    assert Convention(range=100, angle="clockwise").to_text(standing, WIDE) == ["0", "0", "2", "80", "0"]
    assert Convention(angle="clockwise", turned="cxcywh").to_text(standing, WIDE) == [
        "2",
        "40",
        "80",
        "4",
        "-90",
    ]


def test_all_but_turned_boxes_stay_inside() -> None:
    out = (-20.0, 50.0, 230.0, 130.0)
    assert Convention(range=100).to_text(out, WIDE) == ["0", "50", "100", "100"]
    assert Convention("resized").to_text(out, SEEN) == ["0", "28", "140", "56"]
    assert Convention(range=1024, order="yxyx", last=1023).to_text(out, WIDE) == ["512", "0", "1023", "1023"]
    assert Convention(range=100).to_text((-0.2, 0, 10, 10), WIDE)[0] == "0"  # no -0


def test_without_area_nothing_is_turned() -> None:
    line = (10.0, 10.0, 30.0, 10.0, 30.0, 10.0, 10.0, 10.0)
    assert Convention(angle="clockwise").to_text(line, WIDE) == ["10", "10", "30", "10", "0"]


def test_parts_are_the_declared_exception() -> None:
    mixed = Convention("padded", 1, parts=(-2, 2))
    assert mixed.from_text((0.1, 0.3, 0.3, 0.5), WIDE) == pytest.approx((20, 10, 60, 50))
    assert mixed.from_text((20, 60, 60, 100), WIDE) == pytest.approx((20, 10, 60, 50))
    assert not any(known.parts for known in KNOWN.values())
    tiny = Convention("resized")  # never guessed: pixels are pixels
    assert tiny.from_text((0.1, 0.2, 0.5, 0.9), WIDE) == (0.1, 0.2, 0.5, 0.9)


@pytest.mark.parametrize("wrong", [{"space": "seen"}, {"order": "yxxy"}, {"turned": "x"}, {"angle": "left"}])
def test_words_that_are_none(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="There is no"):
        Convention(**wrong)


SPACES = st.sampled_from([Frame.plain(640, 300), Frame.padded_square(211, 640, 448), SEEN])


@given(
    known=st.sampled_from([*KNOWN.values(), Convention("resized", angle="clockwise", turned="cxcywh")]),
    frame=SPACES,
    seed=st.integers(0, 2**32 - 1),
)
def test_many_decimals_lose_nothing(known: Convention, frame: Frame, seed: int) -> None:
    """Written exactly, every region inside the picture comes back as itself."""
    rng = np.random.default_rng(seed)
    x1, x2 = sorted(rng.uniform(0, frame.width, 2).tolist())
    y1, y2 = sorted(rng.uniform(0, frame.height, 2).tolist())
    exact = Convention(known.space, known.range, known.order, known.angle, known.turned, decimals=9)
    box = (x1, y1, x2, y2)
    assert exact.from_text(tuple(map(float, exact.to_text(box, frame))), frame) == pytest.approx(
        box, abs=1e-5
    )
    if min(x2 - x1, y2 - y1) > 1:
        quad = (x1, y1, x2, y1, x2, y2, x1, y2)
        back = exact.from_text(tuple(map(float, exact.to_text(quad, frame))), frame)
        assert iou([quad], [back])[0, 0] > 0.9999


@pytest.mark.parametrize(
    ("size", "factor", "bounds", "expected"),
    [
        ((1024, 1024), 28, (3136, 12845056), (1036, 1036)),  # 36.57 -> 37
        ((800, 600), 28, (3136, 12845056), (812, 588)),  # 28.57 -> 29, 21.43 -> 21
        ((800, 600), 32, (3136, 12845056), (800, 608)),  # 25, 18.75 -> 19
        ((4000, 3000), 28, (3136, 28 * 28 * 1280), (1148, 840)),  # over 3.458: 1156.7 and 867.5, inwards
        ((1024, 1024), 28, (224 * 224, 1008 * 1008), (1008, 1008)),
        ((100, 50), 28, (224 * 224, 1008 * 1008), (336, 168)),  # times 3.168: 316.8 and 158.4, outwards
    ],
)
def test_resizing_by_hand(
    size: tuple[int, int], factor: int, bounds: tuple[int, int], expected: tuple[int, int]
) -> None:
    assert resized(*size, factor, *bounds) == expected


def test_resizing_is_that_of_transformers() -> None:
    qwen = pytest.importorskip("transformers.models.qwen2_vl.image_processing_qwen2_vl")
    rng = np.random.default_rng(2)
    for _ in range(500):
        width, height = (int(v) for v in rng.integers(20, 3000, 2))
        factor = int(rng.choice([28, 32]))
        least, most = int(rng.integers(3136, 60000)), int(rng.integers(60000, 3_000_000))
        theirs = qwen.smart_resize(height, width, factor, least, most)
        if 200 * min(width, height) >= max(width, height):
            assert resized(width, height, factor, least, most) == theirs[::-1]


@pytest.mark.parametrize("size", [(0, 10), (10, -1), (2001, 10)])
def test_sizes_that_cannot_be(size: tuple[int, int]) -> None:
    with pytest.raises(DataError, match="cannot be resized"):
        resized(*size)
