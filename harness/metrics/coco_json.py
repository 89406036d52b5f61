"""What COCO's json files say, in columns; whatever is wrong is named by file and entry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from ..errors import DataError
from ..geometry import Floats
from .coco_columns import Detections, Ints, Objects
from .coco_masks import Masks
from .coco_segmentations import mask_of_segmentation
from .coco_shapes import Boxes
from .mask_regions import Mask

Ids = dict[Any, int]  # to numbers, in rising order of ids


class Columns(NamedTuple):
    """Two files as the rule reads them."""

    gold: Objects
    found: Detections
    shapes: Boxes | Masks
    classes: tuple[str, ...]
    images: int


def columns_of(
    content: Any, annotations: str, said: Any, results: str, masks: bool, honour_ignore: bool
) -> Columns:
    """Annotations and results as json gave them; the names of their files are for errors.

    Raises:
        DataError: a missing list, or the first entry of one that is not as it should be.
    """
    if not isinstance(content, dict) or not isinstance(said, list):
        raise DataError(
            f"{annotations} and {results} are no COCO annotations and results.",
            "The first is an object with images, categories and annotations, the second a list.",
        )
    images, categories = (_ids(content, key, annotations) for key in ("images", "categories"))
    rows = content.get("annotations")
    if not isinstance(rows, list):
        raise DataError(f"{annotations} has no list of annotations.")
    gold = _Table(rows, annotations, images, categories)
    found = _Table(said, results, images, categories, scored=True)
    shapes = _masks(gold, found, content["images"]) if masks else Boxes(*found.boxes(), *gold.boxes())
    found_area = found.boxes()[1] if masks and said and said[0].get("bbox") else shapes.found_area
    return Columns(
        gold.objects(shapes.gold_area, honour_ignore),
        found.detections(found_area),
        shapes,
        _names(content["categories"], categories),
        len(images),
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """The entries of one file."""

    rows: Sequence[Mapping[str, Any]]
    file: str
    images: Ids
    categories: Ids
    scored: bool = False

    def objects(self, own_area: Floats, honour_ignore: bool) -> Objects:
        """`own_area` counts where none is given."""
        sample, label = self._places()
        try:
            given = np.array([row.get("area") for row in self.rows], float)  # None becomes NaN
        except (TypeError, ValueError) as error:
            raise self._fault() from error
        crowd = np.array([row.get("iscrowd") for row in self.rows], bool)
        ignored = np.zeros_like(crowd)
        if honour_ignore:
            ignored = np.array([row.get("ignore") for row in self.rows], bool)
        return Objects(sample, label, np.where(np.isfinite(given), given, own_area), crowd, ignored)

    def detections(self, area: Floats) -> Detections:
        """With their scores."""
        sample, label = self._places()
        try:
            score = _numbers(map(itemgetter("score"), self.rows), len(self.rows))
        except (KeyError, TypeError, ValueError) as error:
            raise self._fault() from error
        return Detections(sample, label, area, score)

    def boxes(self) -> tuple[Floats, Floats]:
        """Corners x1, y1, x2, y2 (n, 4) and areas; what has no positive finite sides is all zeros."""
        try:
            given = [row["bbox"] for row in self.rows]
            if set(map(len, given)) - {4}:
                raise ValueError
            numbers = _numbers(chain.from_iterable(given), 4 * len(given)).reshape(-1, 4)
        except (KeyError, TypeError, ValueError) as error:
            raise self._fault(boxes=True) from error
        proper = (np.abs(numbers) < 1e100).all(1) & (numbers[:, 2:] > 0).all(1)
        numbers[~proper] = 0.0
        area = numbers[:, 2] * numbers[:, 3]
        numbers[:, 2:] += numbers[:, :2]
        return numbers, area

    def masks(self, sizes: Sequence[tuple[int, int] | None]) -> list[Mask]:
        """By the size of each image."""
        sample, _ = self._places()
        found = []
        for number, (row, image) in enumerate(zip(self.rows, sample.tolist(), strict=True)):
            try:
                found.append(mask_of_segmentation(row.get("segmentation"), sizes[image]))
            except DataError as error:
                raise self._error(number, error.message) from error
        return found

    def _places(self) -> tuple[Ints, Ints]:
        """Image and class of every entry."""
        rows, n = self.rows, len(self.rows)
        try:
            sample = map(self.images.__getitem__, map(itemgetter("image_id"), rows))
            label = map(self.categories.__getitem__, map(itemgetter("category_id"), rows))
            return np.fromiter(sample, np.int64, n), np.fromiter(label, np.int64, n)
        except (KeyError, TypeError) as error:
            raise self._fault() from error

    def _fault(self, boxes: bool = False) -> DataError:
        """The first entry that is not as it should be."""
        for number, row in enumerate(self.rows):
            if reason := self._wrong(row, boxes):
                return self._error(number, reason)
        raise AssertionError("every entry is right")

    def _error(self, number: int, reason: str) -> DataError:
        return DataError(f"{self.file}, entry {number} (counted from 0): {reason}.")

    def _wrong(self, row: Any, boxes: bool) -> str | None:
        if not isinstance(row, dict):
            return "it is no object"
        for key, known in (("image_id", self.images), ("category_id", self.categories)):
            value = row.get(key)
            if not isinstance(value, (int, str, float)) or value not in known:
                return f"its {key} is {value!r:.60}, which the annotations do not have"
        if not isinstance(row.get("area"), (int, float, type(None))):
            return f"its area is {row['area']!r:.60}, not a number"
        if self.scored and not isinstance(row.get("score"), (int, float)):
            return f"its score is {row.get('score')!r:.60}, not a number"
        box = row.get("bbox")
        four = isinstance(box, list) and len(box) == 4 and all(isinstance(v, (int, float)) for v in box)
        return f"its bbox is {box!r:.60}, not x, y, width, height" if boxes and not four else None


def _masks(gold: _Table, found: _Table, images: Sequence[Mapping[str, Any]]) -> Masks:
    sizes: list[tuple[int, int] | None] = [None] * len(gold.images)
    for row in images:
        height, width = row.get("height"), row.get("width")
        if isinstance(height, int) and isinstance(width, int):
            sizes[gold.images[row["id"]]] = (height, width)
    return Masks.of(found.masks(sizes), gold.masks(sizes))


def _ids(content: Mapping[str, Any], key: str, file: str) -> Ids:
    try:
        return {name: k for k, name in enumerate(sorted({row["id"] for row in content[key]}))}
    except (KeyError, TypeError) as error:
        raise DataError(f"{file} has no list of {key} whose ids can be put in order ({error!r}).") from error


def _names(rows: Sequence[Mapping[str, Any]], categories: Ids) -> tuple[str, ...]:
    """Class names in order of id; the id is added to a name that several have."""
    names = {row["id"]: str(row.get("name", row["id"])) for row in rows}
    shown = [names[key] for key in categories]
    return tuple(n if shown.count(n) == 1 else f"{n} {key}" for key, n in zip(categories, shown, strict=True))


def _numbers(values: Iterable[Any], count: int) -> Floats:
    """A column; numpy reads null as NaN, which json itself cannot say."""
    numbers = np.fromiter(values, float, count)
    if np.isnan(numbers).any():
        raise ValueError
    return numbers
