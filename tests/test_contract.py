"""Frames: pixels of the original to what a model saw, and back. What names a run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rsbench.harness.contract import Decoding, Frame, Image, Source, Spec, digest


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


def test_a_run_keeps_the_name_it_had_before_there_was_more_to_say() -> None:
    source = Source("folder", "test", 2, "a" * 64, None)
    spec = Spec("mar20", 1, source, "blank", {}, None, None, None, Decoding(), None, 0)
    assert spec.digest() == "11cd2e83af5676f32b3fc89fad2546541ef467a76274af21fde7952dda1a8ff8"
    assert len({replace(spec, prompting=p).digest() for p in (None, "count", "hbb")}) == 3
    assert len({replace(spec, source=replace(source, errata=e)).digest() for e in (None, 0, 1)}) == 3
    changed = [
        replace(spec, views="d4"),
        replace(spec, corrupt=("haze",)),
        replace(spec, corrupt=("haze/1",)),
    ]
    assert len({each.digest() for each in (spec, *changed)}) == 4


def test_what_is_shown_has_the_size_of_the_window_after_the_turn() -> None:
    image = Image("a.png", "", size=(30, 20))
    assert (image.extent, replace(image, window=(0, 0, 7, 9)).extent) == ((30, 20), (7, 9))
    for change in ("rot90", "flip rot270"):
        assert replace(image, change=change).extent == (20, 30)
        assert replace(image, change=change, window=(5, 5, 12, 14), size=None).extent == (9, 7)
    for change in ("rot180", "flip", "flip rot180", "gsd/5", "speckle/1/90"):
        assert replace(image, change=change).extent == (30, 20)
    assert Image("a.png", "", change="rot90").extent is None
