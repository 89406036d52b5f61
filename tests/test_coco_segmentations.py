"""Every form of COCO's `segmentation`, and what is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from rsbench.harness.errors import DataError
from rsbench.harness.metrics.coco_segmentations import mask_of_segmentation
from rsbench.harness.metrics.mask_codec import encode


def test_three_forms_of_one_mask() -> None:
    pixels = np.zeros((6, 8), bool)
    pixels[1:5, 2:4] = pixels[1:5, 5:8] = True
    runs = [6 * 2 + 1, 4, 2, 4, 6 + 2, 4, 2, 4, 2, 4, 1]
    polygons = [[2, 1, 4, 1, 4, 5, 2, 5], [5.0, 1, 8, 1, 8, 5, 5, 5]]
    given: list[Any] = [
        {"size": [6, 8], "counts": encode(pixels).counts},
        {"size": [6, 8], "counts": runs},
        polygons,
    ]
    for form in given:
        height, width, found = mask_of_segmentation(form, (6, 8))
        assert (height, width, found.tolist()) == (6, 8, runs)


@pytest.mark.parametrize(
    ("given", "size"),
    [
        (None, (6, 8)),
        ([], (6, 8)),
        ([[1, 2, 3, 4]], (6, 8)),
        ([[1, 2, 3, 4, 5, 6, 7]], (6, 8)),
        ([["a"] * 6], (6, 8)),
        ([[[1, 2], [3, 4], [5, 6]]], (6, 8)),
        ([1, 2, 3, 4, 5, 6], (6, 8)),
        ([[1, 2, 3, 4, 5, 6]], None),
        ([[1, 2, 3, 4, 5, 6]], (-1, 8)),
        ([[1, 2, 3, 4, 5, 6]], (100_000, 100_000)),
        ({"size": [6, 8]}, (6, 8)),
        ({"size": [6], "counts": "P"}, (6, 8)),
        ({"size": [6, 8], "counts": [47]}, (6, 8)),
        ({"size": [6, 8], "counts": [50, -2]}, (6, 8)),
        ({"size": [6, 8], "counts": ["a"]}, (6, 8)),
        ({"size": [6, 8], "counts": [[48]]}, (6, 8)),
        ({"size": [6, 8], "counts": None}, (6, 8)),
        ({"size": [6, 8], "counts": "!"}, (6, 8)),
    ],
)
def test_what_is_none(given: Any, size: tuple[int, int] | None) -> None:
    with pytest.raises(DataError):
        mask_of_segmentation(given, size)
