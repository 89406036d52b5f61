"""What keeps two results from being compared: every reason, all at once, and what would help."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.comparable import NotComparable, Obstacle, cautions, obstacles, what_differs
from rsbench.harness.comparison import compare
from rsbench.harness.contract import Sample, Source
from rsbench.harness.ledger import Ledger
from rsbench.harness.result import Result

from .two_runs import SCENES, run, scenes

SAID = ["airport", "beach", "forest", "beach"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return run(tmp_path_factory.mktemp("base") / "a", "images", scenes(4), SAID, SCENES)


def alone(result: Result, source: Mapping[str, Any] | None = None, **changes: Any) -> Result:
    """The report alone, with another Spec."""
    spec = {**result.report.spec, **changes}
    spec["source"] = {**spec["source"], **(source or {})}
    return Result("other", replace(result.report, spec=spec), None)


def reasons(found: Sequence[Obstacle]) -> str:
    assert all(obstacle.remedy for obstacle in found)
    return "\n".join(obstacle.reason for obstacle in found)


@pytest.mark.parametrize(
    ("changes", "reason", "remedy"),
    [
        ({"task": "clrs"}, "different tasks, images and clrs", "one task"),
        ({"task_version": 2}, "images is version 1 there and 2 here", "what is of version 1"),
        ({"source": {"kind": "mini"}}, "The data are official and mini", "--data"),
        ({"source": {"split": "train"}}, "The splits are test and train", "--split"),
        ({"source": {"annotations": "c" * 64}}, "annotations differ: 4 items, sha256 aaaa", "data verify"),
        ({"source": {"items": 5}}, "4 items, sha256 aaaaaaaaaaaa, and 5", "data verify"),
        ({"source": {"images": "c" * 64}}, "The pictures differ: sha256 bbbb", "data verify"),
        ({"source": {"errata": 0}}, "no corrections and not corrected", "--errata"),
        ({"limit": 3}, "Their limit differs: none and 3, so they are of other samples.", "--limit"),
        ({"limit": 3, "source": {"images": "c" * 64}}, "Their limit differs", "--limit"),
        ({"source": {"split": "val", "images": "c" * 64}}, "The splits are", "--split"),
        ({"prompting": "count"}, "Their prompting differs: none and count.", "--prompting"),
        ({"raster": {"per": "band"}}, "Their raster differs", "same card"),
    ],
)
def test_each_reason_with_what_would_help(
    base: Result, changes: dict[str, Any], reason: str, remedy: str
) -> None:
    (found,) = obstacles(base, alone(base, **changes))
    assert reason in found.reason and remedy in found.remedy


def test_all_reasons_at_once(base: Result) -> None:
    other = alone(base, {"split": "val"}, task_version=7, limit=2)
    other = replace(other, report=replace(other.report, failed=1, labels=("rule cls/lhrs",)))
    said = reasons(obstacles(base, other))
    for part in (
        "version 1 there and 7",
        "splits are test and val",
        "limit",
        "rule cls/lhrs",
        "1 of 4 samples",
    ):
        assert part in said
    with pytest.raises(NotComparable) as caught:
        compare(base, other)
    assert len(caught.value.obstacles) == 5 and caught.value.exit_code == 3
    assert all(obstacle.remedy in str(caught.value) for obstacle in caught.value.obstacles)


def test_other_samples_of_the_same_limit(base: Result) -> None:
    one, other = alone(base, limit=2, seed=0), alone(base, limit=2, seed=1)
    assert "Seeds 0 and 1 chose other samples" in reasons(obstacles(one, other))
    assert not obstacles(one, alone(base, limit=2, seed=0))
    assert not obstacles(base, alone(base, seed=1))


def test_what_is_compared_is_no_obstacle_and_is_told(base: Result) -> None:
    other = alone(
        base,
        adapter="hf",
        arguments={"checkpoint": "new"},
        checkpoint="d" * 64,
        dialect="earthgpt",
        dialect_version=3,
        decoding={**base.report.spec["decoding"], "temperature": 0.5},
        seed=4,
        runtime={"device": "cuda"},
    )
    assert not obstacles(base, other)
    differs = {name: (one, two) for name, one, two in what_differs(base, other)}
    assert differs["adapter"] == ("replay", "hf") and differs["seed"] == ("0", "4")
    assert differs["decoding: temperature"] == ("0.0", "0.5") and differs["runtime: device"] == (
        "none",
        "cuda",
    )
    assert ("views", "none", "d4") in what_differs(base, alone(base, views="d4", corrupt=[]))
    assert differs["arguments: checkpoint"] == ("none", "new") and "decoding: max_new_tokens" not in differs


def test_pictures_that_one_side_did_not_see_are_a_caution(base: Result) -> None:
    other = alone(base, {"images": None})
    assert not obstacles(base, other)
    assert cautions(base, other) == [
        "The pictures of other were not at hand: that both saw the same ones is not checked."
    ]
    assert not cautions(base, alone(base))


def test_a_card_that_is_newer_than_both(base: Result) -> None:
    old = [replace_version(result, 0) for result in (base, base)]
    (found,) = obstacles(*old)
    assert "This rsbench has version 1 of images; both runs are of version 0" in found.reason


def replace_version(result: Result, version: int) -> Result:
    assert result.ledger is not None
    ledger = Ledger(result.ledger.folder)
    ledger.head = {**ledger.head, "spec": {**ledger.spec, "task_version": version}}
    return replace(result, ledger=ledger)


def test_cards_of_the_users_own(tmp_path: Path) -> None:
    first, second = (run(tmp_path / name, "images", scenes(4), SAID, SCENES) for name in "ab")
    card: dict[str, Any] = {"name": "images", "family": "classification", "version": 1, "title": "t"}
    card |= {"layout": "folders", "protocol": {"rule": "cls/strict", "headline": "top-1"}}
    assert first.ledger is not None and second.ledger is not None
    for ledger, rule in ((first.ledger, "cls/strict"), (second.ledger, "cls/lhrs")):
        own = {**card, "protocol": {**card["protocol"], "rule": rule}}
        (ledger.folder / "card.json").write_text(json.dumps(own), encoding="utf-8")
    assert "Their cards of images differ: protocol." in reasons(obstacles(first, second))
    (second.ledger.folder / "card.json").write_text(json.dumps(card), encoding="utf-8")
    assert not obstacles(first, second)
    (second.ledger.folder / "card.json").unlink()
    assert "Their cards of images differ" in reasons(obstacles(first, second))


def test_samples_that_differ_although_fingerprints_do_not(tmp_path: Path) -> None:
    source = Source("official", "test", 4, "a" * 64, None)
    whole = run(tmp_path / "a", "images", scenes(4), SAID, SCENES, source=source)
    part = run(tmp_path / "b", "images", scenes(3), SAID[:3], SCENES, source=source)
    assert "1 samples are in one of them only" in reasons(obstacles(whole, part))
    samples = scenes(4)
    samples[2] = replace(samples[2], target=samples[1].target)
    moved = run(tmp_path / "c", "images", samples, SAID, SCENES, source=source)
    assert "1 samples have another truth or question, s2" in reasons(obstacles(whole, moved))
    shown = [*scenes(4), variant(scenes(4)[0])]
    assert not obstacles(whole, run(tmp_path / "e", "images", shown, [*SAID, "beach"], SCENES, source=source))
    turned = run(tmp_path / "d", "images", scenes(4)[::-1], SAID[::-1], SCENES, source=source)
    assert not obstacles(whole, turned)


def variant(sample: Sample) -> Sample:
    """The sample on a turned picture, as --views asks about it."""
    (picture,) = sample.images
    return replace(sample, id=f"{sample.id}~rot90", images=(replace(picture, change="rot90"),))


def test_lists_of_classes_that_differ(tmp_path: Path) -> None:
    first = run(tmp_path / "a", "images", scenes(4), SAID, SCENES)
    second = run(tmp_path / "b", "images", scenes(4), SAID, (*SCENES, "desert"))
    assert "Their lists of classes differ" in reasons(obstacles(first, second))


def test_an_incomplete_run_is_told_how_to_go_on(tmp_path: Path) -> None:
    first = run(tmp_path / "a", "images", scenes(4), SAID, SCENES)
    second = run(tmp_path / "b", "images", scenes(4), [*SAID[:3], None], SCENES)
    (found,) = obstacles(first, second)
    assert "incomplete: 1 of 4 samples have no answer" in found.reason
    assert "rsbench run --model replay,answers=b.jsonl --tasks images" in found.remedy
