"""Readers of boxes in text files, a file an image, a line an object: VHR-10, VisDrone, UCAS-AOD, YOLO."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..contract import Image, Region
from ..errors import DataError
from .boxes import Collector, natural
from .card import Card, Dataset
from .files import find_images, visible
from .frozen import of_split
from .layouts import other_layout, other_split
from .pictured import Size
from .places import image_folder, matched, patterns

_NUMBER = r"\s*([-+]?\d+(?:\.\d*)?)\s*"
_VHR10 = re.compile(rf"\s*\({_NUMBER},{_NUMBER}\)\s*,\s*\({_NUMBER},{_NUMBER}\)\s*,{_NUMBER}")


@dataclass(frozen=True, slots=True)
class Line:
    """An object as a line has it: a box in pixels, and the number of its class; None: that of the folder."""

    points: tuple[float, ...]
    number: int | None
    ignore: bool = False


Form = Callable[[str, Size | None], Line]  # raises ValueError for a line of another form


def vhr10(root: Path, card: Card, split: str | None = None) -> Dataset:
    """NWPU VHR-10: `(x1,y1),(x2,y2),class`, spaces anywhere; classes are counted from 1."""
    return _read(root, card, split, _vhr10, first=1)


def visdrone(root: Path, card: Card, split: str | None = None) -> Dataset:
    """VisDrone-DET: `x,y,width,height,score,class,truncation,occlusion`; a score of 0: not evaluated."""
    return _read(root, card, split, _visdrone, first=1)


def ucas_aod(root: Path, card: Card, split: str | None = None) -> Dataset:
    """UCAS-AOD: four corners, angle, and x, y, width, height of the hull; the folder is the class."""
    return _read(root, card, split, _ucas_aod, first=0)


def yolo(root: Path, card: Card, split: str | None = None) -> Dataset:
    """YOLO: a class counted from 0, and parts of width and height: centre and sides, or four corners."""
    return _read(root, card, split, _yolo, first=0)


def _read(root: Path, card: Card, split: str | None, form: Form, first: int) -> Dataset:
    """Every annotated image of a split; its id is its file's name without suffix, with the folder's before it
    where there are several folders. Images lie beside the annotations or in the folder `images`.

    Card options: `annotations` and `images` (patterns of folders, places.py), `split_file`, the list of a
    split, `match` or `share` (frozen.py, where there is no list), `numbers` (number of a class to its name;
    those of the card in order where not given), `oriented`, `ignore_classes`. An empty file is an image
    without objects; a file whose every line is broken is not known to be one, and is left out.

    Raises:
        DataError: no such folder, or no annotation in it.
    """
    split = split or card.split
    base, folders = _folders(root, card, split)
    files = {_id(path, folders): path for folder in folders for path in visible(folder, ".txt")}
    if not files:
        raise _none(root, card, split)
    ids = _ids(base, card, split, sorted(files, key=natural))
    part = image_folder(root, base, card, split)
    collector = Collector(card, base, find_images(base, (files[i].stem for i in ids if i in files), part))
    if part:
        for stem in sorted(collector.images.stems() - {path.stem.lower() for path in files.values()}):
            collector.problem(stem, "an image without an annotation file")
    numbers = card.options.get("numbers") or dict(enumerate(card.classes, first))
    for item in ids:
        if item not in files:
            collector.problem(item, "it has no annotation file")
        elif image := _image(collector, item, files[item]):
            _add(collector, item, image, files[item], form, numbers)
    return collector.dataset()


def _folders(root: Path, card: Card, split: str) -> tuple[Path, list[Path]]:
    base, found = matched(root, patterns(card, "annotations", split))
    return base, [path for path in found if path.is_dir()]


def _none(root: Path, card: Card, split: str) -> DataError:
    """The error for a folder without annotations of a split, which may have those of others."""
    wanted = patterns(card, "annotations", split)
    missing = f"there is no {' or '.join(wanted) or f'split {split!r}'}"
    others = {other: _folders(root, card, other)[1] for other in card.counts}
    held = [other for other, folders in others.items() if any(visible(f, ".txt") for f in folders)]
    return other_split(root, card, split, missing, held) if held else other_layout(root, card, missing)


def _id(path: Path, folders: list[Path]) -> str:
    return path.stem if len(folders) == 1 else f"{path.parent.name}/{path.stem}"


def _ids(base: Path, card: Card, split: str, ids: list[str]) -> list[str]:
    """The items of a split: those of its list where there is one, else as frozen."""
    name = card.options.get("split_file", "").format(split=split)
    if not name or not (base / name).is_file():
        return of_split(ids, card, split)
    text = (base / name).read_text(encoding="utf-8-sig", errors="replace")
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))


def _image(collector: Collector, item: str, path: Path) -> Image | None:
    """The image of an annotation: of several of its name that in a folder called like the annotation's."""
    image = collector.image(item, path.stem, None, prefer=path.parent.name)
    beside = "/" in item and image is not None and image.path
    if beside and image is not None and Path(image.path).parent.name != path.parent.name:
        collector.problem(item, f"the image {path.stem} is missing in {path.parent.name}")
        return None
    return image


def _add(
    collector: Collector, item: str, image: Image, path: Path, form: Form, numbers: dict[int, str]
) -> None:
    regions: list[Region | None] = []
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        collector.problem(item, f"its annotation cannot be read: {error}")
        return
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    for number, line in lines:
        where = f"{item}, line {number}"
        try:
            read = form(line, image.size)
        except ValueError as error:
            collector.problem(where, str(error))
            continue
        name = path.parent.name if read.number is None else numbers.get(read.number, str(read.number))
        regions.append(collector.region(where, name, read.points, image.size, ignore=read.ignore))
    if lines and not any(regions):
        collector.problem(item, "no line of its annotation can be used: it is not known to be empty")
    else:
        collector.add(item, image, regions)


def _vhr10(line: str, size: Size | None) -> Line:
    found = _VHR10.fullmatch(line)
    if found is None:
        raise ValueError("a line that is not (x1,y1),(x2,y2),class")
    x1, y1, x2, y2, number = map(float, found.groups())
    return Line((x1, y1, x2, y2), int(number))


def _visdrone(line: str, size: Size | None) -> Line:
    x, y, width, height, score, number, *_ = _numbers(line.strip().rstrip(",").split(","), (8,))
    return Line((x, y, x + width, y + height), int(number), ignore=score == 0)


def _ucas_aod(line: str, size: Size | None) -> Line:
    return Line(tuple(_numbers(line.split(), (13,))[:8]), None)


def _yolo(line: str, size: Size | None) -> Line:
    number, *parts = _numbers(line.split(), (5, 9))
    if size is None:
        raise ValueError("parts of an image of unknown size")
    if len(parts) == 4:
        cx, cy, width, height = parts
        parts = [cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2]
    return Line(tuple(part * size[i % 2] for i, part in enumerate(parts)), int(number))


def _numbers(parts: list[str], counts: tuple[int, ...]) -> list[float]:
    if len(parts) not in counts:
        raise ValueError(f"a line of {len(parts)} parts, not {' or '.join(map(str, counts))}")
    try:
        return [float(part) for part in parts]
    except ValueError:
        raise ValueError("a line with a part that is no number") from None
