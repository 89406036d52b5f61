"""Drawn scenes as VOC xml and COCO json, under the folder names and keys that each benchmark publishes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from ...contract import Tags
from ...geometry import to_rotated
from ...registry import load
from ..card import Card
from ..forms import of_form
from .official import LEAST_VISIBLE, Drawn, Items, save, tags, wanted
from .scene import DrawnObject, Scene

Labelled = list[tuple[DrawnObject, str]]
_CORNERS = ("left_top", "right_top", "right_bottom", "left_bottom")
_VOC = {"image": "JPEGImages/{n}.jpg", "bndbox": "Annotations/{n}.xml", "list": "ImageSets/Main/{split}.txt"}
_COCO = {"image": "images/{n:06d}.jpg", "json": "annotations/instances_{split}.json"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where one scene goes: the card's `mini.files` with the scene's number and folder, and the split.

    A value is a pattern, or one for each split. `{folder}` is what the card's `mini.folders` has for the kind
    of scene, and `{n}` then counts within that folder.
    """

    files: Mapping[str, Any]
    split: str
    n: int
    folder: str = ""

    def at(self, key: str) -> str:
        """The path below the root that a key of `files` stands for."""
        value = self.files[key]
        pattern: str = value[self.split] if isinstance(value, Mapping) else value
        return pattern.format(split=self.split, n=self.n, folder=self.folder)


def placed(
    card: Card, root: Path, split: str, drawn: Drawn, files: Mapping[str, Any]
) -> Iterator[tuple[Place, Scene, str, Tags]]:
    """Every scene, its picture saved: where it goes, what it shows, its picture's path and its tags."""
    files = card.mini.get("files", files)
    folders, numbers = card.mini.get("folders", {}), Counter[str]()
    for shot, scene in drawn:
        folder = folders.get(shot.scene, "")
        numbers[folder] += 1
        place = Place(files, split, numbers[folder], folder)
        name = place.at("image")
        if files.get("bits") == 16:
            _save_16_bits(scene, root / name)
        else:
            save(scene, root / name)
        yield place, scene, name, tags(shot, scene)


