"""VOC xml: both box forms, splits, sizes, and every way an annotation is broken."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import PIL.Image
import pytest

from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.voc import read
from rsbench.harness.errors import DataError
from rsbench.harness.registry import load

VOC, MAR20, OBB = read_card("voc"), read_card("mar20"), read_card("mar20_obb")
HBB_FOLDER, OBB_FOLDER = (f"Annotations/{kind} Bounding Boxes" for kind in ("Horizontal", "Oriented"))


def box(name: str, x1: object, y1: object, x2: object, y2: object, difficult: int = 0) -> str:
    return (
        f"<object><name>{name}</name><difficult>{difficult}</difficult><bndbox><xmin>{x1}</xmin>"
        f"<ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox></object>"
    )


def put(
    root: Path, stem: str, *objects: str, size: bool = True, folder: str = "Annotations", name: str = ""
) -> None:
    (root / folder).mkdir(parents=True, exist_ok=True)
    head = f"<filename>{name}</filename>" if name else ""
    head += "<size><width>100</width><height>80</height><depth>3</depth></size>" if size else ""
    (root / folder / f"{stem}.xml").write_text(f"<annotation>{head}{''.join(objects)}</annotation>")


def picture(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.new("RGB", (100, 80)).save(root / name)


def test_boxes_sizes_and_ignored_objects(tmp_path: Path) -> None:
    put(
        tmp_path,
        "a",
        box("Ship", 1, 2, 30, 40),
        box("OtherVehicle", 5, 5, 9, 9, difficult=1),
        box("DontCare", 0, 0, 9, 9),
    )
    put(tmp_path, "b", size=False, name="b")
    picture(tmp_path, "JPEGImages/a.JPG", "JPEGImages/b.png")
    data = read(tmp_path, VOC)
    a, b = data.samples
    assert [(r.points, r.label, r.ignore) for r in a.target.regions] == [
        ((1, 2, 30, 40), "ship", False),
        ((5, 5, 9, 9), "other vehicle", True),
        ((0, 0, 9, 9), "ship", True),  # nothing is asked for here, whatever the class
        ((0, 0, 9, 9), "other vehicle", True),
    ]
    assert (a.images[0].name, a.images[0].size) == ("JPEGImages/a.JPG", (100, 80))
    assert b.target.regions == () and b.images[0].size == (100, 80)  # from the header
    assert data.classes == ("ship", "other vehicle")
    assert data.problems == ()


def test_both_rotated_forms(tmp_path: Path) -> None:
    corners = ("x_left_top 1", "y_left_top 2", "x_right_top 9", "y_right_top 3", "x_right_bottom 8",
               "y_right_bottom 12", "x_left_bottom 0", "y_left_bottom 11")  # fmt: skip
    named = "".join("<{0}>{1}</{0}>".format(*part.split()) for part in corners)
    centred = f"<cx>50</cx><cy>40</cy><w>20</w><h>10</h><angle>{math.pi / 2}</angle>"
    objects = (f"<object><name>ship</name><robndbox>{form}</robndbox></object>" for form in (named, centred))
    put(tmp_path, "a", *objects, box("ship", 1, 1, 3, 4))
    first, second, third = read(tmp_path, VOC).samples[0].target.regions
    assert first.points == (1, 2, 9, 3, 8, 12, 0, 11)
    assert second.points == pytest.approx((55, 30, 55, 50, 45, 50, 45, 30))
    assert third.points == (1, 1, 3, 1, 3, 4, 1, 4)  # one oriented box makes all of them oriented
    flat = replace(VOC, options={"oriented": False})
    assert read(tmp_path, flat).samples[0].target.regions[0].points == (0, 2, 9, 12)


def test_broken_items_are_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    put(tmp_path, "good", box("ship", 1, 2, 3, 4))
    put(tmp_path, "boxes", box("ship", "nan", 2, 3, 4), box("ship", 3, 2, 3, 4), box("ship", 9, 2, 3, 4),
        box("ship", 200, 2, 300, 4), box("ship", "x", 2, 3, 4), box(" ", 1, 2, 3, 4),
        "<object><name>ship</name></object>", box("ship", -5, 2, 3, 4))  # fmt: skip
    put(tmp_path, "alone", box("ship", 1, 2, 3, 4))
    (tmp_path / "Annotations/empty.xml").touch()
    bomb = '<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;">]><annotation>&y;</annotation>'
    (tmp_path / "Annotations/bomb.xml").write_text(bomb)
    picture(tmp_path, "i/good.jpg", "i/boxes.jpg", "i/empty.jpg", "i/bomb.jpg", "i/more.jpg")
    data = read(tmp_path, VOC)
    assert {s.id: len(s.target.regions) for s in data.samples} == {"boxes": 1, "good": 1}
    reasons = {p.item: p.reason for p in data.problems}
    assert reasons["alone"] == "the image alone is missing"
    assert reasons["more"] == "an image without an annotation file"
    assert reasons["bomb"].endswith("it defines entities, which is refused")
    assert "cannot be read" in reasons["empty"]
    assert [reasons[f"boxes, object {i}"] for i in range(1, 8)] == [
        "a box with a number that is not finite (ship)",
        "a box without area (ship)",
        "a box whose far corner comes first (ship)",
        "a box outside the image of 100 x 80 pixels (ship)",
        "a box with xmin 'x'",
        "an object of the unknown class ''",
        "an object without a box",
    ]


def test_mar20_is_read_by_its_card(tmp_path: Path) -> None:
    root = tmp_path / "MAR20"
    for stem in ("1", "2", "10"):
        put(root, stem, box("A3", 1, 2, 3, 4), box("A21", 1, 2, 3, 4), folder=HBB_FOLDER)
        put(root, stem, box("A3", 1, 2, 3, 4), folder=OBB_FOLDER)
        picture(root, f"JPEGImages/{stem}.jpg")
    (root / "ImageSets/Main").mkdir(parents=True)
    (root / "ImageSets/Main/test.txt").write_text("10\n1\n3\n")
    for place in (root, tmp_path):
        data = read(place, MAR20)
        assert [s.id for s in data.samples] == ["1", "10"]
        assert len(data.classes) == 20 and data.samples[0].tags == {"sensor": "optical"}
        assert data.samples[0].images[0].name == "JPEGImages/1.jpg"
        assert [p.item for p in data.problems] == ["1, object 2", "10, object 2", "3"]
    assert [len(r.points) for s in read(root, OBB).samples for r in s.target.regions] == [8, 8]
    (root / "ImageSets/Main/test.txt").unlink()
    data = read(root, MAR20)
    assert len(data.samples) == 3 and "all images are taken" in data.problems[0].reason


def test_other_layouts_and_several_folders(tmp_path: Path) -> None:
    picture(tmp_path, "a/1.jpg", "b/2.jpg")
    with pytest.raises(DataError, match="looks like a folder of class folders") as caught:
        read(tmp_path, MAR20)
    assert "--tasks images" in str(caught.value) and "JPEGImages" in str(caught.value)
    for folder in ("x/Annotations", "y/Annotations"):
        put(tmp_path, "1", folder=folder)
    with pytest.raises(DataError, match="x/Annotations, y/Annotations"):
        read(tmp_path, VOC)


def test_annotations_alone_are_enough(shared: Path) -> None:
    root = shared / "data/DIOR_annotations"
    with pytest.raises(DataError, match="several folders"):
        read(root, VOC)
    horizontal, oriented = (read(root / folder, VOC) for folder in (HBB_FOLDER, OBB_FOLDER))
    assert len(horizontal.samples) == len(oriented.samples) == 100
    assert not horizontal.problems and not oriented.problems
    count = [sum(len(s.target.regions) for s in d.samples) for d in (horizontal, oriented)]
    assert count[0] == count[1] > 300
    assert {len(r.points) for s in oriented.samples for r in s.target.regions} == {8}
    assert horizontal.samples[0].images[0].size == (800, 800)
    assert "expressway service area" in {c.lower() for c in horizontal.classes}


def test_infrared_annotations_beside_their_images(shared: Path) -> None:
    horizontal, oriented = (read(shared / "data/HIT-UAV" / f, VOC) for f in ("normal_xml", "rotate_xml"))
    for data in (horizontal, oriented):
        assert len(data.samples) == 145 and not data.problems
        assert all(Path(s.images[0].path).is_file() for s in data.samples)
    assert len({(s.id, r.points) for s in horizontal.samples for r in s.target.regions}) == 1219
    ignored = [r for s in horizontal.samples for r in s.target.regions if r.ignore]
    assert ignored and "dont care" not in {c.lower() for c in horizontal.classes}
    for flat, turned in zip(horizontal.samples, oriented.samples, strict=True):
        assert flat.id == turned.id


def test_hidden_files_and_pictures_without_a_byte(tmp_path: Path) -> None:
    for stem in ("a", "._a", "none"):
        put(tmp_path, stem, box("ship", 1, 1, 20, 20))
    picture(tmp_path, "JPEGImages/a.jpg")
    (tmp_path / "JPEGImages/none.jpg").touch()
    data = read(tmp_path, VOC)
    assert [s.id for s in data.samples] == ["a"]
    assert [(p.item, p.reason) for p in data.problems] == [("none", "the image none.jpg is an empty file")]


def pointed(name: str, *points: str) -> str:
    listed = "".join(f"<point>{point}</point>" for point in points)
    return f"<object><possibleresult><name>{name}</name></possibleresult><points>{listed}</points></object>"


def put_points(root: Path, place: str, *objects: str, name: str = "") -> None:
    path = root / place
    path.parent.mkdir(parents=True, exist_ok=True)
    head = f"<source><filename>{name}</filename></source>"
    path.write_text(f"<annotation>{head}<objects>{''.join(objects)}</objects></annotation>")


SQUARE = ("10,10", "30.5,10", "30.5,20", "10,20")


def test_points_as_fair1m_and_air_sarship_have_them(tmp_path: Path) -> None:
    root, fair1m, radar = tmp_path / "FAIR1M", read_card("fair1m"), read_card("air_sarship")
    for part, folder in (("part1", "labelXml"), ("part2", "labelXmls")):
        put_points(
            root, f"train/{part}/{folder}/0.xml", pointed("other-ship", *SQUARE, SQUARE[0]), name="0.tif"
        )
        picture(root, f"train/{part}/images/0.tif")
    put_points(root, "validation/labelXml/7.xml", pointed("A220", *SQUARE), name="7.tif")
    picture(root, "validation/images/7.tif")
    train, test = (read(root, fair1m, split) for split in ("train", "test"))
    assert [(s.id, s.images[0].name) for s in train.samples] == [
        ("train/part1/labelXml/0", "train/part1/images/0.tif"),
        ("train/part2/labelXmls/0", "train/part2/images/0.tif"),
    ]  # fmt: skip
    assert [(s.id, s.target.regions[0].label) for s in test.samples] == [("7", "A220")]
    assert test.samples[0].target.regions[0].points == (10, 10, 30.5, 10, 30.5, 20, 10, 20)
    assert train.problems == test.problems == ()
    put_points(tmp_path, "AIR-SARShip-2.0-xml/1.xml", pointed("ship", *SQUARE, SQUARE[0]), name="1.tiff")
    picture(tmp_path, "AIR-SARShip-2.0-data/1.tiff")
    (ship,) = load("layouts", "forms")(tmp_path, radar, "all").samples
    assert ship.target.regions[0].points == (10, 10, 30.5, 20)
    assert ship.images[0].name == "AIR-SARShip-2.0-data/1.tiff"


def test_points_that_are_no_box(tmp_path: Path) -> None:
    broken = [SQUARE[:3], (*SQUARE, "1,1"), ("1,1,1", *SQUARE[1:]), ("x,1", *SQUARE[1:]), ()]
    put_points(tmp_path, "Annotations/a.xml", *(pointed("ship", *points) for points in broken))
    picture(tmp_path, "JPEGImages/a.jpg")
    data = read(tmp_path, VOC)
    assert data.samples[0].target.regions == ()
    assert [p.reason for p in data.problems] == [
        "a box of 3 points, not of 4", "a box of 5 points, not of 4", "a box of 4 points, not of 4",
        "a box of the points 'x,1; 30.5,10; 30.5,20; 10,20'", "a box of 0 points, not of 4",
    ]  # fmt: skip


def test_a_folder_a_class_and_a_frozen_split(tmp_path: Path) -> None:
    rsod = read_card("rsod")
    for kind in ("aircraft", "oiltank"):
        for n in range(1, 6):
            put(tmp_path, f"{kind}_{n}", box(kind, 1, 2, 3, 4), folder=f"{kind}/Annotation/xml")
            picture(tmp_path, f"{kind}/JPEGImages/{kind}_{n}.jpg")
    parts = [{s.id for s in read(tmp_path, rsod, split).samples} for split in ("train", "val", "test")]
    assert [len(part) for part in parts] == [6, 2, 2] and len(set.union(*parts)) == 10
    assert len(read(tmp_path, rsod, "all").samples) == 10 and not read(tmp_path, rsod, "all").problems
    with pytest.raises(DataError, match="no split 'dev'"):
        read(tmp_path, rsod, "dev")


def test_line_ends_of_windows_and_a_split_without_annotations(tmp_path: Path) -> None:
    put(tmp_path, "a", box("ship", 1, 2, 3, 4), folder="BBox_SSDD/voc_style/Annotations_test")
    ssdd = read_card("ssdd")
    with pytest.raises(DataError, match="Annotations_train"):
        load("layouts", "forms")(tmp_path, ssdd, "train")
    root = tmp_path / "TGRS"
    put(root, "1", box("T junction", 1, 2, 3, 4), folder="OPT2017/Annotations")
    picture(root, "OPT2017/JPEGImages/1.jpg")
    (root / "OPT2017/ImageSets/Main").mkdir(parents=True)
    (root / "OPT2017/ImageSets/Main/test.txt").write_bytes(b"\xef\xbb\xbf1\r\n\r\n")
    for place in (tmp_path, root, root / "OPT2017"):
        data = read(place, read_card("hrrsd"))
        assert [r.label for r in data.samples[0].target.regions] == ["T junction"] and not data.problems
