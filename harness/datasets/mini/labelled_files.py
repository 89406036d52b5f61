"""Drawn scenes with their classes in files apart from the pictures: DSCR's csv lists, METER-ML's geojson."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ..card import Card
from .official import Drawn, Items, save, tags


def class_lists(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """Pictures by the card's pattern, and the first of its lists: a head, then file names and classes."""
    columns = card.options["columns"]
    items, lines = Items(), [",".join(columns.values())]
    for number, (shot, scene) in enumerate(drawn, 1):
        path = root / card.mini["file"].format_map({"class": shot.label, "number": number})
        save(scene, path)
        items[path.name] = tags(shot, scene)
        cells = {"image": path.name, "label": shot.label}
        lines.append(",".join(cells[part] for part in columns))
    place = root / card.options["lists"][0].format(split=split)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return items


def sites(card: Card, root: Path, split: str, drawn: Drawn) -> Items:
    """<split>_images/<id>/<picture>, and a geojson with the folder and the class's place in the card's list.

    The coordinates of the places are those of no place on Earth: all are zero.
    """
    items, places = Items(), list[dict[str, Any]]()
    for number, (shot, scene) in enumerate(drawn):
        folder = f"{split}_images/{number}"
        name = f"{folder}/{card.options['picture']}"
        save(scene, root / name)
        items[name] = tags(shot, scene)
        row = {card.options["folder"]: folder, card.options["label"]: card.classes.index(shot.label)}
        point = {"type": "Point", "coordinates": [0.0, 0.0]}
        places.append({"type": "Feature", "properties": row, "geometry": point})
    content = {"type": "FeatureCollection", "features": places}
    path = root / card.options["table"].format(split=split)
    path.write_text(json.dumps(content), encoding="utf-8")
    return items
