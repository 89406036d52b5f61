"""Drawn scenes in the published layouts: class folders, VOC xml, COCO json, DOTA labelTxt, records."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, TypeAlias
from xml.sax.saxutils import escape

from ...contract import Tags
from ..card import Card
from ..folders import list_name
from ..sidecar import resolution_tag
from .plan import Shot, seed_of
from .records import questions
from .scene import SENSORS, DrawnObject, Scene

Drawn: TypeAlias = Iterable[tuple[Shot, Scene]]
Items: TypeAlias = dict[str, Tags]
LEAST_VISIBLE = 0.4  # objects less visible are difficult
_CORNERS = ("left_top", "right_top", "right_bottom", "left_bottom")


def folders(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """<class>/<file>, the file named by the card's pattern; a list of the split where the card reads one.

    A pattern may put the class folders into another folder; the list stands at the root. It has bare file
    names, as torchgeo's lists do, where no two files share one.
    """
    items, numbers = Items(), dict.fromkeys(card.mini["classes"], 0)
    for shot, scene in drawn:
        numbers[shot.label] += 1
        n = numbers[shot.label]
        place = {"class": shot.label, "lower": shot.label.lower(), "n": n, "level": 1 + n % 3, "m": 1 + n % 5}
        path = root / card.mini["file"].format_map(place)
        save(scene, path)
        items[f"{path.parent.name}/{path.name}"] = tags(shot, scene)
    if name := list_name(card, split):
        files = [item.partition("/")[2] for item in items]
        lines = files if len(set(files)) == len(files) else list(items)
        (root / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return items


def voc(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """JPEGImages, ImageSets/Main and xml: bndbox, or both of MAR20's folders of annotations.

    Numbers have two decimals.
    """
    named = card.options.get("annotations")
    forms: dict[str, Callable[[DrawnObject], str]] = {"Annotations": _bndbox}
    if named:
        kind = Path(named).parent
        forms = {
            f"{kind}/Horizontal Bounding Boxes": _bndbox,
            f"{kind}/Oriented Bounding Boxes": _robndbox,
        }
    items = Items()
    for number, (shot, scene) in enumerate(drawn, 1):
        name = f"JPEGImages/{number}.jpg"
        save(scene, root / name)
        items[name] = tags(shot, scene)
        for folder, form in forms.items():
            path = root / folder / f"{number}.xml"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_xml(card, number, scene, form), encoding="utf-8")
    lists = root / "ImageSets" / "Main"
    lists.mkdir(parents=True)
    numbers = "".join(f"{n}\n" for n in range(1, len(items) + 1))
    (lists / f"{split}.txt").write_text(numbers, encoding="utf-8")
    return items


def coco(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """images and annotations/instances_<split>.json; boxes with two decimals."""
    names = list(dict.fromkeys(name for held in card.mini["scenes"].values() for name in held))
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    items = Items()
    for number, (shot, scene) in enumerate(drawn, 1):
        name = f"{number:06d}.jpg"
        save(scene, root / "images" / name)
        items[f"images/{name}"] = tags(shot, scene)
        height, width = scene.image.shape[:2]
        images.append({"id": number, "file_name": name, "width": width, "height": height})
        for item, label in wanted(card, scene):
            x1, y1, x2, y2 = item.box
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": number,
                    "category_id": names.index(label) + 1,
                    "bbox": [round(v, 2) for v in (x1, y1, x2 - x1, y2 - y1)],
                    "area": round((x2 - x1) * (y2 - y1), 2),
                    "iscrowd": 0,
                    "ignore": int(item.visible < LEAST_VISIBLE),
                }
            )
    categories = [{"id": i, "name": name} for i, name in enumerate(names, 1)]
    content = {"images": images, "categories": categories, "annotations": annotations}
    path = root / "annotations" / f"instances_{split}.json"
    path.parent.mkdir()
    path.write_text(json.dumps(content), encoding="utf-8")
    return items


def dota(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """images/P*.png and labelTxt/P*.txt with both headers; corners with one decimal, as the devkit writes."""
    items = Items()
    (root / "labelTxt").mkdir()
    for number, (shot, scene) in enumerate(drawn, 1):
        stem = f"P{number:04d}"
        save(scene, root / "images" / f"{stem}.png")
        items[f"images/{stem}.png"] = tags(shot, scene)
        lines = ["imagesource:drawn", f"gsd:{scene.ground_sampling_distance:.3f}"]
        for item, label in wanted(card, scene):
            corners = " ".join(f"{v:.1f}" for v in item.corners)
            lines.append(f"{corners} {label} {int(item.visible < LEAST_VISIBLE)}")
        (root / "labelTxt" / f"{stem}.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return items


def records(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """images/<n>.png and <split>.jsonl with a question, its image and what is true a line."""
    items = Items()
    lines = []
    for number, (shot, scene) in enumerate(drawn, 1):
        name = f"images/{number:04d}.png"
        save(scene, root / name)
        items[name] = tags(shot, scene)
        height, width = scene.image.shape[:2]
        for asked, row in enumerate(questions(card, shot, scene, seed_of(split, None)), 1):
            line = {"id": f"{number}-{asked}", "image": name, "size": [width, height], **row}
            lines.append(json.dumps(line, ensure_ascii=False))
    (root / f"{split}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return items


def wanted(card: Card, scene: Scene) -> list[tuple[DrawnObject, str]]:
    """The objects a card asks for, under its own names: `label: type` takes the aircraft's types."""
    held = {name for names in card.mini["scenes"].values() for name in names}
    label = card.mini.get("label", {})
    kept = [item for item in scene.objects if item.name in held]
    return [(item, item.type if label == "type" else label.get(item.name, item.name)) for item in kept]


def tags(shot: Shot, scene: Scene) -> Tags:
    """What is told apart in reports: sensor, shift, ground sampling distance."""
    return {
        "sensor": SENSORS[scene.look],
        "shift": "shifted" if shot.shifted else "base",
        "ground sampling distance": resolution_tag(scene.ground_sampling_distance),
    }


def save(scene: Scene, path: Path) -> None:
    """The picture as a file, of the kind its suffix says."""
    import PIL.Image

    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.fromarray(scene.image).save(path, quality=95)  # read by JPEG alone


def _xml(card: Card, number: int, scene: Scene, form: Callable[[DrawnObject], str]) -> str:
    height, width, depth = scene.image.shape
    size = _elements(("width", "height", "depth"), (width, height, depth), "d")
    objects = "".join(
        f"<object><name>{escape(label)}</name><truncated>{int(item.truncated)}</truncated>"
        f"<difficult>{int(item.visible < LEAST_VISIBLE)}</difficult>{form(item)}</object>\n"
        for item, label in wanted(card, scene)
    )
    head = f"<filename>{number}.jpg</filename>\n<size>{size}</size>\n"
    return f"<annotation>\n{head}{objects}</annotation>\n"


def _bndbox(item: DrawnObject) -> str:
    return f"<bndbox>{_elements(('xmin', 'ymin', 'xmax', 'ymax'), item.box)}</bndbox>"


def _robndbox(item: DrawnObject) -> str:
    names = [f"{axis}_{corner}" for corner in _CORNERS for axis in ("x", "y")]
    return f"<robndbox>{_elements(names, item.corners)}</robndbox>"


def _elements(names: Sequence[str], values: Sequence[float], form: str = ".2f") -> str:
    return "".join(f"<{name}>{value:{form}}</{name}>" for name, value in zip(names, values, strict=True))
