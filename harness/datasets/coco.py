"""Reader of COCO json annotations, and of the variants found in remote sensing (HRSID, HIT-UAV)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import isfinite, pi, radians
from pathlib import Path, PurePosixPath
from typing import Any

from ..contract import Image
from ..errors import DataError
from ..geometry import from_rotated
from .boxes import Collector, natural
from .card import Card, Dataset
from .files import find_images, walk
from .frozen import of_split
from .layouts import looks_like_coco, other_layout, other_split, several
from .pictured import Size
from .places import image_folder, matched, patterns


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every image of an annotation file, those without objects too; a sample's id is the image's id as text.

    `root` is the data folder or the json file itself. Boxes are x, y, width, height, or with a fifth number
    cx, cy, width, height, angle: radians clockwise on the screen (HIT-UAV), unless one is beyond a full turn,
    then degrees. Class order is that of the category ids, which are kept as aliases (`category_id 18`). Also
    read: `filename` for `file_name`, `annotation` for `annotations`, ids from 0, sizes left out.

    Card options: `annotations` and `images` (patterns of files and of their folder, places.py), `match` or
    `share` (frozen.py; of the images' names without suffix), `oriented`, `ignore_classes`. Of several files
    read together the ids have the file's name before them: `train/7`.

    Raises:
        DataError: no annotation file, several that the card does not name, or one that cannot be read.
    """
    split = split or card.split
    base, paths, other = _annotation_files(root, card, split)
    contents = {path: _load(path) for path in paths}
    names = [_name(i) for content in contents.values() for i in content["images"] if isinstance(i, dict)]
    part = image_folder(root, base, card, split)
    collector = Collector(card, base, find_images(base, names, part))
    if other:
        collector.problem(paths[0].name, f"it is read for the split {split!r}, which has no file of its own")
    kept = set(of_split([_stem(name) for name in names], card, split))
    aliases: dict[tuple[str, str], None] = {}
    for path, content in contents.items():
        prefix = f"{path.stem}/" if len(paths) > 1 else ""
        aliases |= dict.fromkeys(_file(collector, path, content, kept, prefix))
    return collector.dataset(tuple(aliases))


def _file(
    collector: Collector, path: Path, content: Mapping[str, Any], kept: set[str], prefix: str
) -> tuple[tuple[str, str], ...]:
    """The images of one file that are wanted, and how results name its categories."""
    images = [i for i in content["images"] if isinstance(i, dict)]
    categories = _categories(content["categories"], collector)
    objects = _objects(content, collector, {str(i.get("id")) for i in images})
    unit = _angles_in_degrees(objects, collector, path)
    for number, item in enumerate(images, 1):
        if item.get("id") is None or not _name(item):
            collector.problem(f"image {number} of {path.name}", "an image without id or file name")
            continue
        if _stem(_name(item)) not in kept:
            continue
        image = collector.image(_name(item), _name(item), _size(item), prefer=path.stem)
        if image is not None:
            _add(collector, f"{prefix}{item['id']}", image, objects[str(item["id"])], categories, unit)
    return _aliases(categories, collector)


def _annotation_files(root: Path, card: Card, split: str) -> tuple[Path, list[Path], bool]:
    """The data folder and the json files: given, named by the card, or the only one there is.

    True where the card names files for its splits, and the only one there is none of them.
    """
    if root.is_file():
        if not looks_like_coco(root):
            raise other_layout(root, card, "the file has no categories and images")
        return root.parent, [root], False
    base, named = matched(root, patterns(card, "annotations", split))
    if files := [path for path in named if looks_like_coco(path)]:
        return base, files, False
    known = card.counts if "annotations" in card.options else ()
    if held := [other for other in known if matched(root, patterns(card, "annotations", other))[1]]:
        missing = f"there is no {' or '.join(patterns(card, 'annotations', split))}"
        raise other_split(root, card, split, missing, held)
    return root, [_found(root, card, split)], "annotations" in card.options


def _found(root: Path, card: Card, split: str) -> Path:
    """The only json file below a folder; of several, the only one whose name has the split in it."""
    found = [here / f for here, _, files in walk(root, depth=3) for f in files if looks_like_coco(here / f)]
    near = [p for p in found if p.parent == root or p.parent == root / "annotations"]
    found = near or found
    named = [p for p in found if split and split.lower() in p.stem.lower()]
    if not found:
        raise other_layout(root, card, "there is no json file with categories and images")
    if len(named or found) > 1:
        raise several(root, "annotation files", named or found)
    return (named or found)[0]


