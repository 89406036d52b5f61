"""Answers without a frame of their own: what the dialect declares its models to see stands in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rsbench.harness.contract import Boxes, Frame, Image, Label, Region, Request, Response, Runtime, Target
from rsbench.harness.plan import build_adapter, build_dialect
from rsbench.harness.roles import Informed
from rsbench.harness.understand import understand

WANTS = Boxes(("ship",), phrase="the ship")
IMAGE = Image("a.png", "", size=(800, 600))


@pytest.mark.parametrize(
    ("name", "text", "points"),
    [
        ("plain", "[80, 60, 160, 120]", (80, 60, 160, 120)),
        ("internvl", "<box>[[100, 100, 200, 200]]</box>", (80, 60, 160, 120)),
        # 800 x 600 is seen as 812 x 588, sides being multiples of 28
        ("qwen,generation=2.5", '[{"bbox_2d": [81.2, 58.8, 162.4, 117.6]}]', (80, 60, 160, 120)),
    ],
)
def test_a_dialect_says_what_its_models_see(name: str, text: str, points: tuple[float, ...]) -> None:
    answer = understand(Response("k", "s", text=text), WANTS, build_dialect(name), IMAGE)
    assert answer.regions[0].points == pytest.approx(points)


def test_a_frame_of_the_adapter_comes_first() -> None:
    said = Response(
        "k", "s", text='[{"bbox_2d": [40, 30, 80, 60]}]', frame=Frame(800, 600, 400, 300, 0.5, 0.5)
    )
    answer = understand(said, WANTS, build_dialect("qwen,generation=2.5"), IMAGE)
    assert answer.regions[0].points == pytest.approx((80, 60, 160, 120))


def test_a_window_is_a_picture_of_its_own() -> None:
    window = replace(IMAGE, window=(400, 300, 800, 600))
    said = Response("k", "s", text="<box>[[100, 100, 200, 200]]</box>")
    answer = understand(said, WANTS, build_dialect("internvl"), window)
    assert answer.regions[0].points == pytest.approx((40, 30, 80, 60))


def test_a_picture_that_no_model_of_the_family_takes_is_no_crash() -> None:
    thin = replace(IMAGE, size=(90000, 10))
    said = Response("k", "s", text='[{"bbox_2d": [1, 2, 3, 4]}]')
    assert understand(said, WANTS, build_dialect("qwen,generation=2.5"), thin).unparsable


@pytest.mark.parametrize("dialect", ["qwen", "'qwen,generation=2.5'", "'rscovlm,text=plain'"])
def test_the_oracle_writes_as_the_dialect_sees(dialect: str) -> None:
    adapter, _ = build_adapter(f"oracle,dialect={dialect}", Runtime())
    request = Request("k", "s", (IMAGE,), Boxes(("ship",)))
    gold = Region((100.0, 200.0, 300.0, 420.0), "ship")
    assert isinstance(adapter, Informed)
    adapter.inform(request, Target(regions=(gold,)))
    (response,) = adapter.generate([request])
    answer = understand(response, request.wants, build_dialect(adapter.dialect), IMAGE)
    assert answer.regions[0].points == pytest.approx(gold.points, abs=2)
    label = Request("l", "s", (IMAGE,), Label(("ship", "plane")))
    adapter.inform(label, Target(label="ship"))
    (said,) = adapter.generate([label])
    assert understand(said, label.wants, build_dialect(adapter.dialect), IMAGE).label == "ship"
