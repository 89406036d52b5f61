"""Reader of VOC xml annotations: bndbox and both forms of robndbox (MAR20, DIOR-R, roLabelImg, HIT-UAV)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from ..contract import Region
from ..geometry import from_rotated
from .boxes import Collector, Size
from .card import Card, Dataset
from .files import find_images, folders_with, visible
from .images import is_image
from .layouts import other_layout, several

MAX_BYTES = 50_000_000
_CORNERS = tuple(
    f"{axis}_{corner}"
    for corner in ("left_top", "right_top", "right_bottom", "left_bottom")
    for axis in ("x", "y")
)


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every annotated image of a split; its id is the name of its xml file without suffix.

    Card options: `annotations`, `images` and `splits` (folders below the root, found where not given),
    `oriented`, `ignore_classes`. A split is the list <splits>/<split>.txt where there is one, else all.
    Boxes are taken as written: VOC's own count pixels from 1, which is left alone. Difficult objects are
    neither asked for nor punished.

    Raises:
        DataError: no annotations, or several folders of them.
    """
    base, folder = _annotations(root, card)
    present = {p.stem: p for p in visible(folder, ".xml")}
    listing = _listing(base, folder, card, split or card.split)
    stems = sorted(present) if listing is None else _lines(listing, present)
    collector = Collector(card, base, find_images(base, stems, card.options.get("images", "")))
    if listing is None and "splits" in card.options:
        collector.problem(card.options["splits"], "there is no list of the split: all images are taken")
    if listing is None:
        for stem in sorted(collector.images.stems() - {name.lower() for name in present}):
            collector.problem(stem, "an image without an annotation file")
    for stem in stems:
        if stem not in present:
            collector.problem(stem, "it has no annotation file")
            continue
        try:
            tree = read_xml(present[stem])
        except ValueError as error:
            collector.problem(stem, f"its annotation cannot be read: {error}")
            continue
        _add(collector, stem, tree)
    return collector.dataset()


def _annotations(root: Path, card: Card) -> tuple[Path, Path]:
    """The data folder and its folder of xml files: named by the card, or the only one there is."""
    wanted = card.options.get("annotations")
    if wanted:
        for base in (root, *(p for p in sorted(root.iterdir()) if p.is_dir())):
            if (base / wanted).is_dir():
                return base, base / wanted
        raise other_layout(root, card, f"there is no {wanted}")
    found = folders_with(root, lambda name: name.lower().endswith(".xml"))
    if not found:
        raise other_layout(root, card, "there are no xml annotations")
    if len(found) > 1:
        raise several(root, "folders of annotations", found)
    return root, found[0]


def _listing(base: Path, folder: Path, card: Card, split: str) -> Path | None:
    """The list of a split's images, near the data or near the annotations."""
    splits = card.options.get("splits", "ImageSets/Main")
    for near in (base, *(p for p in folder.parents if base in p.parents)):
        for place in (splits, "Main"):
            if split and (near / place / f"{split}.txt").is_file():
                return near / place / f"{split}.txt"
    return None


def _lines(listing: Path, present: Mapping[str, Path]) -> list[str]:
    """The image names of a list, without suffix and without VOC's flag behind the name."""
    stems: dict[str, None] = {}
    for line in listing.read_text(encoding="utf-8-sig", errors="replace").splitlines():
        name = line.strip()
        if name and name not in present:
            name = name.split()[0]
            name = Path(name).stem if is_image(name) or name.lower().endswith(".xml") else name
        if name:
            stems[name] = None
    return sorted(stems)


def read_xml(path: Path) -> Element:
    """The root element of a small, plain xml file; entities are refused.

    Raises:
        ValueError: anything else.
    """
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import parse

    try:
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"more than {MAX_BYTES:,} bytes")
        root: Element | None = parse(path).getroot()
    except DefusedXmlException:
        raise ValueError("it defines entities, which is refused") from None
    except (OSError, ParseError, LookupError) as error:
        raise ValueError(str(error)) from error
    if root is None:
        raise ValueError("it is empty")
    return root


def _add(collector: Collector, stem: str, tree: Element) -> None:
    size = picture_size(tree)
    name = (tree.findtext("filename") or "").strip()
    image = collector.image(stem, stem if not name or collector.images.find(stem) else name, size)
    if image is None:
        return
    regions: list[Region | None] = []
    for number, item in enumerate(tree.findall("object"), 1):
        where = f"{stem}, object {number}"
        try:
            points = points_of(item)
        except ValueError as error:
            collector.problem(where, str(error))
            continue
        difficult = (item.findtext("difficult") or "0").strip() not in ("", "0")
        label = (item.findtext("name") or "").strip()
        regions.append(collector.region(where, label, points, image.size, ignore=difficult))
    collector.add(stem, image, regions)


def picture_size(tree: Element) -> Size | None:
    """Width and height as an annotation says; None where it does not."""
    try:
        width, height = (int(float(tree.findtext(f"size/{side}") or 0)) for side in ("width", "height"))
    except (ValueError, OverflowError):
        return None
    return (width, height) if width > 0 and height > 0 else None


def points_of(item: Element) -> tuple[float, ...]:
    """A box of 4 numbers from bndbox, or 8 from robndbox: named corners, or centre, sides and radians.

    Raises:
        ValueError: no box, or one with a part that is missing or no number.
    """
    rotated, plain = item.find("robndbox"), item.find("bndbox")
    if rotated is not None and rotated.find("cx") is not None:
        cx, cy, width, height, angle = _numbers(rotated, ("cx", "cy", "w", "h", "angle"))
        return from_rotated(cx, cy, width, height, angle)
    if rotated is not None:
        return _numbers(rotated, _CORNERS)
    if plain is not None:
        return _numbers(plain, ("xmin", "ymin", "xmax", "ymax"))
    raise ValueError("an object without a box")


def _numbers(box: Element, parts: Sequence[str]) -> tuple[float, ...]:
    values = []
    for part in parts:
        text = box.findtext(part)
        try:
            values.append(float(text or ""))
        except ValueError:
            raise ValueError(f"a box with {part} {text!r}") from None
    return tuple(values)
