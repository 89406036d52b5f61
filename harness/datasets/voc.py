"""Reader of VOC xml annotations: bndbox, both forms of robndbox, and points (FAIR1M, AIR-SARShip-2.0)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ParseError

from ..contract import Region
from ..geometry import from_rotated
from .boxes import Collector
from .card import Card, Dataset
from .files import find_images, folders_with, visible
from .frozen import ALL, of_split
from .images import is_image
from .layouts import other_layout, several
from .pictured import Size
from .places import image_folder, matched, patterns

MAX_BYTES = 50_000_000
_CORNERS = tuple(
    f"{axis}_{corner}"
    for corner in ("left_top", "right_top", "right_bottom", "left_bottom")
    for axis in ("x", "y")
)


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every annotated image of a split; its id is the name of its xml file without suffix.

    Card options: `annotations` and `images` (patterns of folders, places.py; found where not given), `splits`
    (the folder of lists), `match` or `share` (frozen.py, where there is no list), `oriented`,
    `ignore_classes`. A split is the list <splits>/<split>.txt where there is one, else what those cut, else
    all. Where several folders of annotations have files of one name, ids are paths below the root.
    Boxes are taken as written: VOC's own count pixels from 1, which is left alone. Difficult objects are
    neither asked for nor punished.

    Raises:
        DataError: no annotations, or several folders of them that the card does not name.
    """
    split = split or card.split
    base, folders = _annotations(root, card, split)
    present = _files(base, folders)
    listing = _listing(base, folders[0], card, split)
    stems = of_split(sorted(present), card, split) if listing is None else _lines(listing, present)
    part = image_folder(root, base, card, split)
    collector = Collector(card, base, find_images(base, (s.rpartition("/")[2] for s in stems), part))
    if listing is None and "splits" in card.options and split != ALL:
        collector.problem(card.options["splits"], "there is no list of the split: all images are taken")
    if listing is None:
        for stem in sorted(collector.images.stems() - {path.stem.lower() for path in present.values()}):
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
        _add(collector, stem, present[stem], tree)
    return collector.dataset()


def _annotations(root: Path, card: Card, split: str) -> tuple[Path, list[Path]]:
    """The data folder and its folders of xml files: those the card names, or the only one there is."""
    if "annotations" in card.options:
        wanted = patterns(card, "annotations", split)
        base, found = matched(root, wanted)
        if folders := [path for path in found if path.is_dir()]:
            return base, folders
        raise other_layout(root, card, f"there is no {' or '.join(wanted) or f'split {split!r}'}")
    found = folders_with(root, lambda name: name.lower().endswith(".xml"))
    if not found:
        raise other_layout(root, card, "there are no xml annotations")
    if len(found) > 1:
        raise several(root, "folders of annotations", found)
    return root, found


def _files(base: Path, folders: Sequence[Path]) -> dict[str, Path]:
    """Ids to xml files: names without suffix, or paths below `base` where two files share a name."""
    files = [path for folder in folders for path in visible(folder, ".xml")]
    names = Counter(path.stem for path in files)
    return {
        p.stem if names[p.stem] == 1 else p.relative_to(base).with_suffix("").as_posix(): p for p in files
    }


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


def _add(collector: Collector, stem: str, path: Path, tree: Element) -> None:
    name = _text(tree, "filename", "source/filename")
    known = name and not collector.images.find(path.stem)
    image = collector.image(stem, name if known else path.stem, picture_size(tree), prefer=_part(path))
    if image is None:
        return
    regions: list[Region | None] = []
    for number, item in enumerate(tree.findall("object") or tree.findall("objects/object"), 1):
        where = f"{stem}, object {number}"
        try:
            points = points_of(item)
        except ValueError as error:
            collector.problem(where, str(error))
            continue
        difficult = _text(item, "difficult") not in ("", "0")
        label = _text(item, "name", "possibleresult/name")
        regions.append(collector.region(where, label, points, image.size, ignore=difficult))
    collector.add(stem, image, regions)


def _part(path: Path) -> str:
    """The folder beside whose images an annotation lies: train/part1 for train/part1/labelXml/0.xml."""
    return path.parent.parent.name


def _text(item: Element, *places: str) -> str:
    return next((text.strip() for place in places if (text := item.findtext(place))), "")


def picture_size(tree: Element) -> Size | None:
    """Width and height as an annotation says; None where it does not."""
    try:
        width, height = (int(float(tree.findtext(f"size/{side}") or 0)) for side in ("width", "height"))
    except (ValueError, OverflowError):
        return None
    return (width, height) if width > 0 and height > 0 else None


def points_of(item: Element) -> tuple[float, ...]:
    """A box of 4 numbers from bndbox, or of 8 from robndbox or points.

    A robndbox is named corners (MAR20, DIOR-R), or centre, sides and radians (roLabelImg, HIT-UAV); points
    are four corners "x,y", the first one repeated behind them or not (FAIR1M, AIR-SARShip-2.0).

    Raises:
        ValueError: no box, or one with a part that is missing or no number.
    """
    rotated, plain, listed = item.find("robndbox"), item.find("bndbox"), item.find("points")
    if rotated is not None and rotated.find("cx") is not None:
        cx, cy, width, height, angle = _numbers(rotated, ("cx", "cy", "w", "h", "angle"))
        return from_rotated(cx, cy, width, height, angle)
    if rotated is not None:
        return _numbers(rotated, _CORNERS)
    if plain is not None:
        return _numbers(plain, ("xmin", "ymin", "xmax", "ymax"))
    if listed is not None:
        return _corners([point.text or "" for point in listed.findall("point")])
    raise ValueError("an object without a box")


def _corners(texts: list[str]) -> tuple[float, ...]:
    try:
        pairs = [tuple(float(part) for part in text.split(",")) for text in texts]
    except ValueError:
        raise ValueError(f"a box of the points {'; '.join(texts)!r}") from None
    if len(pairs) == 5 and pairs[0] == pairs[4]:
        pairs.pop()
    if len(pairs) != 4 or any(len(pair) != 2 for pair in pairs):
        raise ValueError(f"a box of {len(pairs)} points, not of 4")
    return tuple(value for pair in pairs for value in pair)


def _numbers(box: Element, parts: Sequence[str]) -> tuple[float, ...]:
    values = []
    for part in parts:
        text = box.findtext(part)
        try:
            values.append(float(text or ""))
        except ValueError:
            raise ValueError(f"a box with {part} {text!r}") from None
    return tuple(values)
