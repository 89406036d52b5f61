"""Verification finds what is amiss; fingerprints follow content, not place."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import PIL.Image
import pytest

from rsbench.harness.contract import Image, Region, Sample, Target
from rsbench.harness.datasets.card import Card, read_card
from rsbench.harness.datasets.verify import fingerprint, image_digest, image_digests, verify

CARD = Card(
    "two", "classification", 1, "Two", "folders", citation="x", split="test", counts={"test": 4},
    classes=("lake", "bridge"), expects="Two/<class>/*.png",
)  # fmt: skip


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for i, name in enumerate(("lake/a.png", "lake/b.png", "bridge/c.png", "bridge/d.png")):
        (tmp_path / "Two" / name).parent.mkdir(parents=True, exist_ok=True)
        PIL.Image.new("RGB", (8, 8), (i, 0, 0)).save(tmp_path / "Two" / name)
    return tmp_path / "Two"


def test_whole_data_is_complete(root: Path, tmp_path: Path) -> None:
    found = verify(CARD, root, None, tmp_path)
    assert found.complete and found.kind == "official" and found.images
    assert "items        4 images\n" in found.text and found.annotations in found.text


def test_what_is_amiss_is_named(root: Path, tmp_path: Path) -> None:
    (root / "lake/a.png").unlink()
    (root / "lake/b.png").write_bytes(b"broken")
    shutil.move(root / "bridge", root / "volcano")
    found = verify(CARD, root, None, tmp_path)
    assert not found.complete and found.text.endswith("not complete")
    assert "1 image in the split 'test', published are 4" in found.text and found.kind == "folder"
    assert "nothing of the class: bridge" in found.text
    assert "lake/b.png is damaged" in found.text and "volcano: not a class of Two" in found.text


def test_fingerprints_follow_content_not_place(root: Path, tmp_path: Path) -> None:
    before = verify(CARD, root, None, tmp_path)
    shutil.copytree(root, tmp_path / "elsewhere/copy")
    copy = verify(CARD, tmp_path / "elsewhere/copy", None, tmp_path)
    assert (copy.annotations, copy.images) == (before.annotations, before.images)
    PIL.Image.new("RGB", (8, 8), "white").save(root / "lake/a.png")
    changed = verify(CARD, root, None, tmp_path)
    assert changed.annotations == before.annotations and changed.images != before.images


def test_fingerprints_of_values(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"1")
    here, gone = Image("a", str(tmp_path / "a")), Image("b", str(tmp_path / "b"))
    first = Sample("1", (here,), Target(regions=(Region((0, 0, 1, 1), "x"),)), tags={"t": "v"})
    second = Sample("2", (gone,), Target())
    digests = image_digests([first, second])
    assert list(digests) == ["a"] and image_digest(gone) is None and image_digest(Image("c", "")) is None
    both = fingerprint([first, second], [first, second], digests)
    assert both[1] is None
    assert fingerprint([second, first], [first], digests)[0] == both[0]
    assert fingerprint([first, second], [first], digests)[1] is not None
    assert fingerprint([replace(first, tags={}), second], [first], digests)[0] == both[0]
    moved = replace(first, target=Target(regions=(Region((0, 0, 1, 2), "x"),)))
    assert fingerprint([moved, second], [first], digests)[0] != both[0]
    pointed = replace(first, regions=(Region((1, 1, 2, 2), ""),))
    assert fingerprint([pointed, second], [first], digests)[0] != both[0]


def test_annotations_alone(shared: Path, tmp_path: Path) -> None:
    found = verify(read_card("coco"), shared / "data/coco_fake_results", None, tmp_path)
    assert found.images is None and "pictures     not at hand" in found.text
    assert found.kind == "folder" and len(found.dataset.samples) == 100
