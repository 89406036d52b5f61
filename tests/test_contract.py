"""Frames: pixels of the original to what a model saw, and back."""

from __future__ import annotations

import pytest

from rsbench.harness.contract import Frame, digest


@pytest.mark.parametrize(("width", "height"), [(100, 100), (640, 512), (333, 500), (1, 999)])
def test_padding_and_back_is_the_identity(width: int, height: int) -> None:
    frame = Frame.padded_square(width, height, 128)
    points = (0.0, 0.0, width, height, width / 3, height / 7)
    assert frame.to_original(frame.to_seen(points)) == pytest.approx(points)


def test_padding_is_centred_with_the_smaller_half_first() -> None:
    frame = Frame.padded_square(640, 512)
    assert (frame.offset_x, frame.offset_y) == (0, 64)
    assert frame.to_seen((0.0, 0.0)) == (0.0, 64.0)
    assert Frame.padded_square(10, 7).offset_y == 1  # floor(3 / 2), as the released code pads


def test_a_digest_does_not_depend_on_the_order_of_keys() -> None:
    assert digest({"b": [1, 2], "a": "é"}) == digest({"a": "é", "b": [1, 2]})
    assert digest([1, 2]) != digest([2, 1])
