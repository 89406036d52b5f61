"""Which published layout a folder looks like, and what to say when it is not the one expected."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import DataError
from .card import Card
from .files import folders_with, walk
from .images import is_image

KNOWN = {
    "folders": ("a folder of class folders", "images"),
    "voc": ("VOC xml annotations", "voc"),
    "coco": ("COCO json annotations", "coco"),
    "dota": ("DOTA labelTxt annotations", "dota"),
}


def layout_of(root: Path) -> str | None:
    """The layout a folder looks like (a key of KNOWN), judged by names and by the head of json files."""
    images = 0
    for here, folders, files in walk(root, depth=3):
        if any(f.lower().startswith("labeltxt") for f in folders + [here.name]):
            return "dota"
        if any(f.lower().endswith(".xml") for f in files) and "annotations" in here.as_posix().lower():
            return "voc"
        if any(f.lower().endswith(".json") and looks_like_coco(here / f) for f in files):
            return "coco"
        images += here != root and any(map(is_image, files))
    return "folders" if images > 1 else None


def looks_like_coco(path: Path) -> bool:
    """Whether a json file has COCO's parts: categories and images, which a list of results has not."""
    if path.suffix.lower() != ".json" or not path.is_file() or path.stat().st_size == 0:
        return False
    import mmap

    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
        return body.find(b'"categories"') >= 0 and body.find(b'"images"') >= 0


def other_layout(root: Path, card: Card, missing: str) -> DataError:
    """The error for a folder that is not laid out as a card says; `missing` is what was not found."""
    found = layout_of(root) if root.is_dir() else None
    looks = f" It looks like {KNOWN[found][0]}." if found and found != card.layout else ""
    hint = f"{card.title} is expected as:\n{card.expects.rstrip()}"
    if found and KNOWN[found][1] != card.name and found != card.layout:
        hint += f"\nTo use the folder as it is: --tasks {KNOWN[found][1]}"
    return DataError(f"{root.name or root} does not hold {card.title}: {missing}.{looks}", hint)


def other_split(root: Path, card: Card, wanted: str, missing: str, held: Sequence[str]) -> DataError:
    """The error for a folder with annotations of the splits `held`, and not of the one that is wanted."""
    return DataError(
        f"{root.name} holds no annotations of the split {wanted!r} of {card.title}: {missing}.",
        f"It holds those of {', '.join(held)}: --split {held[0]}",
    )


def several(root: Path, what: str, found: Sequence[Path]) -> DataError:
    """The error for a folder in which the annotations could be any of `found`; one of them is to be given."""
    listed = ", ".join(path.relative_to(root).as_posix() for path in found[:8])
    more = f" and {len(found) - 8} more" if len(found) > 8 else ""
    return DataError(f"{root.name} has several {what}: {listed}{more}.", f"Give one: --data '{found[0]}'")


def named_file(root: Path, card: Card, name: str) -> Path:
    """The file of a card's annotations: `root` itself, or the one file of that name at or below it.

    Raises:
        DataError: none, or several.
    """
    if root.is_file():
        return root
    found = [folder / name for folder in folders_with(root, lambda file: file == name)]
    if not found:
        raise other_layout(root, card, f"there is no {name}")
    if len(found) > 1:
        raise several(root, f"files {name}", found)
    return found[0]
