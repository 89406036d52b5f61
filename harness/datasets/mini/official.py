"""Drawn scenes in the published layouts: class folders, DOTA labelTxt, records; others in boxes.py."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TypeAlias

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
