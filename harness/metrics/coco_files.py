"""COCO's figures straight from two json files, annotations and results, without a value object per box."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import DataError
from ..geometry import Floats
from .coco_columns import Detections, Ints, Objects, judge
from .coco_rule import Rule
from .coco_shapes import Boxes
from .coco_tally import CocoTally

Rows = Sequence[Mapping[str, Any]]
Index = Mapping[Any, int]


def evaluate_files(
    annotations: str | Path, results: str | Path, rule: Rule | None = None, honour_ignore: bool = False
) -> Mapping[str, float | None]:
    """COCO's figures by name, as CocoDetection has them: AP, AP50 ... AR large; None where undefined.

    `annotations` is a file with images, categories and annotations, `results` a list of image_id,
    category_id, score and bbox (x, y, width, height); ids may be numbers or text. Equal scores rank by image
    id, then by place in the file, as in pycocotools. An object without `area` has that of its box, one
    without `iscrowd` is none.

    Raises:
        DataError: a file that cannot be read, or an entry that is not as described, by its number.
    """
    return tally_files(annotations, results, rule, honour_ignore).figures()


def tally_files(
    annotations: str | Path, results: str | Path, rule: Rule | None = None, honour_ignore: bool = False
) -> CocoTally:
    """The same, laid out for counting: figures under weights (images by rising id) and the table by class.

    Raises:
        DataError: as `evaluate_files`.
    """
    rule = rule or Rule()
    with _uncollected():
        gold, found, shapes, names, images = _columns_of(annotations, results, honour_ignore)
    return CocoTally(judge(gold, found, shapes, rule), names, images, rule)


def _columns_of(
    annotations: str | Path, results: str | Path, honour_ignore: bool
) -> tuple[Objects, Detections, Boxes, list[str], int]:
    """Both files in columns, the class names and the number of images."""
    content, said = _read(Path(annotations)), _read(Path(results))
    if not isinstance(content, dict) or not isinstance(said, list):
        raise DataError(
            f"{annotations} and {results} are no COCO annotations and results.",
            "The first is an object with images, categories and annotations, the second a list.",
        )
    images = _index(content, "images", annotations)
    categories = _index(content, "categories", annotations)
    rows = content.get("annotations")
    gold, gold_boxes, gold_area = _objects(rows, images, categories, annotations, honour_ignore)
    found, found_boxes, found_area = _detections(said, images, categories, results)
    shapes = Boxes(found_boxes, found_area, gold_boxes, gold_area)
    return gold, found, shapes, _names(content["categories"], categories), len(images)


@contextmanager
def _uncollected() -> Iterator[None]:
    """No garbage collection meanwhile: it would walk over every box read so far, again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _read(path: Path) -> Any:
    import orjson

    try:
        return orjson.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}", "NaN and Infinity are not JSON.") from error


def _index(content: Mapping[str, Any], key: str, path: str | Path) -> dict[Any, int]:
    """Ids to numbers, in rising order of ids."""
    try:
        return {name: k for k, name in enumerate(sorted({row["id"] for row in content[key]}))}
    except (KeyError, TypeError) as error:
        raise DataError(f"{path} has no list of {key} with comparable ids ({error!r}).") from error


def _names(rows: Rows, categories: Index) -> list[str]:
    """Class names in order of id; the id is added where a name is not the only one of its kind."""
    names = {row["id"]: str(row.get("name", row["id"])) for row in rows}
    shown = [names[key] for key in categories]
    return [n if shown.count(n) == 1 else f"{n} {key}" for key, n in zip(categories, shown, strict=True)]


def _objects(
    rows: Any, images: Index, categories: Index, path: str | Path, honour_ignore: bool
) -> tuple[Objects, Floats, Floats]:
    sample, label, boxes, area = _columns(rows, images, categories, path)
    given = np.array([row.get("area") for row in rows], float)
    crowd = np.array([bool(row.get("iscrowd")) for row in rows], bool)
    ignored = np.array([honour_ignore and bool(row.get("ignore")) for row in rows], bool)
    return Objects(sample, label, np.where(np.isfinite(given), given, area), crowd, ignored), boxes, area


def _detections(
    rows: Any, images: Index, categories: Index, path: str | Path
) -> tuple[Detections, Floats, Floats]:
    sample, label, boxes, area = _columns(rows, images, categories, path, "score")
    score = np.fromiter(map(itemgetter("score"), rows), float, len(rows))
    return Detections(sample, label, area, score), boxes, area


def _columns(
    rows: Any, images: Index, categories: Index, path: str | Path, *more: str
) -> tuple[Ints, Ints, Floats, Floats]:
    """Image, class, corners (n, 4) and area of every entry."""
    try:
        n = len(rows)
        sample = np.fromiter(map(images.__getitem__, map(itemgetter("image_id"), rows)), np.int64, n)
        label = np.fromiter(map(categories.__getitem__, map(itemgetter("category_id"), rows)), np.int64, n)
        given = [row["bbox"] for row in rows]
        if set(map(len, given)) - {4}:
            raise ValueError
        numbers = np.fromiter(chain.from_iterable(given), float, 4 * n).reshape(n, 4)
        for key in more:
            np.fromiter(map(itemgetter(key), rows), float, n)
    except (KeyError, TypeError, ValueError) as error:
        raise _fault(rows, images, categories, path, more) from error
    proper = (np.abs(numbers) < 1e100).all(1) & (numbers[:, 2:] > 0).all(1)
    numbers = np.where(proper[:, None], numbers, 0.0)
    area = numbers[:, 2] * numbers[:, 3]
    numbers[:, 2:] += numbers[:, :2]
    return sample, label, numbers, area


def _fault(rows: Any, images: Index, categories: Index, path: str | Path, more: Sequence[str]) -> DataError:
    """The first entry that is not as it should be."""
    if not isinstance(rows, list):
        return DataError(f"{path} has no list of annotations.")
    for number, row in enumerate(rows):
        if reason := _wrong(row, images, categories, more):
            return DataError(f"{path}, entry {number} (counted from 0): {reason}.")
    raise AssertionError("every entry is right")


def _wrong(row: Any, images: Index, categories: Index, more: Sequence[str]) -> str | None:
    if not isinstance(row, dict):
        return "it is no object"
    for key in ("image_id", "category_id", "bbox", *more):
        if key not in row:
            return f"it has no {key}"
    for key, known in (("image_id", images), ("category_id", categories)):
        if not isinstance(row[key], (int, str, float)) or row[key] not in known:
            return f"{key} {row[key]!r:.60} is not in the annotations"
    box = row["bbox"]
    if not isinstance(box, list) or len(box) != 4 or not all(isinstance(v, (int, float)) for v in box):
        return f"bbox {box!r:.60} is not x, y, width, height"
    for key in more:
        if not isinstance(row[key], (int, float)):
            return f"{key} {row[key]!r:.60} is not a number"
    return None
