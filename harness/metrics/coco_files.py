"""COCO's figures straight from two json files, annotations and results, without a value object per box."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..errors import DataError, UsageError
from .coco_columns import judge
from .coco_json import Columns, columns_of
from .coco_rule import Rule
from .coco_tally import CocoTally


def evaluate_files(
    annotations: str | Path, results: str | Path, rule: Rule | None = None, honour_ignore: bool = False
) -> Mapping[str, float | None]:
    """COCO's figures by name, as CocoDetection has them: AP, AP50 ... AR large; None where undefined.

    `annotations` is a file with images, categories and annotations, `results` a list of image_id,
    category_id, score and bbox (x, y, width, height) or segmentation (`rule.kind` segm); ids may be numbers
    or text. Equal scores rank by image id, then by place in the file, as in pycocotools. An object without
    `area` has that of its box or mask, one without `iscrowd` is none.

    As in pycocotools, a result that has a box besides its mask has the area of the box. Unlike there, an
    image or category that the annotations do not know is an error, and no results at all score 0.

    Raises:
        DataError: a file that cannot be read, or an entry that is not as described, by its number.
        UsageError: oriented boxes, for which COCO's files have no form.
    """
    return tally_files(annotations, results, rule, honour_ignore).figures()


def tally_files(
    annotations: str | Path, results: str | Path, rule: Rule | None = None, honour_ignore: bool = False
) -> CocoTally:
    """The same, laid out for counting: figures under weights (images by rising id) and the table by class.

    Raises:
        DataError, UsageError: as `evaluate_files`.
    """
    rule = rule or Rule()
    if rule.kind == "obb":
        raise UsageError("COCO's json files have no oriented boxes.", "Use the kind bbox or segm.")
    with _uncollected():
        columns = _columns(Path(annotations), Path(results), rule, honour_ignore)
    verdicts = judge(columns.gold, columns.found, columns.shapes, rule)
    return CocoTally(verdicts, columns.classes, columns.images, rule)


def _columns(annotations: Path, results: Path, rule: Rule, honour_ignore: bool) -> Columns:
    """Both files read and laid out; what was read is let go of on return."""
    content, said = _read(annotations), _read(results)
    return columns_of(content, annotations.name, said, results.name, rule.kind == "segm", honour_ignore)


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
