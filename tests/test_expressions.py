"""Expressions as samples: shown as phrases or as regions, broken ones counted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as Pictures

from rsbench.harness.contract import Image
from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.expressions import Expressions, size_tag
from rsbench.harness.datasets.files import ImageIndex
from rsbench.harness.errors import DataError
from rsbench.harness.geometry import areas

PICTURE = Image("a.png", "", size=(100, 80))


def expressions(root: Path, family: str = "grounding") -> Expressions:
    return Expressions(replace(read_card("dior_rsvg"), family=family), root, ImageIndex(root))


def test_both_directions(tmp_path: Path) -> None:
    asked, shown = expressions(tmp_path), expressions(tmp_path, "region_captioning")
    for found in (asked, shown):
        found.add("1", PICTURE, " the dam ", [(1, 2, 30, 40)], {"k": "v"}, label="storagetank", kind="ref")
    (question,), (region,) = asked.dataset().samples, shown.dataset().samples
    assert question.question == "the dam" and question.target.regions[0].points == (1, 2, 30, 40)
    assert question.target.size == (100, 80) and question.target.kind == "ref" and not question.regions
    assert region.question == "" and region.target.texts == ("the dam",) and region.target.size is None
    assert region.regions == question.target.regions and region.target.label == "storage tank"
    assert {r.label for s in (question, region) for r in (*s.regions, *s.target.regions)} == {""}
    assert question.tags == {"sensor": "optical", "object size": "medium", "k": "v"}


def test_what_is_left_out_and_what_stays(tmp_path: Path) -> None:
    found = expressions(tmp_path)
    found.add("kept", PICTURE, "a", [(1, 1, 9, 9)], {})
    found.add("kept", PICTURE, "b", [(1, 1, 9, 9)], {})
    found.add("silent", PICTURE, " ", [(1, 1, 9, 9)], {})
    found.add("boxless", PICTURE, "c", [], {})
    found.add("nan", PICTURE, "d", [(1, 1, float("nan"), 9)], {})
    found.add("three", PICTURE, "e", [(1, 1, 9)], {})
    found.add("flat", PICTURE, "f", [(1, 1, 1, 9)], {})
    found.add("far", PICTURE, "g", [(200, 1, 300, 9)], {})
    data = found.dataset()
    assert [s.id for s in data.samples] == ["kept", "flat", "far"]
    assert [p.item for p in data.problems] == ["kept", "silent", "boxless", "nan", "three", "flat", "far"]
    assert all("no answer can be right" in p.reason for p in data.problems[-2:])
    with pytest.raises(DataError, match="holds no expression of DIOR-RSVG"):
        expressions(tmp_path).dataset()


def test_images(tmp_path: Path) -> None:
    assert expressions(tmp_path).image("1", "gone.png", (3, 4)) == Image("gone.png", "", size=(3, 4))
    Pictures.new("RGB", (30, 20)).save(tmp_path / "here.png")
    (tmp_path / "empty.png").touch()
    (tmp_path / "torn.png").write_bytes(b"no picture")
    found = expressions(tmp_path)
    for _ in range(2):
        here = found.image("1", "here.jpg", None)
        assert here is not None and here.size == (30, 20) and here.name == "here.png"
    assert [found.image("2", name, None) for name in ("gone.png", "empty.png", "torn.png")] == [None] * 3
    reasons = [p.reason for p in found.problems]
    assert reasons[:2] == ["the image gone.png is missing", "the image empty.png is an empty file"]
    assert "torn.png" in reasons[2]


def test_sizes_have_the_limits_of_coco() -> None:
    for side, name in ((31.9, "small"), (32, "medium"), (95.9, "medium"), (96, "large")):
        box = (5, 5, 5 + side, 5 + side)
        corners = (5, 5, 5 + side, 5, 5 + side, 5 + side, 5, 5 + side)
        assert size_tag([box]) == size_tag([corners]) == {"object size": name}
    mixed = [(0, 0, 10, 10), (0, 0, 200, 200), (9, 0, 0, 9)]
    assert float(areas(mixed).mean()) > 96**2 and size_tag(mixed) == {"object size": "large"}
