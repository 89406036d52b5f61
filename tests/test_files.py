"""Images are found by the names annotations give them."""

from __future__ import annotations

from pathlib import Path

from rsbench.harness.datasets.files import ImageIndex, find_images, folders_with


def touch(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"x")


def test_by_name_stem_case_and_folder(tmp_path: Path) -> None:
    touch(tmp_path, "train/1.jpg", "val/1.jpg", "val/B.TIF", "val/c.v2.png", ".git/d.jpg", "notes.txt")
    index = ImageIndex(tmp_path)
    assert len(index) == 4 and index.stems() == {"1", "b", "c.v2"}

    def name(asked: str, prefer: str = "") -> str | None:
        found = index.find(asked, prefer)
        return index.name(found) if found else None

    assert name("1.jpg") == "train/1.jpg" and name("1.jpg", "val") == "val/1.jpg"
    assert name("val/1.jpg") == name("x\\val\\1.JPG".replace("x\\", "")) == "val/1.jpg"
    assert name("b") == name("b.tif") == name("b.jpg") == "val/B.TIF"
    assert name("c.v2") == name("c.v2.jpg") == "val/c.v2.png"
    assert name("d") is None and name("") is None


def test_in_a_part_below_or_beside(tmp_path: Path) -> None:
    touch(tmp_path, "data/JPEGImages/1.jpg", "data/other/2.jpg")
    assert len(find_images(tmp_path / "data", ["1"], "JPEGImages")) == 1
    assert len(find_images(tmp_path / "data", ["1"], "images")) == 2
    touch(tmp_path, "data/xml/1.xml")
    beside = find_images(tmp_path / "data/xml", ["1"])
    assert len(beside) == 2 and beside.base == tmp_path / "data"
    assert len(find_images(tmp_path / "data/xml", ["9"])) == 0
    assert len(find_images(tmp_path / "data/xml", [])) == 0


def test_links_are_followed_once(tmp_path: Path) -> None:
    touch(tmp_path, "disk/1.jpg", "data/x/2.jpg")
    (tmp_path / "data/images").symlink_to(tmp_path / "disk")
    (tmp_path / "data/x/loop").symlink_to(tmp_path / "data")
    index = ImageIndex(tmp_path / "data")
    assert len(index) == 2 and index.name(index.find("1") or Path()) == "images/1.jpg"


def test_folders_that_hold_a_kind_of_file(tmp_path: Path) -> None:
    touch(tmp_path, "b/x.xml", "a/deep/y.XML", "c/z.txt", "1/2/3/4/w.xml")
    found = folders_with(tmp_path, lambda name: name.lower().endswith(".xml"))
    assert [p.relative_to(tmp_path).as_posix() for p in found] == ["b", "a/deep"]


def test_pictures_of_other_data_beside_are_left_alone(tmp_path: Path) -> None:
    for name in ("other/1.jpg", "other/2.jpg", "mine/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert len(find_images(tmp_path / "mine", ["1", "2"])) == 2
    assert len(find_images(tmp_path / "mine", ["1", "2", "3"])) == 0
    assert len(find_images(tmp_path / "mine", ["1", "2"], "JPEGImages")) == 0
