"""Drawn scenes in the layout of CHOICE: questions with options, oriented boxes, masks in a tree of tasks."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from ..card import Card
from .official import Drawn, Items, save, tags
from .plan import Shot, seed_of
from .records import phrases
from .scene import SCENES, SENSORS, Scene
from .topics import Asked, asked

_STREAM = 17  # of random numbers, apart from the others of the miniatures
_LETTERS = "ABCD"


def choice(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """<level 1>/<level 2>/<level 3>/<level 3>.json with images, and masks where they are the truth.

    `mini.asks` in the card: the path of a task -> topic and words (topics.py); for boxes and masks, words
    around the {phrase} of an object.
    """
    rows: dict[str, list[dict[str, Any]]] = {}
    items = Items()
    for number, (shot, scene) in enumerate(drawn, 1):
        for task, row in _rows(card, root, number, shot, scene, seed_of(split, None)):
            name = f"{task}/images/{number}.png"
            save(scene, root / name)
            items[name] = tags(shot, scene)
            key = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{card.name} {name}"))
            rows.setdefault(task, []).append({"id": key, "image_path": name, **row})
    for task, found in rows.items():
        path = root / task / f"{Path(task).name}.json"
        path.write_text(json.dumps(found, indent=4), encoding="utf-8")
    return items


def _rows(
    card: Card, root: Path, number: int, shot: Shot, scene: Scene, seed: int
) -> Iterator[tuple[str, dict[str, Any]]]:
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((_STREAM, seed, shot.index))))
    if card.family == "vqa":
        for one in asked(card, shot, scene, seed):
            options = _options(one, rng)
            lines = [
                one.question,
                *(f"{letter}.{text}" for letter, text in zip(_LETTERS, options, strict=False)),
            ]
            yield one.kind, {"question": "\n".join(lines), "answer": _LETTERS[options.index(one.answer)]}
        return
    ((task, words),) = card.mini["asks"].items()
    height, width = scene.image.shape[:2]
    whole = ((p, item) for p, item in phrases(scene) if _inside(item.corners, width, height))
    for phrase, item in islice(whole, 1):
        question = words.format(phrase=phrase)
        corners = [(item.corners[i], item.corners[i + 1]) for i in range(0, 8, 2)]
        if card.family == "grounding":
            start = int(rng.integers(4))  # corners come in any order
            points = [[round(x / width, 3), round(y / height, 3)] for x, y in corners]
            yield task, {"question": question, "answer": points[start:] + points[:start]}
        else:
            name = f"{task}/masks/{number}.png"
            _save_mask(root / name, corners, width, height)
            yield task, {"question": question, "mask_path": name}


def _inside(points: Sequence[float], width: int, height: int) -> bool:
    """Whether every corner lies in the picture, as those of CHOICE do."""
    return all(0 <= v <= (height if i % 2 else width) for i, v in enumerate(points))


def _options(one: Asked, rng: np.random.Generator) -> list[str]:
    """The true answer among others of its topic, in any order."""
    if one.topic == "presence":
        options = ["yes", "no", "can't judge"]
    elif one.topic == "count":
        low = max(0, int(one.answer) - int(rng.integers(4)))
        options = [str(low + step) for step in range(4)]
    else:
        known = list(SCENES) if one.topic == "theme" else [*SENSORS.values(), "nighttime light"]
        others = [name for name in known if name != one.answer]
        picked = rng.choice(len(others), 3, replace=False)
        options = [one.answer, *(others[int(i)] for i in picked)]
    return [options[int(i)] for i in rng.permutation(len(options))]


def _save_mask(path: Path, corners: list[tuple[float, float]], width: int, height: int) -> None:
    """The outline filled, white on black."""
    import PIL.Image

    from ...metrics.mask_codec import decode, polygon, raster_of

    runs = polygon([value for corner in corners for value in corner], height, width)
    mask = decode(raster_of(runs, height, width)).astype(np.uint8) * 255
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.fromarray(mask).convert("RGB").save(path)
