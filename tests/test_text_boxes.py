"""Boxes in text files: every form, real files of two of them, and every way in which one is broken."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import PIL.Image
import pytest

from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.forms import of_form
from rsbench.harness.datasets.text_boxes import ucas_aod, vhr10, visdrone, yolo
from rsbench.harness.errors import DataError

VHR10, UCAS, POLYGONS, DRONE = (
    of_form(read_card("nwpu_vhr10"), read_card("nwpu_vhr10").options["forms"][0]),
    of_form(read_card("ucas_aod"), read_card("ucas_aod").options["forms"][0]),
    of_form(read_card("ucas_aod"), read_card("ucas_aod").options["forms"][1]),
    read_card("visdrone"),
)


def put(root: Path, image: str, text: str | bytes | None, annotation: str = "") -> None:
    """A picture of 200 x 100 pixels, and its annotation."""
    if image:
        (root / image).parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.new("L", (200, 100)).save(root / image)
    if text is not None:
        path = root / annotation
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


def vhr(root: Path, stem: str, text: str | bytes | None, image: bool = True) -> None:
    put(root, f"positive image set/{stem}.jpg" if image else "", text, f"ground truth/{stem}.txt")


def test_vhr10_with_its_blanks_and_line_ends(tmp_path: Path) -> None:
    vhr(tmp_path, "001", b"\xef\xbb\xbf(1,2),(30,40),1 \r\n( 5, 6 ),(9,\t9), 10\r\n\r\n")
    (sample,) = vhr10(tmp_path, VHR10, "all").samples
    assert [(r.points, r.label) for r in sample.target.regions] == [
        ((1, 2, 30, 40), "airplane"), ((5, 6, 9, 9), "vehicle"),
    ]  # fmt: skip
    assert (sample.id, sample.images[0].name) == ("001", "positive image set/001.jpg")
    assert sample.images[0].size == (200, 100) and sample.tags == {"sensor": "optical"}


def test_what_is_broken_is_counted_and_the_rest_is_read(tmp_path: Path) -> None:
    lines = ["(1,2),(3,4)", "(1,2),(3,4),11", "(9,2),(3,4),1", "(1,2),(1,4),1", "(300,2),(400,9),1", "x"]
    vhr(tmp_path, "1", "\n".join([*lines, "(1,2),(3,4),2"]))
    vhr(tmp_path, "2", "rubbish\n")
    vhr(tmp_path, "3", "", image=False)
    vhr(tmp_path, "4", None)
    vhr(tmp_path, "5", b"\xff\xfe\x00")
    vhr(tmp_path, "6", "")
    (tmp_path / "ground truth/7.txt").write_text("")
    (tmp_path / "positive image set/7.jpg").touch()
    data = vhr10(tmp_path, VHR10, "all")
    assert {s.id: len(s.target.regions) for s in data.samples} == {"1": 1, "6": 0}
    reasons = {p.item: p.reason for p in data.problems}
    assert reasons["1, line 1"] == reasons["1, line 6"] == "a line that is not (x1,y1),(x2,y2),class"
    assert reasons["1, line 2"] == "an object of the unknown class '11'"
    assert reasons["1, line 3"] == "a box whose far corner comes first (airplane)"
    assert reasons["1, line 4"] == "a box without area (airplane)"
    assert reasons["1, line 5"] == "a box outside the image of 200 x 100 pixels (airplane)"
    assert "not known to be empty" in reasons["2"]
    assert reasons["3"] == "the image 3 is missing"
    assert reasons["4"] == "an image without an annotation file"
    assert "cannot be read" in reasons["5"]
    assert reasons["7"] == "the image 7.jpg is an empty file"
    assert len(reasons) == 12


def test_a_list_of_the_split_comes_before_the_frozen_one(tmp_path: Path) -> None:
    for n in range(10):
        vhr(tmp_path, str(n), "(1,2),(3,4),2")
    test, train = (vhr10(tmp_path, VHR10, s).samples for s in ("test", "train"))
    assert (len(test), len(train)) == (6, 2) and not {s.id for s in test} & {s.id for s in train}
    put(tmp_path, "", "9\n1\r\n12\n9\n", "ImageSets/test.txt")
    data = vhr10(tmp_path, VHR10, "test")
    assert [s.id for s in data.samples] == ["1", "9"]
    assert [(p.item, p.reason) for p in data.problems] == [("12", "it has no annotation file")]


def test_visdrone_flags_and_areas(tmp_path: Path) -> None:
    lines = ["1,2,30,40,1,4,0,1", "5,5,10,10,0,1,0,0,", "0,0,50,50,0,0,0,0", "60,60,9,9,1,11,0,0", "1,2,3"]
    place = "VisDrone2019-DET-test-dev"
    put(tmp_path, f"{place}/images/a.jpg", "\n".join(lines), f"{place}/annotations/a.txt")
    data = visdrone(tmp_path, DRONE, "test")
    asked = [(r.points, r.label, r.ignore) for r in data.samples[0].target.regions if not r.crowd]
    assert asked == [((1, 2, 31, 42), "car", False), ((5, 5, 15, 15), "pedestrian", True)]
    areas = [r for r in data.samples[0].target.regions if r.crowd]
    assert len(areas) == 2 * 10 and {r.label for r in areas} == set(data.classes)
    assert {r.points for r in areas} == {(0, 0, 50, 50), (60, 60, 69, 69)}
    assert [p.reason for p in data.problems] == ["a line of 3 parts, not 8"]
    assert visdrone(tmp_path / place, DRONE, "test").samples[0].id == "a"
    with pytest.raises(DataError, match="VisDrone2019-DET-val/annotations"):
        visdrone(tmp_path, DRONE, "val")


def test_ucas_aod_has_its_class_from_the_folder(tmp_path: Path) -> None:
    row = "1.0e+01\t20\t30\t20\t30\t40\t10\t40\t9.0e+01\t10\t20\t20\t20\t\n"
    for folder in ("CAR", "PLANE"):
        put(tmp_path, f"{folder}/P0001.png", row, f"{folder}/P0001.txt")
    put(tmp_path, "PLANE/P0002.png", row, "CAR/P0002.txt")  # the picture lies in the other folder
    put(tmp_path, "Neg/N0001.png", None)
    data = ucas_aod(tmp_path, UCAS, "all")
    assert [(s.id, s.images[0].name) for s in data.samples] == [
        ("CAR/P0001", "CAR/P0001.png"), ("PLANE/P0001", "PLANE/P0001.png"),
    ]  # fmt: skip
    assert [s.target.regions[0].label for s in data.samples] == ["car", "plane"]
    assert data.samples[0].target.regions[0].points == (10, 20, 30, 20, 30, 40, 10, 40)
    assert [(p.item, p.reason) for p in data.problems] == [("CAR/P0002", "the image P0002 is missing in CAR")]


def test_yolo_boxes_and_polygons(tmp_path: Path) -> None:
    put(tmp_path, "images/val/1.png", "0 0.5 0.5 0.1 0.2\n9 0.5 0.5 0.1 0.2\n0 1 2\n", "labels/val/1.txt")
    data = yolo(tmp_path, replace(POLYGONS, options={**POLYGONS.options, "oriented": False}), "val")
    assert data.samples[0].target.regions[0].points == pytest.approx((90, 40, 110, 60))
    assert [p.reason for p in data.problems] == [
        "an object of the unknown class '9'", "a line of 3 parts, not 5 or 9",
    ]  # fmt: skip
    with pytest.raises(
        DataError, match=r"there is no labels/test\.\nIt holds those of val, all: --split val"
    ):
        yolo(tmp_path, POLYGONS, "test")


def test_no_annotations_at_all(tmp_path: Path) -> None:
    for read, card in ((vhr10, VHR10), (ucas_aod, UCAS), (yolo, POLYGONS), (visdrone, DRONE)):
        with pytest.raises(DataError, match="does not hold .*there is no"):
            read(tmp_path, card, "test")


def counted(folder: Path) -> tuple[int, int]:
    """Files, and lines that are not blank."""
    texts = [path.read_text() for path in sorted(folder.rglob("*.txt"))]
    return len(texts), sum(bool(line.strip()) for text in texts for line in text.splitlines())


def test_real_vhr10(shared: Path) -> None:
    root = shared / "data/NWPU-VHR-10"
    data = vhr10(root, VHR10, "all")
    regions = [r for s in data.samples for r in s.target.regions]
    assert (len(data.samples), len(regions)) == counted(root / "ground truth") == (40, 383)
    assert not data.problems
    path = root / "ground truth/009.txt"
    rows = [[int(n) for n in re.findall(r"\d+", line)] for line in path.read_text().splitlines() if line]
    (sample,) = (s for s in data.samples if s.id == "009")
    assert [list(r.points) for r in sample.target.regions] == [row[:4] for row in rows]


def test_real_polygons(shared: Path) -> None:
    root = shared / "data/UCAS50"
    data = yolo(root, POLYGONS, "all")
    regions = [r for s in data.samples for r in s.target.regions]
    assert (len(data.samples), len(regions)) == counted(root / "UCAS50/labels") == (13, 107)
    assert not data.problems
    (sample,) = yolo(root, POLYGONS, "val").samples[:1]
    with PIL.Image.open(sample.images[0].path) as picture:
        width, height = picture.size
    path = root / f"UCAS50/labels/val/{sample.id}.txt"
    first = [float(n) for n in path.read_text().splitlines()[0].split()]
    assert sample.target.regions[0].points[:2] == pytest.approx((first[1] * width, first[2] * height))
    assert sample.target.regions[0].label == ("plane", "car")[int(first[0])]
