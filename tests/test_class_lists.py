"""Lists of images with their classes: what counts, what is told, and class folders where there is no list."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.class_lists import read
from rsbench.harness.errors import DataError

DSCR = read_card("dscr")


def put(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_images_are_found_wherever_they_lie(tmp_path: Path) -> None:
    put(tmp_path, "Images/a/crop_lu2019_.bmp", "Images/20090531\u5409\u8428\u666e_2.bmp")
    body = (
        "class,label\r\ncrop_lu2019_.bmp,aircraft carrier\r\n20090531\u5409\u8428\u666e_2.bmp,other\r\n\r\n"
    )
    (tmp_path / "test.csv").write_bytes(body.encode("utf-8-sig"))
    data = read(tmp_path, DSCR)
    assert [(s.id, s.target.label) for s in data.samples] == [
        ("20090531\u5409\u8428\u666e_2.bmp", "other military ship"),
        ("crop_lu2019_.bmp", "aircraft carrier"),
    ]
    assert data.problems == () and len(data.classes) == 7
    assert data.samples[0].tags == {"class": "other military ship", "sensor": "optical"}


def test_a_bad_line_costs_itself(tmp_path: Path) -> None:
    put(tmp_path, "a.bmp", "b.bmp", 'q".bmp')
    (tmp_path / "e.bmp").touch()
    rows = ["class,label", "a.bmp,cruiser", "b.bmp,submarine", "gone.bmp,cruiser", "a.bmp,cruiser"]
    rows += [",cruiser", "b.bmp", "e.bmp,cruiser", 'q".bmp,destroyer', "\u0000"]
    (tmp_path / "test.csv").write_text("\n".join(rows))
    data = read(tmp_path, DSCR)
    assert [s.id for s in data.samples] == ["a.bmp", 'q".bmp']  # the quotation mark ends nothing
    assert [(p.item, p.reason.partition(": ")[2]) for p in data.problems] == [
        ("b.bmp", "'submarine' is no class of DSCR"),
        ("gone.bmp", "there is no such image"),
        ("a.bmp", "a second line for this image is left out"),
        ("line 6", "no file name"),
        ("b.bmp", "'' is no class of DSCR"),
        ("e.bmp", "an empty file"),
        ("\u0000", "'' is no class of DSCR"),
    ]


def test_the_places_of_a_list_are_tried_in_turn(tmp_path: Path) -> None:
    put(tmp_path, "a.bmp")
    (tmp_path / "annotations").mkdir()
    (tmp_path / "annotations/val.csv").write_text(
        "label,class\ncruiser,a.bmp\n"
    )  # by the head, not the order
    assert [s.target.label for s in read(tmp_path, DSCR, "val").samples] == ["cruiser"]


def test_class_folders_stand_in_for_a_list(tmp_path: Path) -> None:
    put(tmp_path, "cruiser/a.bmp", "destroyer/b.bmp", "submarine/c.bmp")
    data = read(tmp_path, DSCR)
    assert [s.target.label for s in data.samples] == ["cruiser", "destroyer"]
    assert [p.item for p in data.problems] == ["submarine"]


def test_a_list_of_another_form_is_refused(tmp_path: Path) -> None:
    put(tmp_path, "a.bmp")
    (tmp_path / "test.csv").write_text("file,label\na.bmp,cruiser\n")
    with pytest.raises(DataError, match="no column class") as caught:
        read(tmp_path, DSCR)
    assert "class,label" in str(caught.value)
    (tmp_path / "test.csv").write_text("class,label\nz.bmp,cruiser\n")
    with pytest.raises(DataError, match="no line of test.csv names an image"):
        read(tmp_path, DSCR)
    (tmp_path / "test.csv").write_text("")
    with pytest.raises(DataError, match="no column class and no column label"):
        read(tmp_path, DSCR)