def write(path: Path, text: str) -> None:
    """A text file, and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def seen(labelled: Labelled) -> Labelled:
    """What annotators who have no flag for difficult objects would mark."""
    return [(item, label) for item, label in labelled if item.visible >= LEAST_VISIBLE]


def forms(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """The first form of a benchmark that is published in several."""
    first = card.options["forms"][0]
    items: Items = load("writers", first["layout"])(of_form(card, first), root, split, drawn)
    return items


def voc(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """Pictures, xml in each form that `files` has a place for (a key of FORMS), and the list of the split.

    Numbers have two decimals.
    """
    items, names, lists = Items(), list[str](), ""
    for place, scene, name, kept in placed(card, root, split, drawn, _VOC):
        items[name] = kept
        for form in FORMS.keys() & place.files.keys():
            write(root / place.at(form), FORMS[form](Path(name).name, scene, wanted(card, scene)))
        names.append(Path(name).stem)
        lists = place.at("list") if "list" in place.files else ""
    if lists:
        write(root / lists, "".join(f"{name}\n" for name in names))
    return items


def coco(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """Pictures and one json; numbers have two decimals.

    In `files`: `first`, the lowest category id (1); `keys`, what the release calls COCO's keys; `rotated`:
    boxes are cx, cy, width, height and an angle in radians.
    """
    files = card.mini.get("files", _COCO)
    keys, first = files.get("keys", {}), int(files.get("first", 1))
    classes = _classes(card)
    images: list[dict[str, Any]] = []
    objects: list[dict[str, Any]] = []
    items, path = Items(), root
    for number, (place, scene, name, kept) in enumerate(placed(card, root, split, drawn, _COCO), 1):
        items[name], path = kept, root / place.at("json")
        height, width = scene.image.shape[:2]
        called = keys.get("file_name", "file_name")
        images.append({"id": number, called: Path(name).name, "width": width, "height": height})
        for item, label in wanted(card, scene):
            row = {"id": len(objects) + 1, "image_id": number, "category_id": first + classes.index(label)}
            objects.append(row | _bbox(item, bool(files.get("rotated"))))
    categories = [{"id": i, "name": name} for i, name in enumerate(classes, first)]
    listed = keys.get("annotations", "annotations")
    write(path, json.dumps({"images": images, "categories": categories, listed: objects}))
    return items


def _classes(card: Card) -> list[str]:
    """The classes of the json: those of the card, or what is drawn."""
    label = card.mini.get("label", {})
    held = (label.get(name, name) for names in card.mini["scenes"].values() for name in names)
    return list(card.classes) or list(dict.fromkeys(held))


def _bbox(item: DrawnObject, rotated: bool) -> dict[str, Any]:
    hidden = int(item.visible < LEAST_VISIBLE)
    if rotated:
        *box, angle = to_rotated(item.corners)
        return {"difficult": str(hidden), "bbox": [*(round(v, 4) for v in box), round(angle, 6)]}
    x1, y1, x2, y2 = item.box
    box = [round(v, 2) for v in (x1, y1, x2 - x1, y2 - y1)]
    return {"bbox": box, "area": round((x2 - x1) * (y2 - y1), 2), "iscrowd": 0, "ignore": hidden}


def _save_16_bits(scene: Scene, path: Path) -> None:
    """One channel of 16 bits, as radar products are published."""
    import numpy as np
    import PIL.Image

    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.fromarray(scene.image[..., 0].astype(np.uint16) * 257).save(path)


def _voc_xml(box: Callable[[DrawnObject], str]) -> Callable[[str, Scene, Labelled], str]:
    def made(name: str, scene: Scene, labelled: Labelled) -> str:
        objects = "".join(
            f"<object><name>{escape(label)}</name><truncated>{int(item.truncated)}</truncated>"
            f"<difficult>{int(item.visible < LEAST_VISIBLE)}</difficult>{box(item)}</object>\n"
            for item, label in labelled
        )
        head = f"<filename>{name}</filename>\n{_size(scene)}\n"
        return f"<annotation>\n{head}{objects}</annotation>\n"

    return made


def _points_xml(points: Callable[[DrawnObject], Sequence[float]]) -> Callable[[str, Scene, Labelled], str]:
    def made(name: str, scene: Scene, labelled: Labelled) -> str:
        objects = []
        for item, label in seen(labelled):
            numbers = list(points(item))
            pairs = [*zip(numbers[0::2], numbers[1::2], strict=True), (numbers[0], numbers[1])]
            listed = "".join(f"<point>{x:.6f},{y:.6f}</point>" for x, y in pairs)
            objects.append(
                "<object><coordinate>pixel</coordinate><type>rectangle</type>"
                f"<possibleresult><name>{escape(label)}</name></possibleresult>"
                f"<points>{listed}</points></object>\n"
            )
        head = f"<source><filename>{name}</filename></source>\n{_size(scene)}\n"
        return f"<annotation>\n{head}<objects>\n{''.join(objects)}</objects>\n</annotation>\n"

    return made


def _size(scene: Scene) -> str:
    height, width, depth = scene.image.shape
    return f"<size>{_elements(('width', 'height', 'depth'), (width, height, depth), 'd')}</size>"


def _bndbox(item: DrawnObject) -> str:
    return f"<bndbox>{_elements(('xmin', 'ymin', 'xmax', 'ymax'), item.box)}</bndbox>"


def _robndbox(item: DrawnObject) -> str:
    names = [f"{axis}_{corner}" for corner in _CORNERS for axis in ("x", "y")]
    return f"<robndbox>{_elements(names, item.corners)}</robndbox>"


def _hull(item: DrawnObject) -> Sequence[float]:
    x1, y1, x2, y2 = item.box
    return x1, y1, x2, y1, x2, y2, x1, y2


def _elements(names: Sequence[str], values: Sequence[float], form: str = ".2f") -> str:
    return "".join(f"<{name}>{value:{form}}</{name}>" for name, value in zip(names, values, strict=True))


FORMS: Mapping[str, Callable[[str, Scene, Labelled], str]] = {
    "bndbox": _voc_xml(_bndbox),
    "corners": _voc_xml(_robndbox),
    "points": _points_xml(lambda item: item.corners),
    "points of the hull": _points_xml(_hull),
}
