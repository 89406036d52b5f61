"""Miniatures come back through the ordinary readers with the labels they were drawn with."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.contract import Sample
from rsbench.harness.datasets.card import Card, card_names, read_card
from rsbench.harness.datasets.mini.official import LEAST_VISIBLE
from rsbench.harness.datasets.mini.plan import FIRST_TRAINING_SEED, TEST_SEED, seed_of, shots
from rsbench.harness.datasets.mini.scene import DrawnObject
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.names import shown
from rsbench.harness.datasets.sidecar import FILE
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.registry import load

SMALL = 96  # pixels a side: quick to draw


def small(name: str) -> Card:
    card = read_card(name)
    mini: dict[str, Any] = {**card.mini, "side": SMALL}
    if "classes" in mini:
        mini["classes"] = dict(list(mini["classes"].items())[:4])
    return replace(card, mini=mini)


def written(name: str, root: Path, count: int) -> tuple[Card, tuple[Sample, ...]]:
    card = small(name)
    write_mini(card, root, count=count)
    data = load("layouts", card.layout)(root, card, card.split or "test")
    assert data.problems == ()
    return card, data.samples


def points(item: DrawnObject, oriented: bool) -> tuple[float, ...]:
    return item.corners if oriented else item.box


@pytest.mark.parametrize("name", [n for n in card_names() if read_card(n).family == "classification"])
def test_scene_classes_come_back(name: str, tmp_path: Path) -> None:
    card, samples = written(name, tmp_path / "x", 2)
    assert sorted(s.target.label or "" for s in samples) == sorted(
        2 * [shown(card, c) for c in card.mini["classes"]]
    )
    assert all({"sensor", "shift", "class", "ground sampling distance"} <= set(s.tags) for s in samples)


@pytest.mark.parametrize(
    ("name", "within"),
    [("mar20", 0.005), ("mar20_obb", 0.005), ("voc", 0.005), ("coco", 0.01), ("dota", 0.05)],
)
def test_boxes_come_back_within_the_rounding_of_the_layout(name: str, within: float, tmp_path: Path) -> None:
    card, samples = written(name, tmp_path / "x", 8)
    held = {n for objects in card.mini["scenes"].values() for n in objects}
    drawn = [shot.draw(TEST_SEED, SMALL) for shot in shots(card, "test", TEST_SEED, 8)]
    ordered = sorted(samples, key=lambda s: int(s.id.strip("P")))
    oriented = name in ("mar20_obb", "dota")
    total = 0
    for scene, sample in zip(drawn, ordered, strict=True):
        items = [item for item in scene.objects if item.name in held]
        assert len(items) == len(sample.target.regions)
        for item, region in zip(items, sample.target.regions, strict=True):
            assert region.points == pytest.approx(points(item, oriented), abs=within + 1e-9)
            assert region.ignore == (item.visible < LEAST_VISIBLE)
            label = item.type if name.startswith("mar20") else item.name
            assert region.label == ("plane" if label == "airplane" and name == "dota" else label)
            total += 1
    assert total > 8


def test_both_cards_of_mar20_read_one_miniature(tmp_path: Path) -> None:
    write_mini(small("mar20"), tmp_path / "x", count=3)
    flat, turned = (
        load("layouts", "voc")(tmp_path / "x", read_card(n), "test") for n in ("mar20", "mar20_obb")
    )
    assert [len(s.target.regions) for s in flat.samples] == [len(s.target.regions) for s in turned.samples]
    assert {p.name for p in (tmp_path / "x").iterdir()} == {"JPEGImages", "Annotations", "ImageSets", FILE}


def test_shares_of_a_plan() -> None:
    plan = list(shots(read_card("voc"), "test", TEST_SEED, 400))
    assert 0.18 < sum(s.shifted for s in plan) / 400 < 0.32
    empty = [s for s in plan if s.objects and not any(high for _, high in s.objects.values())]
    assert 0.04 < len(empty) / 400 < 0.13
    assert 0.4 < sum(s.look == "optical" for s in plan) / 400 < 0.6
    assert not any(s.shifted for s in shots(read_card("voc"), "train", FIRST_TRAINING_SEED, 100))
    assert plan[:5] == list(shots(read_card("voc"), "test", TEST_SEED, 5))


def test_seeds_of_tests_and_training_are_apart() -> None:
    assert seed_of("test", None) < FIRST_TRAINING_SEED <= seed_of("train", None)
    assert seed_of("train", None) == seed_of("train_full", None)
    others = {seed_of(split, None) for split in ("test", "val", "test_phili")}
    assert len(others) == 3 and max(others) < FIRST_TRAINING_SEED
    for split, seed in (("test", FIRST_TRAINING_SEED), ("train", FIRST_TRAINING_SEED - 1), ("test", -1)):
        with pytest.raises(UsageError, match="seed"):
            seed_of(split, seed)


def test_written_once_replaced_when_other_never_over_something_else(tmp_path: Path) -> None:
    card, out = small("nasc_tg2"), tmp_path / "out"
    write_mini(card, out, count=1)
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in out.rglob("*") if p.is_file()}
    write_mini(card, out, count=1)
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in before} == before
    write_mini(card, out, count=1, seed=7)
    assert json.loads((out / FILE).read_text())["made"]["seed"] == 7
    write_mini(card, tmp_path / "again", count=1)
    for path, (_, body) in before.items():  # the same seed draws the same bytes
        assert (tmp_path / "again" / path.relative_to(out)).read_bytes() == body
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/photo.jpg").write_bytes(b"x")
    with pytest.raises(DataError, match="no miniature"):
        write_mini(card, tmp_path / "mine", count=1)
    assert (tmp_path / "mine/photo.jpg").read_bytes() == b"x"


def test_an_interrupted_drawing_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from rsbench.harness.datasets.mini import write

    def stopped(*_: object) -> object:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(write, "write_sidecar", stopped)
        with pytest.raises(KeyboardInterrupt):
            write_mini(small("nasc_tg2"), tmp_path / "out", count=1)
    assert list(tmp_path.iterdir()) == []
    assert (write_mini(small("nasc_tg2"), tmp_path / "out", count=1) / FILE).is_file()


def test_a_card_without_a_miniature(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no miniature"):
        write_mini(replace(read_card("voc"), mini={}), tmp_path / "x")


def test_where_nothing_can_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(DataError, match="Cannot write .*\n.*give another --output"):
        write_mini(small("coco"), tmp_path / "file" / "mini", count=1)
