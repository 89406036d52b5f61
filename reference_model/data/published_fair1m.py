"""Reader of FAIR1M: an xml file a picture, objects with a name and the corners of a box (from memory)."""

from __future__ import annotations

from pathlib import Path
from xml.etree.ElementTree import Element

from ...harness.datasets.boxes import Collector
from ...harness.datasets.card import Card, Dataset
from ...harness.datasets.files import find_images, folders_with, visible
from ...harness.datasets.voc import read_xml
from ...harness.errors import DataError


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every annotated picture below the folder of a split; its id is the name of its xml file.

    An object is possibleresult/name and points/point, "x,y" each, the first one repeated at the end.

    Raises:
        DataError: no folder of the split with xml files.
    """
    base = root / split if split and (root / split).is_dir() else root
    if split and base == root and root.name.lower() != split.lower():
        raise DataError(f"{root.name} has no folder {split!r}.", f"{card.title} lies in a folder a split.")
    folders = folders_with(base, lambda name: name.lower().endswith(".xml"))
    files = [path for folder in folders for path in visible(folder, ".xml")]
    if not files:
        raise DataError(f"{base.name} holds no xml annotations of {card.title}.")
    collector = Collector(card, base, find_images(base, (path.stem for path in files)))
    for path in files:
        stem = path.relative_to(base).with_suffix("").as_posix()
        image = collector.image(stem, path.stem, None, prefer=path.parent.parent.name)
        if image is None:
            continue
        try:
            tree = read_xml(path)
        except ValueError as error:
            collector.problem(stem, f"its annotation cannot be read: {error}")
            continue
        regions = []
        for number, item in enumerate(tree.iter("object"), 1):
            where = f"{stem}, object {number}"
            try:
                points = _points(item)
            except ValueError:
                collector.problem(where, "an object without four corners")
                continue
            name = (item.findtext("possibleresult/name") or "").strip()
            regions.append(collector.region(where, name, points, image.size))
        collector.add(stem, image, regions)
    return collector.dataset()


def _points(item: Element) -> tuple[float, ...]:
    pairs = [(point.text or "").split(",") for point in item.findall("points/point")]
    if len(pairs) not in (4, 5) or any(len(pair) != 2 for pair in pairs):
        raise ValueError
    return tuple(float(v) for pair in pairs[:4] for v in pair)
