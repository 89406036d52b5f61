"""What became of samples: every state, pictures in tiles as wholes, figures without right and wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rsbench.harness.contract import (
    Answer,
    Boxes,
    Evidence,
    Image,
    Label,
    Region,
    Response,
    Sample,
    Target,
    Text,
)
from rsbench.harness.metrics.choice import Choice
from rsbench.harness.metrics.detection import Detection
from rsbench.harness.metrics.ratios import Ratios
from rsbench.harness.outcomes import FAILED, RATED, RIGHT, UNPARSABLE, WRONG, Outcome, outcomes
from rsbench.harness.roles import Dialect, Task
from rsbench.harness.score import score, survey
from rsbench.harness.tiles import Tiling

from .test_score import CHOICES, Fixed, Words, answered, scenes

SHIP = Region((10, 10, 30, 30), "ship")
FAR = Region((80, 60, 95, 75), "ship")


def became(
    folder: Path, task: Task, samples: Sequence[Sample], dialect: Dialect | None, *responses: Response
) -> list[Outcome]:
    ledger = answered(folder, samples, *responses)
    return list(outcomes(survey(ledger, task, dialect)))


def test_every_state_of_a_class_and_the_report_s_counts(tmp_path: Path) -> None:
    samples = scenes()
    task = Fixed(samples, Label(CHOICES), Choice(CHOICES), "top-1")
    texts = {"s0": "beach", "s1": "beach", "s2": "?"}
    replies = [Response(f"k{name}", name, text=text) for name, text in texts.items()]
    found = became(tmp_path, task, samples, Words(), *replies, Response("k3", "s3", error="out of memory"))
    assert [one.state for one in found] == [RIGHT, WRONG, UNPARSABLE, FAILED]
    assert [one.judgement.value for one in found] == [1.0, 0.0, 0.0, None]
    assert found[1].answer == Answer(label="beach", raw="beach")
    assert found[3].answer is None and found[3].evidence is None and found[3].sample == samples[3]
    report = score(answered(tmp_path, samples), task, Words(), resamples=10)
    assert report.failed == sum(one.state == FAILED for one in found)
    assert report.unparsable == sum(one.state == UNPARSABLE for one in found)
    assert report.headline.value == pytest.approx(1 / 3)


class Shortness:
    """A metric without judgements: one over the number of words."""

    name, confident = "shortness", False

    def observe(self, target: Target, answer: Answer) -> Evidence:
        return {"words": len((answer.text or "").split())}

    def tally(self, evidence: Sequence[Evidence]) -> Ratios:
        words = np.array([e["words"] for e in evidence], float)
        return Ratios(len(words), {"shortness": (1 / words, np.ones(len(words)))})

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        return {}


def test_a_figure_that_knows_no_right_and_wrong_rates(tmp_path: Path) -> None:
    samples = [Sample(name, (Image("c.png", ""),), Target(texts=("a grey ship",))) for name in "ab"]
    task = Fixed(samples, Text("", sentences=True), Shortness(), "shortness")
    texts = {"a": "a grey ship at", "b": "ships"}
    replies = [Response(name, name, text=text) for name, text in texts.items()]
    found = became(tmp_path, task, samples, None, *replies)
    assert [(one.state, one.judgement.right, one.judgement.value) for one in found] == [
        (RATED, None, 0.25),
        (RATED, None, 1.0),
    ]


class Tiled(Fixed):
    """A task over tiles of its pictures."""

    def __init__(self, pictures: Sequence[Sample]) -> None:
        self.tiles = Tiling(64, 16)
        metric = Detection({"ships": {"ship": "ship"}}, thresholds=(0.5,))
        super().__init__(self.tiles.cut(pictures), Boxes(("ship",)), metric, "ships/AP@0.50/voc07/given")


def picture() -> Sample:
    return Sample("p", (Image("p.png", "", size=(100, 100)),), Target(regions=(SHIP, FAR), size=(100, 100)))


def test_a_picture_in_tiles_is_one_outcome_in_its_own_pixels(tmp_path: Path) -> None:
    task = Tiled([picture()])
    tiles = task.samples()
    assert len(tiles) == 4
    truth = {tile.id: tile.target.regions for tile in tiles}
    replies = [
        Response(f"k{i}", tile.id, regions=tuple(Region(r.points, r.label, 0.9) for r in truth[tile.id]))
        for i, tile in enumerate(tiles)
    ]
    (found,) = became(tmp_path, task, tiles, None, *replies)
    assert (found.sample.id, found.state, len(found.items)) == ("p", RIGHT, 4)
    assert found.sample.images[0].window is None
    assert {region.points for region in found.sample.target.regions} == {SHIP.points, FAR.points}
    assert found.answer is not None
    assert {region.points for region in found.answer.regions} == {SHIP.points, FAR.points}


def test_a_picture_with_a_tile_unanswered_failed_and_is_still_whole(tmp_path: Path) -> None:
    task = Tiled([picture()])
    tiles = task.samples()
    replies = [Response(f"k{i}", tile.id, regions=()) for i, tile in enumerate(tiles[:3])]
    (found,) = became(tmp_path, task, tiles, None, *replies)
    assert (found.state, found.sample.id) == (FAILED, "p")
    assert {region.points for region in found.sample.target.regions} == {SHIP.points, FAR.points}


def test_answers_of_which_nothing_could_be_computed_did_not_fail(tmp_path: Path) -> None:
    """No source gave all boxes a confidence, so no figure stands; the answers are there nevertheless."""
    samples = [Sample("p", (Image("p.png", ""),), Target(regions=(SHIP,)))]
    task = Fixed(
        samples, Boxes(("ship",)), Detection({"ships": {"ship": "ship"}}), "ships/AP@0.50/voc07/given"
    )
    (found,) = became(tmp_path, task, samples, None, Response("k", "p", regions=(SHIP,)))
    assert found.state == RATED
    assert found.answer is not None and found.answer.regions == (SHIP,)
