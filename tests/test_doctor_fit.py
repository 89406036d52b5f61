"""Answers written by one convention and read under all: the one they were written by fits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rsbench.harness.contract import Boxes, Frame, Region, Response, Target
from rsbench.harness.dialects.convention import KNOWN, Convention, stretched
from rsbench.harness.dialects.internvl import InternVL
from rsbench.harness.dialects.llava import Llava
from rsbench.harness.dialects.paligemma import PaliGemma
from rsbench.harness.dialects.plain import Plain
from rsbench.harness.dialects.qwen import Qwen
from rsbench.harness.dialects.rscovlm import RSCoVLM
from rsbench.harness.doctor_fit import DECLARED, Answered, fit, known, reread
from rsbench.harness.roles import Dialect

GOLD = (
    Region((300.0, 100.0, 420.0, 180.0), "ship"),
    Region((610.0, 350.0, 700.0, 520.0), "airplane"),
    Region((40.0, 420.0, 130.0, 500.0), "ship"),
)
WANTS = Boxes(("ship", "airplane"))
FRAME = stretched((800, 600), (560, 420))  # resized by less than it is wide


def answered(writer: Dialect, frame: Frame = FRAME, wants: Boxes = WANTS) -> Answered:
    text = writer.express(Target(regions=GOLD), wants, frame)
    return Answered(wants, GOLD, Response("k", "s", text=text), frame)


@pytest.mark.parametrize(
    ("writer", "reader", "fits"),
    [
        (InternVL(), Plain(), "0-1000"),
        (Qwen("2.5"), Qwen("3"), "pixels of the resized image"),
        (Qwen("3"), Qwen("2.5"), "0-1000"),
        (Plain(), Qwen("3"), "pixels"),
        (PaliGemma(), InternVL(), "0-1024, y first"),
        (Llava(), Qwen("2.5"), "parts of the padded square"),
    ],
)
def test_another_convention_is_found(writer: Dialect, reader: Dialect, fits: str) -> None:
    frame = Frame.padded_square(800, 600, 336) if isinstance(writer, Llava) else FRAME
    found = fit([answered(writer, frame)] * 2, reader)
    assert found is not None and found.questions == 2
    assert fits in found.better and DECLARED not in found.better
    assert found.overlaps[fits] > 0.85 > 0.3 > found.declared
    assert len(reread(answered(writer, frame), reader, fits)) == 3
    names = list(found.overlaps)
    assert names == sorted(names, key=lambda name: -found.overlaps[name])


@pytest.mark.parametrize("dialect", [InternVL(), Qwen("2.5"), Qwen("2"), PaliGemma(), Plain(), RSCoVLM()])
def test_the_declared_convention_is_left_in_peace_where_it_fits(dialect: Dialect) -> None:
    found = fit([answered(dialect)], dialect)
    assert found is not None and found.better == () and found.declared > 0.95


def test_boxes_that_fit_nowhere_prove_nothing() -> None:
    far = Answered(
        WANTS, GOLD[:1], Response("k", "s", text='[{"label": "ship", "box": [1, 2, 9, 9]}]'), FRAME
    )
    found = fit([far], Plain())
    assert found is not None and found.better == () and found.declared < 0.1


def test_words_and_empty_pictures_do_not_count() -> None:
    words = Answered(WANTS, GOLD, Response("k", "s", text="There is a ship."), FRAME)
    empty = Answered(WANTS, (), Response("k", "s", text='[{"label": "ship", "box": [1, 2, 9, 9]}]'), FRAME)
    assert fit([words, empty], Plain()) is None and fit([], Plain()) is None
    found = fit([words, answered(InternVL()), empty], Plain())
    assert found is not None and found.questions == 1


def test_a_box_outside_of_the_picture_is_not_left_out() -> None:
    """Of four boxes one would be right by chance, three lie outside: that is a quarter, not all."""
    rows = [[300, 100, 420, 180], *[[900 + i, 700, 990, 790] for i in range(3)]]
    text = "[" + ", ".join(f'{{"label": "ship", "box": {row}}}' for row in rows) + "]"
    found = fit([Answered(WANTS, GOLD[:1], Response("k", "s", text=text), FRAME)], Plain())
    assert found is not None and found.declared == pytest.approx(0.25)


def test_oriented_boxes_keep_their_angle() -> None:
    wants = replace(WANTS, oriented=True)
    dialect = RSCoVLM(box="obb")
    assert all(c and c.angle == "clockwise" and c.turned == "cxcywh" for c in known(dialect).values())
    found = fit([answered(dialect, wants=wants)], dialect)
    assert found is not None and found.declared > 0.95 and found.better == ()
    other = replace(dialect.convention, space="original")
    assert isinstance(other, Convention) and set(known(dialect)) == {DECLARED, *KNOWN}