def _load(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"{path.name} cannot be read: {error}") from error
    if not isinstance(content, dict) or not all(
        isinstance(content.get(key), list) for key in ("images", "categories")
    ):
        raise DataError(f"{path.name} is no COCO annotation: it has no lists of images and categories.")
    return content


def _name(image: Mapping[str, Any]) -> str:
    return str(image.get("file_name") or image.get("filename") or "")


def _stem(name: str) -> str:
    return PurePosixPath(name.replace("\\", "/")).stem


def _size(image: Mapping[str, Any]) -> Size | None:
    try:
        width, height = int(image["width"]), int(image["height"])
    except (KeyError, TypeError, ValueError):
        return None
    return (width, height) if width > 0 and height > 0 else None


def _categories(rows: Sequence[Any], collector: Collector) -> dict[str, str]:
    """Category ids (as text) to names, in the order of the ids."""
    names: dict[str, str] = {}
    for number, row in enumerate(rows, 1):
        key = row.get("id") if isinstance(row, dict) else None
        if key is None or not row.get("name"):
            collector.problem(f"category {number}", "a category without id or name")
        elif names.setdefault(str(key), str(row["name"])) != str(row["name"]):
            collector.problem(f"category {number}", f"a second category of the id {key} is left out")
    ordered = {key: names[key] for key in sorted(names, key=natural)}
    for name in ordered.values():
        collector.label(name)  # a class that is listed is one, met or not
    return ordered


def _aliases(categories: Mapping[str, str], collector: Collector) -> tuple[tuple[str, str], ...]:
    """How results that only have category ids name the classes."""
    shown = ((f"category_id {key}", collector.label(name)) for key, name in categories.items())
    return tuple((spelling, label) for spelling, label in shown if label is not None)


def _objects(
    content: Mapping[str, Any], collector: Collector, images: set[str]
) -> defaultdict[str, list[Mapping[str, Any]]]:
    """Objects by image id; those of absent images are problems."""
    rows = content.get("annotations", content.get("annotation", []))
    objects: defaultdict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for number, row in enumerate(rows if isinstance(rows, list) else [], 1):
        key = str(row.get("image_id")) if isinstance(row, dict) else ""
        if key in images:
            objects[key].append(row)
        else:
            collector.problem(f"object {number}", f"it belongs to image {key!r}, which is not in the list")
    return objects


def _angles_in_degrees(
    objects: Mapping[str, Sequence[Mapping[str, Any]]], collector: Collector, path: Path
) -> bool:
    angles = [
        abs(row["bbox"][4])
        for rows in objects.values()
        for row in rows
        if isinstance(row.get("bbox"), list) and len(row["bbox"]) == 5 and _numeric(row["bbox"])
    ]
    if degrees := max(angles, default=0.0) > 2 * pi:
        collector.problem(path.name, f"angles up to {max(angles):.0f} are taken for degrees")
    return degrees


def _add(
    collector: Collector,
    key: str,
    image: Image,
    rows: Sequence[Mapping[str, Any]],
    categories: Mapping[str, str],
    degrees: bool,
) -> None:
    regions = []
    for row in rows:
        where = f"{image.name}, object {row.get('id')}"
        box = row.get("bbox")
        if not isinstance(box, list) or len(box) not in (4, 5) or not _numeric(box):
            collector.problem(where, f"a box {box!r}"[:80])
            continue
        if len(box) == 5:
            cx, cy, width, height, angle = box
            points = from_rotated(cx, cy, width, height, radians(angle) if degrees else angle)
        else:
            x, y, width, height = box
            points = (x, y, x + width, y + height)
        area = row.get("area")
        region = collector.region(
            where,
            categories.get(str(row.get("category_id")), ""),
            points,
            image.size,
            ignore=bool(row.get("ignore", 0)) or row.get("difficult") in (1, True, "1"),
            crowd=bool(row.get("iscrowd", 0)),
            area=float(area) if isinstance(area, (int, float)) and isfinite(area) else None,
        )
        regions.append(region)
    collector.add(key, image, regions)


def _numeric(values: Sequence[Any]) -> bool:
    return all(isinstance(v, (int, float)) and isfinite(v) for v in values)
