"""What is said of changed pictures, against arithmetic on the answers themselves."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rsbench.harness.contract import Boxes, Image, Label, Region, Response, Sample, Target
from rsbench.harness.ledger import Appender, Ledger, start
from rsbench.harness.metrics.choice import Choice
from rsbench.harness.metrics.detection import Detection
from rsbench.harness.page import page
from rsbench.harness.rating import box_mark
from rsbench.harness.score import score, survey
from rsbench.harness.turns import D4, turned_target
from rsbench.harness.variants import change_of, own_id, variants

from .test_ledger import spec
from .test_score import CHOICES, Fixed, answered

CORRUPT = ("haze/1", "haze/3")


def pictures(count: int = 12) -> list[Sample]:
    return [
        Sample(f"s{i}", (Image(f"{i}.png", "", size=(40, 30)),), Target(CHOICES[i % 2])) for i in range(count)
    ]


def classified(folder: Path, right: Mapping[str, int], failed: str = "", count: int = 12) -> dict[str, Any]:
    """The report of a run in which the first so many of each change are right, the others wrong."""
    samples = pictures(count)
    both = [*samples, *variants(samples, "d4", CORRUPT, 0)]
    responses = []
    for sample in both:
        place = int(own_id(sample)[1:])
        told = place % 2 if place < right.get(change_of(sample), count) else 1 - place % 2
        error = "broken" if sample.id == failed else None
        responses.append(Response(sample.id, sample.id, label=CHOICES[told], error=error))
    task = Fixed(samples, Label(CHOICES), Choice(CHOICES), "top-1")
    report = score(answered(folder, both, *responses), task, None, resamples=200)
    details: dict[str, Any] = json.loads(json.dumps(report.details))
    return {"report": report, **details}


def test_figures_of_every_view_are_those_of_its_answers(tmp_path: Path) -> None:
    views = classified(tmp_path, {"": 9, "rot90": 6, "flip rot180": 12, "haze/3": 0})["views"]
    shares = {"as it is": 9 / 12, "rot90": 6 / 12, "flip rot180": 1.0}
    for name in ("as it is", *D4[1:]):
        row = views["views"][name]
        assert row["figure"] == pytest.approx(shares.get(name, 1.0))
        assert row["low"] <= row["figure"] <= row["high"]
    assert (views["samples"], views["asked"], views["directions"], views["unknown size"]) == (12, 12, 0, 0)
    assert (views["min"], views["max"]) == (0.5, 1.0)
    assert views["spread"] == pytest.approx(0.5) and views["mean"] == pytest.approx((9 + 6 + 6 * 12) / 96)
    assert views["spread low"] < 0.5 < views["spread high"]
    assert views["classes"]["rotations"]["mean"] == pytest.approx((9 + 6 + 24) / 48)
    assert views["classes"]["flips"]["spread"] == 0


def test_consistency_counts_answers_that_change(tmp_path: Path) -> None:
    """Nine agree in all views but those of three samples under one of them, or more."""
    views = classified(tmp_path, {"": 9, "rot90": 6})["views"]
    assert views["the same in all"] == pytest.approx(6 / 12)
    # samples 6 to 8: rot90 against seven others; 9 to 11: rot90 and the picture as it is against six
    assert views["agreement"] == pytest.approx((6 * 28 + 3 * 21 + 3 * 16) / (12 * 28))
    assert views["right"] == pytest.approx({"in all": 6 / 12, "in some": 6 / 12, "in none": 0.0})
    assert views["classes"]["flips"]["agreement"] == pytest.approx(9 / 12)


def test_a_disturbance_is_held_against_the_clean_pictures(tmp_path: Path) -> None:
    found = classified(tmp_path, {"": 8, "haze/1": 8, "haze/3": 4})["corruptions"]
    haze = found["kinds"]["haze"]
    assert list(haze["strengths"]) == ["0", "1", "3"]
    assert [row["figure"] for row in haze["strengths"].values()] == pytest.approx([8 / 12, 8 / 12, 4 / 12])
    assert [haze["strengths"][s]["drop"] for s in ("1", "3")] == pytest.approx([0, 0.5])
    assert haze["strengths"]["1"]["drop low"] == haze["strengths"]["1"]["drop high"] == 0  # the same answers
    assert 0 < haze["strengths"]["3"]["drop low"] < 0.5
    assert haze["mean"] == found["mean"] == pytest.approx(6 / 12)
    assert haze["drop"] == found["drop"] == pytest.approx(0.25)


def test_nothing_right_has_nothing_to_lose(tmp_path: Path) -> None:
    found = classified(tmp_path, {"": 0, "haze/1": 3})["corruptions"]
    assert found["kinds"]["haze"]["strengths"]["1"]["drop"] is None and found["drop"] is None


def test_what_failed_in_one_view_is_compared_in_none(tmp_path: Path) -> None:
    found = classified(tmp_path, {"": 9}, failed="s11~rot90")
    views = found["views"]
    assert (views["samples"], views["asked"]) == (11, 12)
    assert views["views"]["as it is"]["figure"] == pytest.approx(9 / 11)
    assert views["views"]["rot90"]["failed"] == 1 and views["views"]["flip"]["failed"] == 0
    assert found["corruptions"]["samples"] == 12
    assert found["report"].headline.value == pytest.approx(9 / 12) and found["report"].failed == 0
    assert not any("incomplete" in label for label in found["report"].labels)


def test_figures_and_slices_are_those_of_a_run_without_changes(tmp_path: Path) -> None:
    with_changes = classified(tmp_path / "a", {"": 9, "rot90": 1})["report"]
    samples = pictures()
    said = [Response(s.id, s.id, label=CHOICES[i % 2 if i < 9 else 1 - i % 2]) for i, s in enumerate(samples)]
    task = Fixed(samples, Label(CHOICES), Choice(CHOICES), "top-1")
    plain = score(answered(tmp_path / "b", samples, *said), task, None, resamples=200)
    for name in ("headline", "figures", "slices", "samples", "failed", "unparsable", "labels"):
        assert getattr(with_changes, name) == getattr(plain, name)
    more = {key: value for key, value in with_changes.details.items() if key not in plain.details}
    assert set(more) == {"views", "corruptions"}
    assert {key: with_changes.details[key] for key in plain.details} == plain.details


def test_evidence_of_variants_stands_under_their_ids(tmp_path: Path) -> None:
    classified(tmp_path, {})
    (folder,) = tmp_path.iterdir()
    rows = [json.loads(line) for line in (folder / "evidence.jsonl").read_text().splitlines()]
    names = [row["sample"] for row in rows]
    assert names[:12] == [f"s{i}" for i in range(12)]  # the pictures as they are come first
    assert len(set(names)) == 12 * (1 + 7 + 2) and "s3~flip rot270" in names


SHIPS = (Region((2.0, 3.0, 12.0, 9.0), "ship"), Region((20.0, 5.0, 30.0, 25.0), "ship"))


def detected(folder: Path, source: str | None) -> tuple[Ledger, Fixed]:
    """The truth in pixels of every view, but for `flip`: there it is that of the picture as it is."""
    image = Image("a.png", "", size=(40, 30))
    samples = [Sample(f"s{i}", (image,), Target(regions=SHIPS, size=(40, 30))) for i in range(3)]
    both = [*samples, *variants(samples, "d4", (), 0)]
    responses = []
    for sample in both:
        view = change_of(sample)
        truth = (
            Target(regions=SHIPS) if view == "flip" else turned_target(Target(regions=SHIPS), view, (40, 30))
        )
        regions = tuple(Region(r.points, r.label, score=None if source else 0.5) for r in truth.regions)
        responses.append(Response(sample.id, sample.id, regions=regions))
    ledger = answered(folder, both, *responses, sources=(source,) if source else ())
    task = Fixed(
        samples, Boxes(("ship",)), Detection({"v": {"ship": "ship"}}, (0.5,)), "v/AP@0.50/voc07/none"
    )
    return ledger, task


def test_boxes_are_turned_back_before_they_are_scored(tmp_path: Path) -> None:
    ledger, task = detected(tmp_path, None)
    views = score(ledger, task, None, resamples=20).details["views"]
    assert views["figure"] == "v/AP@0.50/voc07/given"
    assert {name: row["figure"] for name, row in views["views"].items()} == pytest.approx(
        {name or "as it is": 0.0 if name == "flip" else 1.0 for name in D4}
    )
    assert views["agreement"] == pytest.approx(21 / 28)
    assert views["right"] == {"in all": 0.0, "in some": 1.0, "in none": 0.0}


def test_ratings_are_of_boxes_in_the_turned_picture(tmp_path: Path) -> None:
    """A source that rated the boxes of one view as if they were not turned did not rate them."""
    ledger, task = detected(tmp_path, "none")
    found = survey(ledger, task, None)
    rows = []
    for item in [*found.items, *(item for held in found.changed.values() for item in held)]:
        assert item.answer and item.response
        answer = item.answer if change_of(item.sample) != "rot90" else found.items[0].answer
        assert answer
        row = {"key": item.response.key, "source": "none", "digest": "1", "boxes": box_mark(answer)}
        rows.append(row | {"scores": [1.0, 1.0]})
    ledger.write_rows("confidence.jsonl", rows)
    views = score(ledger, task, None, resamples=20).details["views"]
    assert views["views"]["rot90"]["figure"] is None and views["mean"] is None
    assert views["views"]["rot180"]["figure"] == 1.0
    assert views["classes"]["flips"]["mean"] == pytest.approx(3 / 4)
    assert views["agreement"] is None and "right" not in views


def test_the_spread_of_views_that_differ_by_chance_alone_is_said_with_its_range(tmp_path: Path) -> None:
    """The interval of the spread is that of the drawn spreads, from the same draws for every view."""
    right = {name: 6 + i % 3 for i, name in enumerate(D4)}
    views = classified(tmp_path, right)["views"]
    rng = np.random.default_rng(0)
    hits = np.array([[place < right[name] for place in range(12)] for name in D4], float)
    drawn = []
    for _ in range(200):
        times = np.bincount(rng.integers(0, 12, 12), minlength=12)
        shares = (hits * times).sum(1) / 12
        drawn.append(shares.max() - shares.min())
    low, high = np.quantile(drawn, [0.025, 0.975])
    assert (views["spread low"], views["spread high"]) == pytest.approx((low, high))


def test_where_nothing_could_be_turned_it_is_said(tmp_path: Path) -> None:
    samples = [replace(sample, question="Is it in the north?") for sample in pictures(3)]
    ledger = start(tmp_path, spec(views="d4"), CHOICES, samples, [], {})
    with Appender(ledger, "responses.jsonl") as appender:
        for sample in samples:
            appender.response(Response(sample.id, sample.id, label="beach"))
    report = score(ledger, Fixed(samples, Label(CHOICES), Choice(CHOICES), "top-1"), None, resamples=10)
    assert variants(samples, "d4", (), 0) == ()
    expected: dict[str, Any] = {
        "asked": 3,
        "directions": 3,
        "unknown size": 0,
        "figure": "top-1",
        "samples": 0,
    }
    expected["views"] = {}
    assert report.details["views"] == expected
    assert "3 of 3 samples speak of directions" in page(report)
