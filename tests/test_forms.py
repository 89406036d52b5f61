"""Benchmarks published in several forms: the one that lies there is read; real data under every card."""

from __future__ import annotations

import json
from pathlib import Path

import PIL.Image
import pytest

from rsbench.harness.contract import Sample
from rsbench.harness.datasets.card import Dataset, read_card
from rsbench.harness.datasets.forms import of_form
from rsbench.harness.datasets.forms import read as read_forms
from rsbench.harness.errors import DataError
from rsbench.harness.registry import load

XML = (
    "<annotation><object><name>ship</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>30</xmax>"
    "<ymax>40</ymax></bndbox></object></annotation>"
)


def read(root: Path, name: str, split: str | None = None) -> Dataset:
    made: Dataset = load("layouts", read_card(name).layout)(root, read_card(name), split)
    return made


def objects(data: Dataset) -> int:
    return sum(len(s.target.regions) for s in data.samples)


def picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.new("L", (100, 80)).save(path)


def put_ssdd(root: Path, form: str) -> None:
    """Three ships, 1 and 19 of the test set, in one of the published forms."""
    content = {"categories": [{"id": 1, "name": "ship"}]}
    rows = [{"id": n, "file_name": f"{n:06d}.jpg", "width": 100, "height": 80} for n in (1, 12, 19)]
    boxes = [{"id": 1, "image_id": n, "category_id": 1, "bbox": [1, 2, 29, 38]} for n in (1, 12, 19)]
    for n, split in ((1, "test"), (12, "train"), (19, "test")):
        xml, image = f"{n:06d}.xml", f"{n:06d}.jpg"
        places = {
            "voc_style": (f"BBox_SSDD/voc_style/Annotations_{split}/{xml}",
                          f"BBox_SSDD/voc_style/JPEGImages_{split}/{image}"),
            "coco_style": ("", f"BBox_SSDD/coco_style/images/{split}/{image}"),
            "json": ("", f"JPEGImages/{image}"),
            "xml": (f"Annotations/{xml}", f"JPEGImages/{image}"),
        }  # fmt: skip
        annotation, shown = places[form]
        picture(root / shown)
        if annotation:
            (root / annotation).parent.mkdir(parents=True, exist_ok=True)
            (root / annotation).write_text(XML)
    folder = root / "BBox_SSDD/coco_style/annotations"
    if form == "coco_style":
        folder.mkdir()
        for split, kept in (("test", (1, 19)), ("train", (12,))):
            chosen = {"images": [r for r in rows if r["id"] in kept],
                      "annotations": [b for b in boxes if b["image_id"] in kept]}  # fmt: skip
            (folder / f"{split}.json").write_text(json.dumps(content | chosen))
    if form == "json":
        (root / "SSDD.json").write_text(json.dumps(content | {"images": rows, "annotations": boxes}))


@pytest.mark.parametrize("form", ["voc_style", "coco_style", "json", "xml"])
def test_each_form_of_ssdd_has_the_same_test_set(form: str, tmp_path: Path) -> None:
    put_ssdd(tmp_path, form)
    for split, count in (("test", 2), ("train", 1)):
        data = read(tmp_path, "ssdd", split)
        assert len(data.samples) == count and data.problems == () and data.classes == ("ship",)
        assert {s.target.regions[0].points for s in data.samples} == {(1, 2, 30, 40)}
        assert all(Path(s.images[0].path).is_file() for s in data.samples)
    assert len(read(tmp_path, "ssdd", "all").samples) == 3
    assert {Path(s.images[0].name).stem for s in read(tmp_path, "ssdd").samples} == {"000001", "000019"}


def test_none_of_the_forms(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is none of BBox_SSDD/voc_style/Annotations_"):
        read(tmp_path, "ssdd")


def test_a_form_has_the_options_of_all_and_its_own() -> None:
    card = read_card("nwpu_vhr10")
    first = of_form(card, card.options["forms"][0])
    assert first.layout == "vhr10" and first.options["share"]["test"] == 0.6
    assert "forms" not in first.options and "sign" not in first.options
    assert load("layouts", "forms") is read_forms


def test_vhr10_text_and_its_conversion(shared: Path) -> None:
    """The conversion differs in a few boxes; images of the frozen test set are the same ones."""
    text, coco = (read(shared / "data" / part, "nwpu_vhr10") for part in ("NWPU-VHR-10", "NWPU-VHR-10/coco"))
    names = [sorted(Path(s.images[0].name).name for s in data.samples) for data in (text, coco)]
    assert names[0] == names[1] and len(names[0]) == 24
    everything = [read(shared / "data" / p, "nwpu_vhr10", "all") for p in ("NWPU-VHR-10", "NWPU-VHR-10/coco")]
    assert [objects(data) for data in everything] == [383, 384]
    assert not any(data.problems for data in (text, coco, *everything))


def by_image(data: Dataset) -> dict[str, Sample]:
    return {Path(s.images[0].name).stem: s for s in data.samples}


@pytest.mark.parametrize(
    ("name", "kind", "within"), [("hit_uav", "normal", 1), ("hit_uav_obb", "rotate", 0.05)]
)
def test_hit_uav_is_the_same_as_json_and_as_xml(name: str, kind: str, within: float, shared: Path) -> None:
    root = shared / "data/HIT-UAV"
    json_form = read(root, name, "val")
    xml_form = read(root / f"{kind}_xml", name, "val")
    assert len(json_form.samples) == len(xml_form.samples) == 145 and not json_form.problems
    assert [p.reason for p in xml_form.problems] == ["there is no list of the split: all images are taken"]
    for stem, sample in by_image(json_form).items():
        here, there = (sorted((r.label, r.crowd, *r.points) for r in s.target.regions)
                       for s in (sample, by_image(xml_form)[stem]))  # fmt: skip
        assert len(here) == len(there)
        for a, b in zip(here, there, strict=True):
            assert a[:2] == b[:2] and a[2:] == pytest.approx(b[2:], abs=within), stem


def test_radar_infrared_and_optical_data_in_their_own_folders(shared: Path) -> None:
    data = shared / "data"
    radar = read(data / "HRSID", "hrsid")
    assert (len(radar.samples), objects(radar)) == (15, 22)
    assert ["which has no file of its own" in p.reason for p in radar.problems] == [True]
    with pytest.raises(DataError, match="split 'test' of HIT-UAV: .*\n.*--split val"):
        read(data / "HIT-UAV", "hit_uav")
    for name in ("dior", "dior_r"):
        horizontal = read(data / "DIOR_annotations", name)
        assert len(horizontal.samples) == 100 and not horizontal.problems
        assert {len(r.points) for s in horizontal.samples for r in s.target.regions} == {
            8 if name == "dior_r" else 4
        }
    ships = read(data / "SSDD_annotations", "ssdd")
    assert (len(ships.samples), ships.problems) == (232, ())
    assert {s.images[0].name[-5] for s in ships.samples} == {"1", "9"}
    assert len(read(data / "SSDD_annotations", "ssdd", "train").samples) == 928
