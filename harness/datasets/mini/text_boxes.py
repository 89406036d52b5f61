"""Drawn scenes with a text file of boxes an image, as VHR-10, VisDrone, UCAS-AOD and YOLO data have."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

from ..card import Card
from .boxes import Labelled, placed, seen, write
from .official import LEAST_VISIBLE, Drawn, Items, wanted
from .scene import DrawnObject, Scene

Lines = Callable[[Card, Scene, Labelled], list[str]]


def vhr10(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """`(x1,y1),(x2,y2),class` in whole pixels, with the blanks that the release has."""

    def lines(card: Card, scene: Scene, labelled: Labelled) -> list[str]:
        rows = ((_whole(item), card.classes.index(label) + 1) for item, label in seen(labelled))
        return [f"({x1},{y1}),({x2}, {y2}),{number} " for (x1, y1, x2, y2), number in rows]

    return _written(card, root, split, drawn, lines)


def visdrone(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """`x,y,width,height,score,class,truncation,occlusion`; what is hardly seen has a score of 0."""

    def lines(card: Card, scene: Scene, labelled: Labelled) -> list[str]:
        rows = []
        for item, label in labelled:
            x1, y1, x2, y2 = _whole(item)
            flags = f"{int(item.visible >= LEAST_VISIBLE)},{card.classes.index(label) + 1}"
            rows.append(f"{x1},{y1},{x2 - x1},{y2 - y1},{flags},{int(item.truncated)},0")
        return rows

    return _written(card, root, split, drawn, lines)


def ucas_aod(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """Corners, angle and hull in columns, with a tab behind the last."""

    def lines(card: Card, scene: Scene, labelled: Labelled) -> list[str]:
        rows = []
        for item, _ in seen(labelled):
            x1, y1, x2, y2 = item.box
            numbers = (*item.corners, _heading(item), x1, y1, x2 - x1, y2 - y1)
            rows.append("".join(f"{v:.6e}\t" for v in numbers))
        return rows

    return _written(card, root, split, drawn, lines)


def yolo(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """The class counted from 0 and four corners in parts of width and height."""

    def lines(card: Card, scene: Scene, labelled: Labelled) -> list[str]:
        height, width = scene.image.shape[:2]
        rows = []
        for item, label in seen(labelled):
            parts = (v / (height if i % 2 else width) for i, v in enumerate(item.corners))
            rows.append(" ".join([str(card.classes.index(label)), *(f"{p:.6f}" for p in parts)]))
        return rows

    return _written(card, root, split, drawn, lines)


def _written(card: Card, root: Path, split: str, drawn: Drawn, lines: Lines) -> Items:
    files = {"image": "images/{split}/{n}.png", "text": "labels/{split}/{n}.txt"}
    items, listed = Items(), list[str]()
    for place, scene, name, kept in placed(card, root, split, drawn, files):
        items[name] = kept
        text = place.at("text")
        write(root / text, "".join(f"{line}\n" for line in lines(card, scene, wanted(card, scene))))
        listed.append(Path(text).stem if not place.folder else f"{place.folder}/{Path(text).stem}")
    if listing := card.options.get("split_file"):
        write(root / listing.format(split=split), "".join(f"{name}\n" for name in listed))
    return items


def _whole(item: DrawnObject) -> tuple[int, int, int, int]:
    """The box in whole pixels, at least one wide and high."""
    x1, y1, x2, y2 = (round(v) for v in item.box)
    return x1, y1, max(x2, x1 + 1), max(y2, y1 + 1)


def _heading(item: DrawnObject) -> float:
    """Degrees from the x axis to the nose, counter-clockwise as seen; corners start at the front left."""
    x1, y1, x2, y2, x3, y3, x4, y4 = item.corners
    return math.degrees(math.atan2((y3 + y4) - (y1 + y2), (x1 + x2) - (x3 + x4))) % 360
