"""What the readers of boxes share: order, areas to ignore, and missing images."""

from __future__ import annotations

from pathlib import Path

import PIL.Image
import pytest

from rsbench.harness.datasets.boxes import Collector, natural
from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.files import ImageIndex

CARD = read_card("voc")


def collector(root: Path) -> Collector:
    return Collector(CARD, root, ImageIndex(root))


def test_numbers_sort_as_numbers() -> None:
    names = ["P10", "P9", "a", "10", "9", "", "1_2", "1_10"]
    assert sorted(names, key=natural) == ["", "1_2", "1_10", "9", "10", "P9", "P10", "a"]


def test_an_area_to_ignore_holds_for_every_class(tmp_path: Path) -> None:
    made = collector(tmp_path)
    image = made.image("a", "a", (50, 50))
    assert image is not None
    made.add("a", image, [made.region("a", "DontCare", (0, 0, 9, 9), image.size)])
    made.add("b", image, [made.region("b", name, (0, 0, 9, 9), image.size) for name in ("Car", "Ship")])
    data = made.dataset()
    assert [(r.label, r.ignore, r.crowd) for r in data.samples[0].target.regions] == [
        ("car", True, True), ("ship", True, True),
    ]  # fmt: skip


def test_images_are_missing_only_where_others_are_there(tmp_path: Path) -> None:
    alone = collector(tmp_path)
    image = alone.image("a", "a.jpg", None)
    assert image is not None and image.path == "" and image.size is None and alone.problems == []
    PIL.Image.new("L", (5, 4)).save(tmp_path / "b.png")
    (tmp_path / "c.png").write_bytes(b"broken")
    among = collector(tmp_path)
    assert among.image("a", "a.jpg", None) is None and among.image("c", "c.png", None) is None
    assert [p.reason for p in among.problems] == [
        "the image a.jpg is missing", "c.png is damaged or not an image.",
    ]  # fmt: skip
    there = among.image("b", "b", None)
    assert there is not None and there.size == (5, 4)


def test_a_second_annotation_is_left_out(tmp_path: Path) -> None:
    made = collector(tmp_path)
    image = made.image("a", "a", (5, 5))
    assert image is not None
    made.add("a", image, [])
    made.add("a", image, [])
    assert len(made.dataset().samples) == 1 and len(made.problems) == 1


@pytest.mark.parametrize("name", ["", " "])
def test_an_object_without_a_name_is_a_problem(tmp_path: Path, name: str) -> None:
    made = collector(tmp_path)
    assert made.region("a, object 1", name, (0, 0, 1, 1), None) is None
    assert made.problems[0].item == "a, object 1"
