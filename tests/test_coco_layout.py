"""COCO json and its variants, the files chosen, and broken entries."""

from __future__ import annotations

import json
from math import pi
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.coco import read
from rsbench.harness.errors import DataError

CARD = read_card("coco")
SHIP, CARE = {"id": 0, "name": "Ship"}, {"id": 4, "name": "DontCare"}


def image(key: Any, **more: Any) -> dict[str, Any]:
    return {"id": key, "file_name": f"{key}.jpg", "width": 100, "height": 80} | more


def thing(key: Any, box: Any, category: Any = 0, **more: Any) -> dict[str, Any]:
    return {"id": 1, "image_id": key, "bbox": box, "category_id": category} | more


def write(
    path: Path, images: Any, things: Any, categories: Any = (SHIP, CARE), key: str = "annotations"
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"images": images, "categories": list(categories), key: things}))


def test_boxes_flags_and_empty_images(tmp_path: Path) -> None:
    things = [
        thing(1, [10, 20, 30, 40], area=1200.5),
        thing(1, [0, 0, 5, 5], iscrowd=1),
        thing(1, [0, 0, 6, 6], ignore=1),
        thing(1, [0, 0, 7, 7], category=4),
    ]
    write(tmp_path / "annotations/a.json", [image(1), image(2), image(10)], things)
    data = read(tmp_path, CARD)
    assert [s.id for s in data.samples] == ["1", "2", "10"]
    first, *rest = data.samples[0].target.regions
    assert (first.points, first.label, first.area, first.ignore) == ((10, 20, 40, 60), "ship", 1200.5, False)
    assert [(r.crowd, r.ignore) for r in rest] == [(True, False), (False, True), (True, True)]
    assert data.samples[2].target.regions == ()
    assert data.classes == ("ship",) and data.aliases == (("category_id 0", "ship"),)
    assert data.samples[0].images[0].size == (100, 80)
    assert data.problems == ()


def test_variants_of_the_keys_and_rotated_boxes(tmp_path: Path) -> None:
    row = {"id": 7, "filename": "x", "date_captured": ""}
    write(tmp_path / "val.json", [row], [thing(7, [50, 40, 20, 10, pi / 2], difficult="1")], key="annotation")
    (tmp_path / "images").mkdir()
    PIL.Image.new("L", (64, 48)).save(tmp_path / "images/X.JPG")
    (sample,) = read(tmp_path, CARD).samples
    assert sample.images[0].name == "images/X.JPG" and sample.images[0].size == (64, 48)
    assert sample.target.regions[0].points == pytest.approx((55, 30, 55, 50, 45, 50, 45, 30))
    assert sample.target.regions[0].ignore


def test_angles_beyond_a_turn_are_degrees(tmp_path: Path) -> None:
    write(tmp_path / "a.json", [image(1)], [thing(1, [50, 40, 20, 10, 90]), thing(1, [50, 40, 20, 10, 1])])
    data = read(tmp_path, CARD)
    assert data.samples[0].target.regions[0].points == pytest.approx((55, 30, 55, 50, 45, 50, 45, 30))
    assert [p.reason for p in data.problems] == ["angles up to 90 are taken for degrees"]


def test_broken_entries_are_counted(tmp_path: Path) -> None:
    images = [image(1), image(2), image(3, width="?"), {"id": 4}, "nonsense", image(1)]
    boxes = [[1, 2, 0, 4], [1, 2, -3, 4], [float("nan"), 2, 3, 4], [1, 2, 3], None, "text", [200, 0, 9, 9]]
    things = [thing(1, box) for box in boxes] + [
        thing(1, [1, 2, 3, 4], category=9),
        thing(99, [1, 2, 3, 4]),
        5,
    ]
    write(tmp_path / "a.json", images, [*things, thing(1, [1, 2, 3, 4])])
    PIL.Image.new("L", (100, 80)).save(tmp_path / "1.jpg")
    (tmp_path / "3.jpg").write_bytes(b"broken")
    data = read(tmp_path, CARD)
    assert {s.id: len(s.target.regions) for s in data.samples} == {"1": 1}
    reasons = [p.reason for p in data.problems]
    assert "the image 2.jpg is missing" in reasons
    assert "3.jpg is damaged or not an image." in reasons
    assert "an image without id or file name" in reasons
    assert "a second annotation of the same image is left out" in reasons
    assert sum("not in the list" in r for r in reasons) == 2
    assert sum("1.jpg, object" in p.item for p in data.problems) >= 8


