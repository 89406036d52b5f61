"""Columns of COCO's json: order of ids, names, areas, sizes of images. Whole figures: test_coco_files.py."""

from __future__ import annotations

from typing import Any

import pytest

from rsbench.harness.errors import DataError
from rsbench.harness.metrics.coco_json import Columns, columns_of
from rsbench.harness.metrics.coco_masks import Masks
from rsbench.harness.metrics.coco_shapes import Boxes

CONTENT = {
    "images": [{"id": "b", "height": 9, "width": 7}, {"id": "a", "height": 5, "width": 5}],
    "categories": [{"id": 2, "name": "ship"}, {"id": 1, "name": "ship"}, {"id": 0}],
}


def columns(gold: list[Any], found: list[Any], masks: bool = False) -> Columns:
    return columns_of(CONTENT | {"annotations": gold}, "gold.json", found, "found.json", masks, False)


def test_samples_and_classes_go_by_rising_id() -> None:
    row = {"image_id": "b", "category_id": 2, "bbox": [1, 2, 3, 4]}
    read = columns([row, row | {"image_id": "a", "area": 7, "iscrowd": 1}], [row | {"score": 1}])
    assert read.classes == ("0", "ship 1", "ship 2")
    assert read.images == 2
    assert read.gold.sample.tolist() == [1, 0]
    assert read.gold.label.tolist() == [2, 2]
    assert read.gold.area.tolist() == [12.0, 7.0]
    assert read.gold.crowd.tolist() == [False, True]
    assert isinstance(read.shapes, Boxes)
    assert read.shapes.found.tolist() == [[1.0, 2.0, 4.0, 6.0]]
    assert (read.found.area.tolist(), read.found.score.tolist()) == ([12.0], [1.0])


def test_polygons_lie_on_their_image() -> None:
    outline = [[0, 0, 4, 0, 4, 2, 0, 2]]
    row = {"image_id": "b", "category_id": 2, "segmentation": outline}
    read = columns([row], [row | {"score": 1}, row | {"score": 1, "image_id": "a"}], masks=True)
    assert isinstance(read.shapes, Masks)
    assert read.shapes.found_spans[:, 2:5].tolist() == [[9, 7, 8], [5, 5, 8]]
    assert read.gold.area.tolist() == [8.0]
    boxed = columns([row], [row | {"score": 1, "bbox": [0, 0, 9, 9]}], masks=True)
    assert boxed.found.area.tolist() == [81.0]  # as pycocotools has it


def test_an_image_without_size_holds_no_polygons() -> None:
    row = {"image_id": 1, "category_id": 1, "segmentation": [[0, 0, 4, 0, 4, 2]]}
    content = {"images": [{"id": 1}], "categories": [{"id": 1}], "annotations": [row]}
    with pytest.raises(DataError, match=r"gold\.json, entry 0 .*polygons"):
        columns_of(content, "gold.json", [], "found.json", True, False)
