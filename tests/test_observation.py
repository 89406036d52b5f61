"""Answers observed: pictures in tiles as wholes, under changes as on the pictures as they are."""

from __future__ import annotations

from collections.abc import Sequence

from rsbench.harness.contract import Answer, Boxes, Image, Label, Region, Response, Sample, Target
from rsbench.harness.metrics.choice import Choice
from rsbench.harness.metrics.detection import Detection
from rsbench.harness.observation import Item, changed_run, observe, tallied
from rsbench.harness.tiles import Tiling
from rsbench.harness.variants import change_of, variants

from .test_score import CHOICES, Fixed

OBJECTS = tuple(Region((x, 10.0, x + 12, 30.0), "ship") for x in (5.0, 40.0, 75.0))
WANTS = Boxes(("ship",))


class Tiled(Fixed):
    """Pictures of 100 x 60 in tiles of 60."""

    tiles = Tiling(60, 20)


def tiled() -> tuple[Tiled, Sequence[Sample]]:
    whole = [
        Sample(name, (Image(f"{name}.png", "", size=(100, 60)),), Target(regions=OBJECTS, size=(100, 60)))
        for name in ("p", "q")
    ]
    samples = Tiled.tiles.cut(whole)
    metric = Detection({"v": {"ship": "ship"}}, (0.5,))
    return Tiled(samples, WANTS, metric, "v/AP@0.50/voc07/given"), samples


def said(samples: Sequence[Sample], *failed: str) -> list[Item]:
    """The truth about every sample, in pixels of what it shows."""
    return [
        Item(s, WANTS, Response(s.id, s.id), None if s.id in failed else Answer(regions=s.target.regions))
        for s in samples
    ]


def test_tiles_are_turned_back_before_they_are_merged() -> None:
    task, samples = tiled()
    items = said(samples)
    plain = observe(task.metrics[0], None, tuple(samples), [i.answer for i in items if i.answer], task.tiles)
    assert [sample.id for sample in plain.samples] == ["p", "q"]
    own = {sample.id: sample for sample in samples}
    made = variants(samples, "d4", ("haze/1",), 0)
    for change in {change_of(sample) for sample in made}:
        held = said([sample for sample in made if change_of(sample) == change])
        run = changed_run(task, held, own, plain, {})
        assert run is not None
        assert (run.samples, run.answers, run.evidence) == (plain.samples, plain.answers, plain.evidence)


def test_a_picture_with_a_failed_tile_has_not_been_answered() -> None:
    task, samples = tiled()
    own = {sample.id: sample for sample in samples}
    plain = observe(task.metrics[0], None, tuple(samples), [Answer()] * len(samples), task.tiles)
    turned = [sample for sample in variants(samples, "d4", (), 0) if change_of(sample) == "rot90"]
    held = said(turned, "p@40,0~rot90")
    run = changed_run(task, held, own, plain, {})
    assert run is not None and [sample.id for sample in run.samples] == ["q"]
    assert tallied(task, held) == (2, 1, 0)


def test_a_metric_without_confidence_needs_no_rating() -> None:
    samples = [Sample("a", (Image("a.png", "", size=(9, 9)),), Target("beach"))]
    task = Fixed(samples, Label(CHOICES), Choice(CHOICES), "top-1")
    plain = observe(task.metrics[0], None, tuple(samples), [Answer(label="beach")])
    (turned, *_) = variants(samples, "d4", (), 0)
    items = [Item(turned, Label(CHOICES), Response("k", turned.id), Answer(unparsable="no", label="beach"))]
    run = changed_run(task, items, {"a": samples[0]}, plain, {})
    assert run is not None and run.evidence[0]["hit"] == 0  # what is unparsable is wrong here too
    assert plain.tally.figures()["top-1"] == 1 and run.own("top-1") == "top-1"
