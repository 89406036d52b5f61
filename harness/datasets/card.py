"""Benchmark cards: one YAML file a benchmark says where its data is, how it lies, and how it is scored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ..contract import Problem, Sample
from ..errors import DataError, UsageError, unknown

CATALOGUE = Path(__file__).parents[2] / "tasks" / "catalogue"
FILE_SUFFIXES = (".yaml", ".yml")
_ITEMS = {  # family -> what its samples are, for a person
    "classification": "images",
    "captioning": "images",
    "detection": "images",
    "vqa": "questions",
    "grounding": "expressions",
    "segmentation": "expressions",
    "region_captioning": "regions",
}


@dataclass(frozen=True, slots=True)
class Card:
    """What is known of a benchmark. Keys are the YAML keys; empty means not known or not fixed.

    `family` names the task family, `layout` the reader, `options` what that reader needs. `counts` are the
    official item counts per split. `classes` in the benchmark's own spelling and order; `names` maps a class
    to the words a model is shown or may answer (the first is shown). `protocol` belongs to the family,
    `table` to the report: {"id": "table_8", "row": "EarthGPT", "columns": {printed column: figure name}}.
    `raster` says how more than 8 bits or other bands become RGB (raster.py), `hugging_face` which columns of
    a `datasets` repository hold what. `mini` tells the renderer which scenes and objects to draw.
    `certainty`: field -> verified | memory.
    """

    name: str
    family: str
    version: int
    title: str
    layout: str
    citation: str = ""
    licence: str = ""
    published: str = ""
    expects: str = ""  # the folder layout, drawn as text for a person
    options: Mapping[str, Any] = field(default_factory=dict)
    split: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    names: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    parent: str | None = None
    sensor: str = ""
    ground_sampling_distance: str = ""
    protocol: Mapping[str, Any] = field(default_factory=dict)
    table: Mapping[str, Any] = field(default_factory=dict)
    raster: Mapping[str, Any] = field(default_factory=dict)
    hugging_face: Mapping[str, Any] = field(default_factory=dict)
    mini: Mapping[str, Any] = field(default_factory=dict)
    certainty: Mapping[str, str] = field(default_factory=dict)

    def items(self, count: int) -> str:
        """So many samples in words: `1 image`, `1,093 questions`."""
        word = _ITEMS.get(self.family, "items")
        return f"{count:,} {word.removesuffix('s') if count == 1 else word}"


@dataclass(frozen=True, slots=True)
class Dataset:
    """What a reader found: samples in a stable order, broken items, and the classes met or declared.

    `classes` are the names shown to a model; `aliases` are further (spelling, class) pairs of this data.
    `errata` is the version of the overlay of known errors (0: switched off, None: there is none) and
    `corrections` what it changed.
    """

    samples: tuple[Sample, ...]
    problems: tuple[Problem, ...]
    classes: tuple[str, ...]
    aliases: tuple[tuple[str, str], ...] = ()
    errata: int | None = None
    corrections: tuple[Problem, ...] = ()


def card_names(folder: Path = CATALOGUE) -> list[str]:
    """The names of all cards, from the file names alone: the catalogue's and those of other packages."""
    return sorted({path.stem for path in folder.glob("*.yaml")} | set(_elsewhere()))


def read_card(name: str, folder: Path = CATALOGUE) -> Card:
    """The card of a benchmark, by its name or as a file of the user's (a path that ends in .yaml).

    Other packages bring cards by the entry-point group `rsbench.cards`: the name of the card, and the package
    in whose folder <name>.yaml lies.

    Raises:
        UsageError: no such card (with the nearest names), or a file that takes the name of a known card.
        DataError: the file is not a card; the message names the key.
    """
    if name.endswith(FILE_SUFFIXES):
        return _own(Path(name), folder)
    path = folder / f"{name}.yaml"
    if not path.is_file():
        path = _elsewhere().get(name, path)
    if not path.is_file():
        raise unknown("task", name, card_names(folder))
    return parse_card(path)


def known_card(name: str) -> Card | None:
    """The card of a name; None for one that came as a file and left no trace in the catalogue."""
    return read_card(name) if name in card_names() else None


def _own(path: Path, folder: Path) -> Card:
    if not path.is_file():
        raise UsageError(f"There is no card {path}.", "Give the path of a YAML file, or a name.")
    card = parse_card(path)
    if card.name in card_names(folder) and read_card(card.name, folder) != card:
        raise UsageError(
            f"The card {path.name} calls itself {card.name}, which is another benchmark.",
            "Give it a name of its own: figures of two cards must not be mistaken for each other.",
        )
    return card


def _elsewhere() -> dict[str, Path]:
    """Cards of other packages by name; no package is imported for it."""
    from importlib.metadata import entry_points
    from importlib.util import find_spec

    found = {}
    for point in entry_points(group="rsbench.cards"):
        spec = find_spec(point.value)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            found[point.name] = Path(folder) / f"{point.name}.yaml"
    return found


def parse_card(path: Path) -> Card:
    """Read one card file.

    Raises:
        DataError: unreadable YAML, an unknown key or a missing one.
    """
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataError(f"The card {path.name} cannot be read: {error}") from error
    if not isinstance(raw, dict):
        raise DataError(f"The card {path.name} is not a YAML mapping.")
    known = {f.name for f in fields(Card)}
    if extra := sorted(set(raw) - known):
        raise DataError(f"The card {path.name} has an unknown key: {', '.join(extra)}.")
    raw["classes"] = tuple(str(c) for c in raw.get("classes", ()))
    raw["names"] = {str(k): tuple(v) for k, v in raw.get("names", {}).items()}
    try:
        return Card(**raw)
    except TypeError as error:
        raise DataError(f"The card {path.name} is not complete: {error}.") from error
