"""DOTA's labelTxt: headers, flags, patches, and broken lines."""

from __future__ import annotations

from pathlib import Path

import PIL.Image
import pytest

from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.dota import read
from rsbench.harness.errors import DataError

CARD = read_card("dota")
LINE = "10 10 30 10 30 20 10 20"


def put(root: Path, stem: str, text: str | None, folder: str = "labelTxt", suffix: str = ".png") -> None:
    (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "images").mkdir(exist_ok=True)
    if text is not None:
        (root / folder / f"{stem}.txt").write_text(text)
    if suffix:
        PIL.Image.new("RGB", (100, 80)).save(root / f"images/{stem}{suffix}")


def test_lines_headers_and_flags(tmp_path: Path) -> None:
    text = f"imagesource:GoogleEarth\ngsd:0.15\n{LINE} plane 0\n{LINE} small-vehicle 1\n\n{LINE} ship 2\n"
    put(tmp_path, "P0004__1__0___0", text + f"{LINE} wind-mill\n{LINE} DontCare 0")
    put(tmp_path, "P1", "imagesource:GF\ngsd:null\n", suffix=".JPG")
    second, first = read(tmp_path, CARD).samples
    assert first.id == "P0004__1__0___0" and first.images[0].name == "images/P0004__1__0___0.png"
    assert [(r.label, r.ignore) for r in first.target.regions if not r.crowd] == [
        ("plane", False), ("small vehicle", True), ("ship", True), ("wind mill", False),
    ]  # fmt: skip
    assert first.target.regions[0].points == (10, 10, 30, 10, 30, 20, 10, 20)
    assert first.tags == {"sensor": "optical", "ground sampling distance": "under 0.3 m"}
    assert first.images[0].size == (100, 80)
    assert second.target.regions == () and second.tags == {"sensor": "optical"}
    assert read(tmp_path, CARD).classes[-1] == "wind mill" and len(read(tmp_path, CARD).classes) == 16


def test_broken_lines_and_files(tmp_path: Path) -> None:
    put(tmp_path, "a", f"1 2 3 plane 0\n{LINE.replace('30', 'x')} plane 0\n{'5 ' * 8}plane 0\n{LINE} plane 0")
    put(tmp_path, "b", None)
    put(tmp_path, "c", LINE + " ship 0", suffix="")
    (tmp_path / "labelTxt/d.txt").write_bytes(b"\xff\xfe\x00")
    PIL.Image.new("RGB", (9, 9)).save(tmp_path / "images/d.png")
    data = read(tmp_path, CARD)
    assert {s.id: len(s.target.regions) for s in data.samples} == {"a": 1}
    reasons = {p.item: p.reason for p in data.problems}
    assert reasons["a, line 1"] == "a line of 5 parts, not 9 or 10"
    assert reasons["a, line 2"] == "a line that does not begin with eight numbers"
    assert reasons["a, line 3"] == "a box without area (plane)"
    assert reasons["b"] == "an image without an annotation file"
    assert reasons["c"] == "the image c is missing"
    assert "cannot be read" in reasons["d"]


def test_the_folder_of_annotations(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no labelTxt folder"):
        read(tmp_path, CARD)
    put(tmp_path / "val", "a", LINE + " ship 0", folder="labelTxt-v1.0")
    assert len(read(tmp_path, CARD).samples) == 1
    put(tmp_path / "train", "b", LINE + " ship 0", folder="labelTxt-v1.0")
    with pytest.raises(DataError, match="several labelTxt folders"):
        read(tmp_path, CARD)
    assert [s.id for s in read(tmp_path, CARD, "train").samples] == ["b"]


def test_real_images_and_patches(shared: Path) -> None:
    (whole,) = read(shared / "data/DOTA", CARD).samples
    assert whole.id == "P1888" and len(whole.target.regions) > 10
    (patch,) = read(shared / "data/DOTA/split", CARD).samples
    assert len(patch.target.regions) == 1 and patch.images[0].size == (285, 294)