def test_which_file_is_taken(tmp_path: Path) -> None:
    (tmp_path / "results.json").write_text('[{"image_id": 1, "category_id": 1}]')
    with pytest.raises(DataError, match="no json file"):
        read(tmp_path, CARD)
    for name in ("instances_train", "instances_val"):
        write(tmp_path / f"annotations/{name}.json", [image(name)], [])
    with pytest.raises(DataError, match="instances_train.json, annotations/instances_val.json"):
        read(tmp_path, CARD)
    assert read(tmp_path, CARD, "val").samples[0].id == "instances_val"
    assert read(tmp_path / "annotations/instances_train.json", CARD).samples[0].id == "instances_train"
    with pytest.raises(DataError, match="no categories"):
        read(tmp_path / "results.json", CARD)
    (tmp_path / "annotations/instances_val.json").write_text('{"images": 1, "categories"')
    with pytest.raises(DataError, match="cannot be read"):
        read(tmp_path, CARD, "val")


def test_natural_images_by_annotation_alone(shared: Path) -> None:
    data = read(shared / "data/coco_fake_results", CARD)
    assert len(data.samples) == 100 and len(data.classes) == 80 and data.problems == ()
    assert not data.samples[0].images[0].path and data.samples[0].images[0].size
    assert ("category_id 90", "toothbrush") in data.aliases


def test_real_sensors(shared: Path) -> None:
    radar = read(shared / "data/HRSID", CARD)
    assert len(radar.samples) == 15 and sum(len(s.target.regions) for s in radar.samples) == 22
    assert radar.classes == ("ship",) and not radar.problems
    with pytest.raises(DataError, match="several annotation files"):
        read(shared / "data/NWPU-VHR-10", CARD)
    optical = read(shared / "data/NWPU-VHR-10/coco", CARD)
    assert len(optical.samples) == 40 and sum(len(s.target.regions) for s in optical.samples) == 384
    assert all(Path(s.images[0].path).is_file() for s in optical.samples)
    turned = read(shared / "data/NWPU-VHR-10/r-centernet_obb", CARD)
    assert "degrees" in turned.problems[0].reason and len(turned.problems) == 1
    ships = read(shared / "data/SSDD_annotations", CARD)
    assert len(ships.samples) == 1160 and ships.classes == ("ship",)


def test_real_infrared_variants(shared: Path) -> None:
    flat = read(shared / "data/HIT-UAV/normal_json", CARD)
    turned = read(shared / "data/HIT-UAV/rotate_json", CARD)
    assert len(flat.samples) == len(turned.samples) == 145 and not flat.problems and not turned.problems
    assert len({(s.id, r.points) for s in flat.samples for r in s.target.regions}) == 1219
    assert {len(r.points) for s in turned.samples for r in s.target.regions} == {8}
    assert flat.classes == ("person", "car", "bicycle", "other vehicle")


def test_broken_categories_are_counted(tmp_path: Path) -> None:
    strange = [
        {"id": 1, "name": "Plane"},
        {"id": 1, "name": "Dup"},
        {"name": "No id"},
        4,
        {"id": "x", "name": "X"},
    ]
    write(tmp_path / "a.json", [image(1)], [thing(1, [0, 0, 5, 5], category="x")], (SHIP, *strange))
    data = read(tmp_path, CARD)
    assert data.classes == ("ship", "plane", "X")
    assert [r.label for r in data.samples[0].target.regions] == ["X"]
    assert [p.item for p in data.problems] == ["category 3", "category 4", "category 5"]


def test_files_that_a_card_names(tmp_path: Path) -> None:
    ships = [{"id": 0, "name": "ship"}]
    card = read_card("hrsid")
    for split, key in (("train", 1), ("test", 1)):
        path = tmp_path / f"HRSID_JPG/annotations/{split}2017.json"
        write(path, [image(key, file_name=f"{split}.jpg")], [thing(key, [1, 2, 3, 4])], ships)
    assert [s.images[0].name for s in read(tmp_path, card).samples] == ["test.jpg"]
    assert [s.images[0].name for s in read(tmp_path, card, "train").samples] == ["train.jpg"]
    both = read(tmp_path, card, "all")
    assert [s.id for s in both.samples] == ["test2017/1", "train2017/1"] and not both.problems
    assert both.classes == ("ship",) and both.aliases == (("category_id 0", "ship"),)
    (tmp_path / "HRSID_JPG/annotations/test2017.json").unlink()
    with pytest.raises(DataError, match="--split train"):
        read(tmp_path, card)
    other = tmp_path / "HRSID_JPG/annotations/offshore.json"
    (tmp_path / "HRSID_JPG/annotations/train2017.json").rename(other)
    data = read(tmp_path, card)
    assert len(data.samples) == 1 and "'test', which has no file of its own" in data.problems[0].reason
