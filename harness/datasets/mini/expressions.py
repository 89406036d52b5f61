"""Drawn scenes in the published layouts of visual grounding: DIOR-RSVG, refGeo, GeoChat-Bench, VRSBench."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias
from xml.sax.saxutils import escape

from ..card import Card
from ..dior_rsvg import SPLITS
from ..expressions import size_tag
from .official import Drawn, Items, save, tags, wanted
from .records import phrases
from .scene import DrawnObject, Scene

Described: TypeAlias = tuple[str, DrawnObject, str]  # phrase, object, class in the card's words
_BOX = ("xmin", "ymin", "xmax", "ymax")


def dior_rsvg(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """JPEGImages, Annotations/*.xml and the three lists of running numbers; boxes in whole pixels.

    The first two objects of a scene that have a phrase are of the split, the others of another one.
    """
    lists: dict[str, list[int]] = {name: [] for name in SPLITS}
    other = next(name for name in SPLITS if name != split)
    items, number = Items(), 0
    (root / "Annotations").mkdir()
    for shot, scene in drawn:
        described = [one for one in _described(card, scene) if _proper(_whole(one[1]))]
        if not described:
            continue
        stem = f"{len(items) + 1:05d}"
        save(scene, root / f"JPEGImages/{stem}.jpg")
        items[f"JPEGImages/{stem}.jpg"] = tags(shot, scene)
        (root / f"Annotations/{stem}.xml").write_text(_xml(stem, scene, described), encoding="utf-8")
        for place in range(len(described)):
            lists[split if place < 2 else other].append(number)
            number += 1
    for name, numbers in lists.items():
        (root / f"{name}.txt").write_text("".join(f"{n}\n" for n in numbers), encoding="utf-8")
    return items


def refgeo(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """metainfo/<set>_<split>.jsonl and images/<set>/: one object a line, its box, corners, image size."""
    name, items, lines = str(card.options["set"]), Items(), list[str]()
    for shot, scene in drawn:
        described = _described(card, scene)[:2]
        if not described:
            continue
        image = f"{len(items) + 1:05d}.jpg"
        save(scene, root / f"images/{name}/{image}")
        items[f"images/{name}/{image}"] = tags(shot, scene)
        height, width = scene.image.shape[:2]
        for phrase, item, _ in described:
            row: dict[str, Any] = {"image_id": image, "question": phrase}
            row["bbox"] = [round(float(v), 2) for v in item.box]
            row |= {"poly": _corners(item), "dataset": name, "question_id": len(lines)}
            lines.append(json.dumps(row | {"image_width": width, "image_height": height}))
    path = root / f"metainfo/{name}_{split}.jsonl"
    path.parent.mkdir()
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return items


def referring(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """The card's file and folder of images: one object a record, and all of a class where boxes are lists.

    A json file holds boxes in hundredths as VRSBench does, a jsonl file corners in pixels as GeoChat does.
    """
    name, folder = str(card.options["file"]), str(card.options["images"])
    as_text, items, rows = name.endswith(".json"), Items(), list[dict[str, Any]]()
    for shot, scene in drawn:
        asked = [("ref", phrase, label, [item]) for phrase, item, label in _described(card, scene)][:2]
        asked += [] if as_text else _groups(scene)
        if not asked:
            continue
        stem = f"{len(items) + 1:05d}"
        save(scene, root / f"{folder}/{stem}.png")
        items[f"{folder}/{stem}.png"] = tags(shot, scene)
        counts = Counter(item.name for item in scene.objects)
        for kind, phrase, label, found in asked:
            group = size_tag([item.box for item in found])["object size"]
            row: dict[str, Any] = {"question": phrase, "question_id": len(rows)}
            row |= {"type": kind, "size_group": group}
            row |= {"obj_ids": list(range(len(found))), "dataset": "drawn"}
            if as_text:
                row |= _hundredths(found[0], scene) | {"image_id": f"{stem}.png", "obj_cls": label}
                row["unique"] = counts[found[0].name] == 1
            else:
                row |= {"image_id": stem, "ground_truth": [_corners(item) for item in found]}
            rows.append(row)
    text = json.dumps(rows, indent=1) if as_text else "".join(f"{json.dumps(row)}\n" for row in rows)
    (root / name).write_text(text, encoding="utf-8")
    return items


def _described(card: Card, scene: Scene) -> list[Described]:
    """Every object that a phrase tells from all others, under its phrase and the card's name."""
    labels = {id(item): label for item, label in wanted(card, scene)}
    return [(phrase, item, labels[id(item)]) for phrase, item in phrases(scene) if id(item) in labels]


def _groups(scene: Scene) -> list[tuple[str, str, str, list[DrawnObject]]]:
    """All objects of the first class that has two to five."""
    counts = Counter(item.name for item in scene.objects)
    name = next((name for name, count in counts.items() if 2 <= count <= 5), None)
    found = [item for item in scene.objects if item.name == name]
    return [("grounding", f"{len(found)} {name}s", name, found)] if name else []


def _corners(item: DrawnObject) -> list[list[float]]:
    values = [round(float(v), 2) for v in item.corners]
    return [values[i : i + 2] for i in range(0, 8, 2)]


def _hundredths(item: DrawnObject, scene: Scene) -> dict[str, Any]:
    """The corners from 0 to 1 and the box around them in whole hundredths, cut to the image."""
    height, width = scene.image.shape[:2]
    corners = [round(float(v) / (height if i % 2 else width), 4) for i, v in enumerate(item.corners)]
    xs, ys = corners[0::2], corners[1::2]
    box = [int(min(max(v, 0), 1) * 100) for v in (min(xs), min(ys), max(xs), max(ys))]
    return {"ground_truth": "{" + "".join(f"<{v}>" for v in box) + "}", "obj_corner": corners}


def _whole(item: DrawnObject) -> list[int]:
    return [round(v) for v in item.box]


def _proper(box: Sequence[int]) -> bool:
    return box[0] < box[2] and box[1] < box[3]


def _xml(stem: str, scene: Scene, described: Sequence[Described]) -> str:
    height, width, depth = scene.image.shape
    objects = ""
    for phrase, item, label in described:
        numbers = "".join(f"<{n}>{v}</{n}>" for n, v in zip(_BOX, _whole(item), strict=True))
        objects += (
            f"<object><name>{escape(label)}</name><pose>Unspecified</pose>"
            f"<bndbox>{numbers}</bndbox><description>{escape(phrase)}</description></object>\n"
        )
    size = f"<size><width>{width}</width><height>{height}</height><depth>{depth}</depth></size>"
    return f"<annotation>\n<filename>{stem}.jpg</filename>\n{size}\n{objects}</annotation>\n"
