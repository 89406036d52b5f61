"""Reader of DIOR-RSVG: VOC-like xml with a description an object, splits as running numbers of objects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from ..errors import DataError
from .card import Card, Dataset
from .expressions import Expressions
from .files import find_images, folders_with, visible
from .layouts import other_layout, several
from .voc import picture_size, points_of, read_xml

SPLITS = ("train", "val", "test")


@dataclass(frozen=True, slots=True)
class Numbered:
    """An object under its running number; `element` is None where its file cannot be read."""

    file: Path
    image: str
    size: tuple[int, int] | None
    element: Element | None


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every expression of a split; its id is the running number of its object.

    Objects are numbered from 0 over all xml files in the order of their names, and within a file as they
    stand, as data_loader.py of the authors' repository counts them; <split>.txt lists numbers. So one file
    more or less would give every later number another object, which is found by the numbers of all lists.
    Boxes (xmin ymin xmax ymax, pixels) and descriptions are taken as written.

    Raises:
        DataError: no annotations or no list of the split, or other objects than the lists were made for.
    """
    split = split or card.split
    folder = _annotations(root, card)
    base = folder.parent
    lists = {name: _numbers(base / f"{name}.txt") for name in SPLITS if (base / f"{name}.txt").is_file()}
    if split not in lists:
        raise other_layout(root, card, f"there is no {split}.txt")
    unreadable: dict[str, str] = {}
    objects = list(_objects(folder, unreadable))
    _check(objects, lists, unreadable, card)
    wanted = [objects[number] for number in lists[split]]
    expressions = Expressions(card, base, find_images(base, (o.image for o in wanted), "JPEGImages"))
    for stem, reason in unreadable.items():
        expressions.problem(stem, f"its annotation cannot be read: {reason}")
    for number, found in zip(lists[split], wanted, strict=True):
        _add(expressions, str(number), found)
    return expressions.dataset()


def _add(expressions: Expressions, name: str, found: Numbered) -> None:
    if found.element is None:
        expressions.problem(name, f"an object of {found.file.name}, which cannot be read")
        return
    try:
        box = points_of(found.element)
    except ValueError as error:
        expressions.problem(name, str(error))
        return
    image = expressions.image(name, found.image, found.size)
    if image is not None:
        label = (found.element.findtext("name") or "").strip()
        text = found.element.findtext("description") or ""
        expressions.add(name, image, text, [box], {"class": label}, label=label)


def _annotations(root: Path, card: Card) -> Path:
    if (root / "Annotations").is_dir():
        return root / "Annotations"
    found = folders_with(root, lambda name: name.lower().endswith(".xml"))
    if not found:
        raise other_layout(root, card, "there are no xml annotations")
    if len(found) > 1:
        raise several(root, "folders of annotations", found)
    return found[0]


def _numbers(listing: Path) -> list[int]:
    words = listing.read_text(encoding="utf-8-sig", errors="replace").split()
    try:
        return sorted({int(word) for word in words})
    except ValueError as error:
        raise DataError(f"{listing.name} is no list of numbers: {error}.", "One number a line.") from error


def _objects(folder: Path, unreadable: dict[str, str]) -> Iterator[Numbered]:
    """All objects in their order; those of a file that cannot be read are counted by their opening tags."""
    for path in visible(folder, ".xml"):
        try:
            tree = read_xml(path)
        except ValueError as error:
            unreadable[path.stem] = str(error)
            lost = path.read_bytes().count(b"<object>") if path.is_file() else 0
            yield from (Numbered(path, path.stem, None, None) for _ in range(lost))
            continue
        image = (tree.findtext("filename") or path.stem).strip()
        size = picture_size(tree)
        yield from (Numbered(path, image, size, element) for element in tree.findall("object"))


def _check(
    objects: list[Numbered], lists: Mapping[str, list[int]], unreadable: Mapping[str, str], card: Card
) -> None:
    """Refuse numbers that would be of other objects: all lists together number every object once."""
    numbers = {number for listed in lists.values() for number in listed}
    numbered = max(numbers, default=-1) + 1
    fits = numbered == len(objects) if len(lists) == len(SPLITS) else numbered <= len(objects)
    if numbers and min(numbers) >= 0 and fits:
        return
    damaged = f" These files cannot be read: {', '.join(list(unreadable)[:5])}." if unreadable else ""
    raise DataError(
        f"The lists of {card.title} number {numbered:,} objects, and the annotations hold "
        f"{len(objects):,}: the numbers would be of other objects.{damaged}",
        "Take Annotations and the lists from the same release, whole.",
    )
