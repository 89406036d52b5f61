"""Confidence sources: what each box is worth, and from which pixels and tokens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image as Pillow

from rsbench.harness import confidence
from rsbench.harness.confidence import ClipScore, Equal, LogProbability
from rsbench.harness.contract import Answer, Boxes, Image, Region, Request, Response, Runtime, Token
from rsbench.harness.crops import crop

RUNTIME = Runtime()


def region(label: str, *points: float, span: tuple[int, int] | None = None) -> Region:
    return Region(points, label, span=span)


class Brightness:
    """Sees the first prompt in bright crops, the last one in dark ones."""

    digest = "b"

    def __init__(self) -> None:
        self.prompts: Sequence[str] = ()

    def probabilities(self, crops: Sequence[Pillow.Image], prompts: Sequence[str]) -> Any:
        self.prompts = prompts
        bright = np.array([np.asarray(c, float).mean() / 255 for c in crops])
        rest = np.zeros((len(crops), len(prompts) - 2))
        return np.hstack([bright[:, None], rest, 1 - bright[:, None]])


@pytest.fixture
def scorer(monkeypatch: pytest.MonkeyPatch) -> tuple[ClipScore, Brightness]:
    model = Brightness()
    monkeypatch.setattr(confidence, "load", lambda kind, name: lambda checkpoint: model)
    return ClipScore(RUNTIME), model


def request(folder: Path, wants: Boxes) -> Request:
    picture = np.zeros((100, 100, 3), np.uint8)
    picture[20:60, 20:60] = 255
    Pillow.fromarray(picture).save(folder / "a.png")
    return Request("k", "a", (Image("a.png", str(folder / "a.png")),), wants)


def test_clip_score_is_the_probability_of_the_boxs_own_class(
    tmp_path: Path, scorer: tuple[ClipScore, Brightness]
) -> None:
    source, model = scorer
    asked = request(tmp_path, Boxes(("ship", "plane")))
    boxes = (region("ship", 22, 22, 58, 58), region("ship", 62, 62, 98, 98), region("cloud", 22, 22, 58, 58))
    bright, dark, other = source.scores(asked, Response("k", "a"), Answer(regions=boxes))
    assert bright is not None and bright > 0.8
    assert dark is not None and dark < 0.05
    assert other == 0.0  # not asked for, in no view
    named = [f"a satellite photo of a {noun}" for noun in ("ship", "plane", "background")]
    assert list(model.prompts) == named


def test_types_of_one_noun_are_scored_by_the_noun(
    tmp_path: Path, scorer: tuple[ClipScore, Brightness]
) -> None:
    source, model = scorer
    asked = request(tmp_path, Boxes(("A1", "A2"), parent="airplane"))
    boxes = (region("A2", 22, 22, 58, 58), region("airplane", 22, 22, 58, 58))
    first, second = source.scores(asked, Response("k", "a"), Answer(regions=boxes))
    assert first == second and first is not None and first > 0.8
    assert list(model.prompts) == ["a satellite photo of a airplane", "a satellite photo of a background"]


def test_log_probability_averages_the_tokens_of_the_boxs_numbers() -> None:
    tokens = (Token("<p>ship</p>[", -9.0), Token("0.10,0.20", -1.0), Token(",0.30", -2.0), Token("]", -9.0))
    box = region("ship", 0, 0, 1, 1, span=(12, 26))
    unknown = region("ship", 0, 0, 1, 1)
    scores = LogProbability(RUNTIME).scores(
        Request("k", "a", (), Boxes(("ship",))),
        Response("k", "a", tokens=tokens),
        Answer(regions=(box, unknown)),
    )
    assert scores == [-1.5, None]


def test_none_ranks_every_box_alike() -> None:
    asked = Request("k", "a", (), Boxes(("ship",)))
    assert Equal(RUNTIME).scores(
        asked, Response("k", "a"), Answer(regions=(region("ship", 0, 0, 1, 1),))
    ) == [1.0]


def test_an_oriented_crop_is_upright() -> None:
    picture = np.zeros((200, 200, 3), np.uint8)
    ys, xs = np.mgrid[0:200, 0:200] + 0.5
    along, across = (xs - 100 + ys - 100) / 2**0.5, (ys - xs) / 2**0.5
    picture[(abs(along) < 50) & (abs(across) < 20)] = 255
    half = [(50, 20), (50, -20), (-50, -20), (-50, 20)]
    points = [100 + (a - b) / 2**0.5 if k == 0 else 100 + (a + b) / 2**0.5 for a, b in half for k in (0, 1)]
    cut = np.asarray(crop(Pillow.fromarray(picture), tuple(points)))[..., 0]
    assert cut.shape == (48, 120)
    assert (cut[7:41, 13:107] > 200).all()
    assert (cut[:2] < 50).all() and (cut[:, :4] < 50).all()


@pytest.mark.parametrize("points", [(5, 5, 5, 5), (-50, -50, 900, 10), (0, 0, 9, 9, 9, 9, 0, 0)])
def test_any_box_has_a_crop(points: tuple[float, ...]) -> None:
    cut = crop(Pillow.new("RGB", (50, 40)), points)
    assert min(cut.size) >= 1 and max(cut.size) <= 512
