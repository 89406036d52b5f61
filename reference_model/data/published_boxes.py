"""Reader of boxes in text files, a line an object, in the forms the harness has no layout for."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from ...harness.contract import Image, Region
from ...harness.datasets.boxes import Collector, natural
from ...harness.datasets.card import Card, Dataset
from ...harness.datasets.files import find_images, walk
from ...harness.errors import DataError
from .boxes import from_corner_and_size

_NUMBER = re.compile(r"[-+]?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?")
Parsed = tuple[tuple[float, ...], int | None]  # box in pixels; index of the class, None: that of the folder


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every annotated image; its id is the text file's path below the annotations, without suffix.

    Card options: `form` (a key of FORMS), `annotations` and `images`: folders, `{split}` in them standing for
    the split. Classes of the card are counted from `first` (1 where not given); -1 and beyond are ignored.

    Raises:
        DataError: no such folder, or no annotation in it.
    """
    options = {k: str(v).format(split=split or card.split) for k, v in card.options.items()}
    form, folder = FORMS[options["form"]], root / options.get("annotations", "")
    if not folder.is_dir():
        raise DataError(
            f"{root.name} does not hold {card.title}: there is no {options['annotations']}.", card.expects
        )
    files = [here / f for here, _, names in walk(folder) for f in names if f.lower().endswith(".txt")]
    collector = Collector(card, root, find_images(root, (p.stem for p in files), options.get("images", "")))
    for path in sorted(files, key=lambda p: natural(p.as_posix())):
        stem = path.relative_to(folder).with_suffix("").as_posix()
        image = collector.image(stem, path.stem, None, prefer=path.parent.name)
        if image is not None:
            _add(collector, stem, image, path, form, int(options.get("first", 1)))
    if not collector.samples:
        raise DataError(f"{root.name} holds no annotation of {card.title}.", card.expects)
    return collector.dataset()


def _add(
    collector: Collector,
    stem: str,
    image: Image,
    path: Path,
    form: Callable[[Sequence[float], tuple[int, int] | None], Parsed],
    first: int,
) -> None:
    classes = collector.card.classes
    regions: list[Region | None] = []
    lines = 0
    for number, line in enumerate(path.read_text(encoding="utf-8-sig", errors="replace").splitlines(), 1):
        if not line.strip():
            continue
        lines += 1
        where = f"{stem}, line {number}"
        try:
            points, index = form([float(n) for n in _NUMBER.findall(line)], image.size)
        except ValueError:
            collector.problem(where, "a line of another form")
            continue
        if index is not None and not 0 <= index - first < len(classes):
            collector.problem(where, f"an object of the class {index}, which is not asked for")
            continue
        label = path.parent.name if index is None else classes[index - first]
        regions.append(collector.region(where, label, points, image.size))
    if lines and not any(regions):
        collector.problem(stem, "no line of its annotation can be used, so it is not known to be empty")
    else:
        collector.add(stem, image, regions)


def _vhr10(numbers: Sequence[float], size: tuple[int, int] | None) -> Parsed:
    """(x1,y1),(x2,y2),class"""
    x1, y1, x2, y2, label = numbers
    return (x1, y1, x2, y2), int(label)


def _polygon(numbers: Sequence[float], size: tuple[int, int] | None) -> Parsed:
    """class x1 y1 ... x4 y4, parts of width and height"""
    label, *parts = numbers
    if len(parts) != 8 or size is None:
        raise ValueError
    return tuple(part * size[i % 2] for i, part in enumerate(parts)), int(label)


def _ucas_aod(numbers: Sequence[float], size: tuple[int, int] | None) -> Parsed:
    """x1 y1 ... x4 y4 angle x y width height; the folder is the class"""
    if len(numbers) != 13:
        raise ValueError
    return tuple(numbers[:8]), None


def _visdrone(numbers: Sequence[float], size: tuple[int, int] | None) -> Parsed:
    """x,y,width,height,score,class,truncation,occlusion"""
    x, y, width, height, _, label, *_ = numbers
    return from_corner_and_size((x, y, width, height)), int(label)


FORMS: dict[str, Callable[[Sequence[float], tuple[int, int] | None], Parsed]] = {
    "vhr10": _vhr10,
    "polygon": _polygon,
    "ucas-aod": _ucas_aod,
    "visdrone": _visdrone,
}
