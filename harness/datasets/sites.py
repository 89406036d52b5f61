"""Reader of sites: a geojson of labelled places, each with a folder of pictures, one a sensor (METER-ML)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..contract import Image, Problem, Sample, Target
from ..errors import DataError
from .card import Card, Dataset
from .files import is_empty
from .layouts import other_layout
from .names import ClassNames
from .sidecar import tagged


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every place of the split; its id is its folder.

    Card options: `table` is the geojson ("{split}.geojson"), `folder` and `label` the properties that hold
    a place's folder below the data and its class, by name or by its place in the card's list, `picture` the
    file of the sensor that is shown.

    A place without folder, class or picture is told and left out, and so is a second one of the same folder.

    Raises:
        DataError: no such geojson, one that cannot be read, or no place that can be used.
    """
    split = split or card.split
    path = root / card.options["table"].format(split=split)
    if not path.is_file():
        raise other_layout(root, card, f"there is no {path.name}")
    names = ClassNames(card)
    problems: list[Problem] = []
    samples: dict[str, Sample] = {}
    for number, row in enumerate(_properties(path), 1):
        folder = str(row.get(card.options["folder"]) or "").strip("/")
        label = _label(row.get(card.options["label"]), card, names)
        name = f"{folder}/{card.options['picture']}"
        fault = _fault(root, folder, label, name)
        if folder in samples:
            fault = "a second place of this folder is left out"
        if fault or label is None:
            problems.append(Problem(folder or f"place {number} of {path.name}", fault))
            continue
        picture = Image(name, str(root / name))
        samples[folder] = Sample(folder, (picture,), Target(label=label), tags={"class": label})
    if not samples:
        first = "; ".join(f"{p.item}: {p.reason}" for p in problems[:3])
        raise DataError(f"{path.name} has no place with a class and a picture.", first or "It is empty.")
    ordered = sorted(tagged(samples.values(), root, card), key=lambda s: s.id)
    return Dataset(tuple(ordered), tuple(problems), names.classes)


def _properties(path: Path) -> list[Mapping[str, Any]]:
    """What a geojson says of each of its places.

    Raises:
        DataError: it is none.
    """
    try:
        content = json.loads(path.read_bytes().decode("utf-8-sig", errors="replace"))
        rows = [place["properties"] for place in content["features"]]
    except (OSError, ValueError, RecursionError, TypeError, KeyError) as error:
        raise DataError(f"{path.name} is no geojson with features: {error!r}.") from error
    return [row if isinstance(row, dict) else {} for row in rows]


def _label(value: Any, card: Card, names: ClassNames) -> str | None:
    """The name shown for a class that is given by its place in the card's list, or by a name."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        place = int(value) if float(value).is_integer() else -1
        return names.find(card.classes[place]) if 0 <= place < len(card.classes) else None
    return names.find(value) if isinstance(value, str) else None


def _fault(root: Path, folder: str, label: str | None, name: str) -> str:
    if not folder:
        return "no folder"
    if label is None:
        return "no class of the card"
    path = (root / name).resolve()
    if not path.is_relative_to(root.resolve()):
        return "a folder outside the data"
    return "" if path.is_file() and not is_empty(path) else f"there is no {name.rpartition('/')[2]}"
