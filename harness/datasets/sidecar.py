"""The note a miniature carries at its root: what drew it, and the tags of each image, for any reader."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ..contract import Sample, Tags
from ..errors import DataError
from .card import Card

FILE = "rsbench-mini.json"
VERSION = 1


@dataclass(frozen=True, slots=True)
class Sidecar:
    """`made` identifies the miniature (card, split, count, seed, version); `items`: image name to tags."""

    made: Mapping[str, Any]
    items: Mapping[str, Tags]


def read_sidecar(root: Path) -> Sidecar | None:
    """The note of a miniature; None for data that is none.

    Raises:
        DataError: the note is damaged or of another version.
    """
    path = root / FILE
    if not path.is_file():
        return None
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        if raw["rsbench_mini"] != VERSION:
            raise ValueError(f"version {raw['rsbench_mini']}, not {VERSION}")
        return Sidecar(raw["made"], raw["items"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{FILE} cannot be used: {error}.", "Delete the folder; it is drawn again."
        ) from error


def write_sidecar(root: Path, sidecar: Sidecar) -> None:
    """Write the note of a miniature."""
    body = {"rsbench_mini": VERSION, "made": sidecar.made, "items": sidecar.items}
    (root / FILE).write_text(json.dumps(body, indent=0, sort_keys=True), encoding="utf-8")


def tagged(samples: Iterable[Sample], root: Path, card: Card) -> tuple[Sample, ...]:
    """Samples with the tags that hold for all of a benchmark, and those of the miniature where it is one."""
    sidecar = read_sidecar(root)
    items = sidecar.items if sidecar else {}
    common = {"sensor": card.sensor} if card.sensor else {}
    return tuple(replace(s, tags={**common, **s.tags, **items.get(s.images[0].name, {})}) for s in samples)


def resolution_tag(metres: float) -> str:
    """The slice a ground sampling distance (metres per pixel) falls into.

    >>> resolution_tag(0.3), resolution_tag(2.0)
    ('0.3 to 1 m', '1 to 5 m')
    """
    for limit, name in ((0.3, "under 0.3 m"), (1.0, "0.3 to 1 m"), (5.0, "1 to 5 m"), (20.0, "5 to 20 m")):
        if metres < limit:
            return name
    return "20 m and more"
