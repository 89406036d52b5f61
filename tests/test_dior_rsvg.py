"""DIOR-RSVG: running numbers are those of the authors' loader, and are never of another object."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image

from rsbench.harness.contract import Sample
from rsbench.harness.datasets.card import Card, read_card
from rsbench.harness.datasets.dior_rsvg import SPLITS, read
from rsbench.harness.datasets.forms import of_form
from rsbench.harness.errors import DataError


def card(name: str = "dior_rsvg") -> Card:
    whole = read_card(name)
    return of_form(whole, whole.options["forms"][0])


def xml(folder: Path, stem: str, objects: Sequence[tuple[str, tuple[int, ...], str]]) -> None:
    """A file as the authors publish it."""
    rows = ""
    for name, box, text in objects:
        sides = "".join(f"<{n}>{v}</{n}>" for n, v in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True))
        rows += f"<object><name>{name}</name><pose>Unspecified</pose><bndbox>{sides}</bndbox>"
        rows += f"<description>{text}</description></object>"
    size = "<size><width>800</width><height>800</height><depth>3</depth></size>"
    folder.mkdir(parents=True, exist_ok=True)
    body = f"<annotation><filename>{stem}.jpg</filename>{size}<segmented>0</segmented>{rows}</annotation>"
    (folder / f"{stem}.xml").write_text(body)


def lists(root: Path, **numbers: list[int]) -> None:
    for split in SPLITS:
        (root / f"{split}.txt").write_text("".join(f"{n}\n" for n in numbers.get(split, [])))


def as_the_authors_read(annotations: Path, listing: Path) -> list[tuple[str, tuple[int, ...], str]]:
    """Their data_loader.py in a few lines: parts of an object are taken by their place."""
    wanted = {int(line) for line in listing.read_text().split()}
    found, count = [], 0
    for path in sorted(annotations.glob("*.xml")):
        tree = ElementTree.parse(path).getroot()
        for member in tree.findall("object"):
            if count in wanted:
                box = tuple(int(member[2][i].text or "") for i in range(4))
                found.append((str(tree.findtext("./filename")), box, str(member[3].text)))
            count += 1
    return found


def as_read(samples: tuple[Sample, ...]) -> list[tuple[str, tuple[int, ...], str]]:
    boxes = [tuple(int(v) for v in s.target.regions[0].points) for s in samples]
    return [(s.images[0].name, box, s.question) for s, box in zip(samples, boxes, strict=True)]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "Annotations"
    xml(
        folder, "00010", [("ship", (10, 20, 30, 45), "The ship on the left"), ("dam", (1, 2, 3, 4), "A dam ")]
    )
    xml(folder, "00002", [("vehicle", (0, 0, 100, 90), "A car &amp; a bus")])
    xml(folder, "00011", [("windmill", (5, 5, 60, 60), "A wind mill")])
    lists(tmp_path, train=[1], val=[3], test=[0, 2])
    return tmp_path


def test_numbers_run_over_sorted_files(root: Path) -> None:
    data = read(root, card())
    assert [s.id for s in data.samples] == ["0", "2"] and not data.problems
    assert as_read(data.samples) == [
        ("00002.jpg", (0, 0, 100, 90), "A car & a bus"),
        ("00010.jpg", (1, 2, 3, 4), "A dam"),
    ]
    first, second = data.samples
    assert first.tags == {"sensor": "optical", "object size": "medium", "class": "vehicle"}
    assert second.tags["object size"] == "small" and first.target.size == (800, 800)
    assert [s.question for s in read(root, card(), "val").samples] == ["A wind mill"]


def test_a_region_is_shown_and_described(root: Path) -> None:
    (sample,) = read(root, card("dior_rsvg_region"), "train").samples
    assert [r.points for r in sample.regions] == [(10.0, 20.0, 30.0, 45.0)] and sample.question == ""
    assert sample.target.texts == ("The ship on the left",) and sample.target.label == "ship"
    assert not sample.target.regions
    (mill,) = read(root, card("dior_rsvg_region"), "val").samples
    assert mill.target.label == "windmill"


def test_images_are_found_and_missed(root: Path) -> None:
    (root / "JPEGImages").mkdir()
    Image.new("RGB", (8, 8)).save(root / "JPEGImages/00002.jpg")
    data = read(root, card())
    assert [s.images[0].name for s in data.samples] == ["JPEGImages/00002.jpg"]
    assert [(p.item, p.reason) for p in data.problems] == [("2", "the image 00010.jpg is missing")]


@pytest.mark.parametrize("change", ["a file is gone", "a file more", "an empty file", "a number below 0"])
def test_numbers_of_other_objects_are_refused(root: Path, change: str) -> None:
    if change == "a file is gone":
        (root / "Annotations/00002.xml").unlink()
    elif change == "a file more":
        xml(root / "Annotations", "00001", [("ship", (0, 0, 9, 9), "x")])
    elif change == "an empty file":
        (root / "Annotations/00002.xml").write_text("")
    else:
        lists(root, train=[1], val=[3], test=[-1, 0, 2])
    with pytest.raises(DataError, match="the numbers would be of other objects") as caught:
        read(root, card())
    assert "whole" in str(caught.value) and ("00002" in str(caught.value)) == (change == "an empty file")


def test_a_damaged_file_keeps_its_numbers(root: Path) -> None:
    path = root / "Annotations/00002.xml"
    path.write_text(path.read_text().replace("</annotation>", "<torn"))
    data = read(root, card())
    assert [s.id for s in data.samples] == ["2"] and data.samples[0].question == "A dam"
    assert [p.item for p in data.problems] == ["00002", "0"] and "cannot be read" in data.problems[0].reason


def test_one_list_alone_is_enough_but_never_for_fewer_objects(root: Path) -> None:
    for split in ("train", "val"):
        (root / f"{split}.txt").unlink()
    assert len(read(root, card()).samples) == 2
    with pytest.raises(DataError, match="there is no val.txt"):
        read(root, card(), "val")
    for name in ("00010", "00011"):
        (root / f"Annotations/{name}.xml").unlink()
    with pytest.raises(DataError, match="number 3 objects, and the annotations hold 1"):
        read(root, card())
    (root / "test.txt").write_text("1\nx\n")
    with pytest.raises(DataError, match="test.txt is no list of numbers"):
        read(root, card())


def test_broken_objects_are_counted(root: Path) -> None:
    folder = root / "Annotations"
    xml(folder, "00002", [("vehicle", (5, 5, 5, 9), "flat")])
    text = (folder / "00010.xml").read_text()
    (folder / "00010.xml").write_text(text.replace("<description>A dam </description>", ""))
    lists(root, test=[0, 1, 2, 3])
    path = folder / "00011.xml"
    path.write_text(path.read_text().replace("<xmin>5</xmin>", "<xmin>?</xmin>"))
    data = read(root, card())
    assert [s.id for s in data.samples] == ["0", "1"]
    assert {p.item: p.reason for p in data.problems} == {
        "0": "a box without area: no answer can be right",
        "2": "there is no expression",
        "3": "a box with xmin '?'",
    }


def test_other_folders_get_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "images").mkdir()
    with pytest.raises(DataError, match="no xml annotations") as caught:
        read(tmp_path, card())
    assert "JPEGImages" in str(caught.value)


def test_the_published_lists(shared: Path, tmp_path: Path) -> None:
    """Every number of the real lists is read once; 38,320 objects lie in 40 files here."""
    for split in SPLITS:
        shutil.copy(shared / f"data/DIOR-RSVG_splits/{split}.txt", tmp_path)
    for file in range(40):
        boxes = [("ship", (0, 0, 10 + n % 700, 20), f"{file * 958 + n}") for n in range(958)]
        xml(tmp_path / "Annotations", f"{file:05d}", boxes)
    counts, seen = card().counts, set()
    for split in SPLITS:
        data = read(tmp_path, card(), split)
        assert len(data.samples) == counts[split] and not data.problems
        assert all(s.id == s.question for s in data.samples)
        seen |= {int(s.id) for s in data.samples}
    assert counts == {"train": 26991, "val": 3829, "test": 7500} and seen == set(range(38320))


def test_the_xml_of_dior(shared: Path, tmp_path: Path) -> None:
    """Real DIOR files, each object given a description, as the authors made theirs."""
    folder = tmp_path / "Annotations"
    folder.mkdir()
    count = 0
    for path in sorted(
        (shared / "data/DIOR_annotations/Annotations/Horizontal Bounding Boxes").glob("*.xml")
    ):
        tree = ElementTree.parse(path)
        for item in tree.getroot().findall("object"):
            ElementTree.SubElement(item, "description").text = f"object {count}"
            count += 1
        tree.write(folder / path.name)
    lists(tmp_path, train=list(range(0, count, 2)), test=list(range(1, count, 2)))
    for split in ("train", "test"):
        data = read(tmp_path, card(), split)
        assert as_read(data.samples) == as_the_authors_read(folder, tmp_path / f"{split}.txt")
        assert not data.problems and all(s.target.size == (800, 800) for s in data.samples)
    assert count > 500
    closed = replace(card("dior_rsvg_region"), options={**card().options, "open_classes": False})
    assert all(s.target.label for s in read(tmp_path, closed).samples)
