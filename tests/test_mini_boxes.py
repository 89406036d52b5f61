"""Miniatures of detection benchmarks: the published names and keys, and the boxes that were drawn."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from rsbench.harness.datasets.card import Card, card_names, read_card
from rsbench.harness.datasets.mini.official import LEAST_VISIBLE
from rsbench.harness.datasets.mini.plan import Shot
from rsbench.harness.datasets.mini.scene import DrawnObject, Scene
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.open import open_dataset
from rsbench.harness.registry import load

from .made_scenes import made_scenes

COUNT = 9
# how far a coordinate may be off: the rounding of the layout, in pixels
WITHIN = dict.fromkeys(("hit_uav", "hit_uav_obb", "hrsid", "coco"), 0.011) | {"nwpu_vhr10": 1, "visdrone": 1}
TRAINED = ("dior", "fair1m", "visdrone", "ssdd", "hrsid")  # their splits lie in places of their own
NAMES = """mar20 mar20_obb dior dior_r fair1m hrrsd nwpu_vhr10 rsod ucas_aod visdrone ssdd hrsid air_sarship
    hit_uav hit_uav_obb sea_shipping infrared_security aerial_mancar double_light_vehicle oceanic_ship voc
    coco"""


def written(name: str, root: Path, split: str = "test", count: int = COUNT) -> list[tuple[Shot, Scene]]:
    """What the writer of a card was given."""
    card = read_card(name)
    scenes = made_scenes(card, count)
    load("writers", card.layout)(card, root, split, scenes)
    return scenes


def marked(card: Card, scenes: list[tuple[Shot, Scene]]) -> list[DrawnObject]:
    """The objects that a release would mark: all, where it has a flag for difficult ones."""
    held = {name for names in card.mini["scenes"].values() for name in names}
    items = (item for _, scene in scenes for item in scene.objects if item.name in held)
    return [item for item in items if flagged(card) or item.visible >= LEAST_VISIBLE]


def flagged(card: Card) -> bool:
    """Whether the layout can mark difficult objects."""
    keys = card.mini.get("files", {"bndbox": ""})
    return bool({"bndbox", "corners", "json"} & set(keys)) or card.layout == "visdrone"


@pytest.mark.parametrize("name", NAMES.split())
def test_boxes_come_back_within_the_rounding_of_the_layout(name: str, tmp_path: Path) -> None:
    card, split = read_card(name), "train" if name in TRAINED else "test"
    scenes = written(name, tmp_path, split)
    data = load("layouts", card.layout)(tmp_path, card, split)
    assert data.problems == () and len(data.samples) == COUNT
    items, within = marked(card, scenes), WITHIN.get(name, 0.0051)
    wanted = sorted(_row(item, bool(card.options.get("oriented")), within) for item in items)
    found = sorted(_hull(r.points) for s in data.samples for r in s.target.regions)
    assert len(found) == len(wanted) >= 2 * COUNT
    assert np.abs(np.array(found) - np.array(wanted)).max() <= within
    hidden = sum(item.visible < LEAST_VISIBLE for item in items)
    assert sum(r.ignore for s in data.samples for r in s.target.regions) == hidden
    assert (hidden > 0) == flagged(card)


def _row(item: DrawnObject, oriented: bool, within: float) -> tuple[float, ...]:
    points: tuple[float, ...] = item.corners if oriented else item.box
    return _hull(tuple(map(round, points)) if within == 1 else points)  # sorted like what is read


def _hull(points: tuple[float, ...]) -> tuple[float, ...]:
    xs, ys = points[0::2], points[1::2]
    return min(xs), min(ys), max(xs), max(ys)


@pytest.mark.parametrize(("sensor", "look"), [("SAR", "sar"), ("infrared", "infrared")])
def test_a_sensor_is_drawn_as_that_sensor(sensor: str, look: str) -> None:
    cards = [card for card in map(read_card, card_names()) if card.sensor == sensor]
    assert len(cards) >= 3
    assert all(dict(card.mini["looks"]) == {look: 1.0} for card in cards)


def files(root: Path) -> set[str]:
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "dior",
            "JPEGImages-test/00001.jpg|Annotations/Oriented Bounding Boxes/00001.xml|ImageSets/Main/test.txt",
        ),
        ("hrrsd", "OPT2017/Annotations/00001.xml|OPT2017/ImageSets/Main/test.txt"),
        ("ssdd", "BBox_SSDD/voc_style/Annotations_test/000001.xml"),
        ("hrsid", "HRSID_JPG/annotations/test2017.json"),
        ("fair1m", "validation/images/1.tif|validation/labelXml/1.xml"),
        ("nwpu_vhr10", "positive image set/001.jpg|ground truth/001.txt"),
        ("visdrone", "VisDrone2019-DET-test-dev/annotations/0000006_00001_d_0000001.txt"),
        ("hit_uav", "normal_json/annotations/test.json|normal_json/test/0_60_90_0_00001.jpg"),
        ("hit_uav_obb", "rotate_json/annotations/test.json"),
    ],
)
def test_the_published_names(name: str, expected: str, tmp_path: Path) -> None:
    written(name, tmp_path / "x", count=1)
    assert set(expected.split("|")) <= files(tmp_path / "x")


def test_folders_a_class_and_their_numbers(tmp_path: Path) -> None:
    for name, pattern in (("rsod", "*/JPEGImages/*_*.jpg"), ("ucas_aod", "[CP]*/P*.png")):
        written(name, tmp_path / name, count=6)
        images = [p.relative_to(tmp_path / name) for p in (tmp_path / name).glob(pattern)]
        by_folder: dict[str, list[int]] = {}
        for path in images:
            digits = "".join(c for c in path.stem if c.isdigit())
            by_folder.setdefault(path.parts[0], []).append(int(digits))
        assert len(by_folder) > 1 and sum(map(len, by_folder.values())) == 6
        assert all(sorted(numbers) == list(range(1, len(numbers) + 1)) for numbers in by_folder.values())


def test_the_keys_of_hit_uav_and_ids_from_nought(tmp_path: Path) -> None:
    written("hit_uav", tmp_path / "x")
    written("hit_uav_obb", tmp_path / "y")
    flat = json.loads((tmp_path / "x/normal_json/annotations/test.json").read_text())
    turned = json.loads((tmp_path / "y/rotate_json/annotations/test.json").read_text())
    assert set(flat) == {"images", "categories", "annotation"} and "annotations" in turned
    assert "filename" in flat["images"][0] and "filename" in turned["images"][0]
    assert [(c["id"], c["name"]) for c in flat["categories"]] == list(enumerate(read_card("hit_uav").classes))
    assert {len(row["bbox"]) for row in turned["annotations"]} == {5}


def test_radar_of_16_bits(tmp_path: Path) -> None:
    ((_, scene),) = written("air_sarship", tmp_path, count=1)
    with PIL.Image.open(tmp_path / "AIR-SARShip-2.0-data/1.tiff") as picture:
        values = np.asarray(picture)
    assert values.dtype == np.uint16 and values.max() > 255
    assert (values // 257 == scene.image[..., 0]).all()


@pytest.mark.parametrize("name", ["rsod", "hit_uav", "air_sarship"])
def test_a_drawn_miniature_is_read_by_its_card(name: str, tmp_path: Path) -> None:
    card = read_card(name)
    small = replace(card, mini={**card.mini, "side": 128})
    write_mini(small, tmp_path / "x", count=2)
    dataset, kind = open_dataset(small, tmp_path / "x", cache=tmp_path)
    assert (kind, len(dataset.samples), dataset.problems) == ("mini", 2, ())
    assert {s.tags["sensor"] for s in dataset.samples} == {card.sensor}
