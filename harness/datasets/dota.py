"""Reader of DOTA annotations: images/ and labelTxt/, a line an object."""

from __future__ import annotations

from pathlib import Path

from ..contract import Image, Region
from .boxes import Collector
from .card import Card, Dataset
from .files import find_images, visible, walk
from .layouts import other_layout, several
from .sidecar import resolution_tag

_HEADERS = ("imagesource", "gsd")


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every image and every annotation file; a sample's id is the file name without suffix.

    A line is x1 y1 ... x4 y4 class difficult; the lines `imagesource:` and `gsd:` (metres a pixel) may stand
    first. Objects with a difficult flag other than 0 are neither asked for nor punished. Patches, such as
    P0004__1__0___0, are images like any other. A file without objects is an image without objects.

    Raises:
        DataError: no labelTxt folder, or several.
    """
    folder = _annotations(root, split or card.split, card)
    base = folder.parent
    files = {p.stem: p for p in visible(folder, ".txt")}
    index = find_images(base, files, "images")
    collector = Collector(card, base, index)
    for stem, path in files.items():
        image = collector.image(stem, stem, None)
        if image is not None:
            _add(collector, stem, image, path)
    for stem in sorted(index.stems() - {s.lower() for s in files}):
        collector.problem(stem, "an image without an annotation file")
    return collector.dataset()


def _annotations(root: Path, split: str, card: Card) -> Path:
    found = [here for here, _, _ in walk(root, depth=2) if here.name.lower().startswith("labeltxt")]
    near = [p for p in found if p.parent == root or p == root]
    exact = [p for p in near or found if p.name.lower() == "labeltxt"]
    named = [p for p in found if split and split in p.relative_to(root).parts[:-1]]
    found = named or exact or near or found
    if not found:
        raise other_layout(root, card, "there is no labelTxt folder")
    if len(found) > 1:
        raise several(root, "labelTxt folders", found)
    return found[0]


def _add(collector: Collector, stem: str, image: Image, path: Path) -> None:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        collector.problem(stem, f"its annotation cannot be read: {error}")
        return
    tags: dict[str, str] = {}
    regions: list[Region | None] = []
    for number, line in enumerate(lines, 1):
        head, colon, value = line.partition(":")
        if colon and head.strip().lower() in _HEADERS:
            if head.strip().lower() == "gsd":
                tags |= _resolution(value)
            continue
        if not line.strip():
            continue
        where = f"{stem}, line {number}"
        try:
            points, label, difficult = _fields(line)
        except ValueError as error:
            collector.problem(where, str(error))
            continue
        regions.append(collector.region(where, label, points, image.size, ignore=difficult))
    collector.add(stem, image, regions, **tags)


def _resolution(value: str) -> dict[str, str]:
    """The slice of a header's ground sampling distance; none where it says null."""
    try:
        metres = float(value)
    except ValueError:
        return {}
    return {"ground sampling distance": resolution_tag(metres)} if metres > 0 else {}


def _fields(line: str) -> tuple[tuple[float, ...], str, bool]:
    """Corners, class and difficulty of a line; the flag may be left out.

    Raises:
        ValueError: not eight numbers and a class.
    """
    parts = line.replace(",", " ").split()
    if len(parts) not in (9, 10):
        raise ValueError(f"a line of {len(parts)} parts, not 9 or 10")
    try:
        points = tuple(float(p) for p in parts[:8])
    except ValueError:
        raise ValueError("a line that does not begin with eight numbers") from None
    return points, parts[8], len(parts) == 10 and parts[9] not in ("0", "0.0")
