"""Reader of DIOR-RSVG: objects with a description in VOC xml, splits as lists of running object numbers."""

from __future__ import annotations

from pathlib import Path

from ...harness.contract import Image, Region, Sample, Target
from ...harness.datasets.card import Card, Dataset
from ...harness.datasets.files import visible
from ...harness.datasets.images import image_size
from ...harness.datasets.shapes import defect
from ...harness.datasets.voc import read_xml
from ...harness.errors import DataError
from .gather import Gatherer


def read(root: Path, card: Card, split: str | None = None) -> Dataset:
    """Every described object of a split, a sample each; its id is its running number.

    Objects are numbered from 0 over all Annotations/*.xml in the order of their names, as the authors'
    loader counts them; <split>.txt lists the numbers of a split.

    Raises:
        DataError: no annotations, no list of the split, or a number that is no object's.
    """
    folder = root / "Annotations"
    if not folder.is_dir():
        raise DataError(f"{root.name} does not hold {card.title}: there is no Annotations.", card.expects)
    wanted = numbers(root / f"{split or card.split}.txt")
    gatherer = Gatherer(card, root)
    count = 0
    for path in visible(folder, ".xml"):
        try:
            tree = read_xml(path)
        except ValueError as error:
            raise DataError(
                f"{path.name} cannot be read: {error}",
                "The numbers behind it would be wrong: mend or replace it.",
            ) from error
        image: Image | None = None
        for item in tree.findall("object"):
            if count in wanted:
                image = image or gatherer.image(path.stem, (tree.findtext("filename") or path.stem).strip())
                if image is not None:
                    sides = [tree.findtext(f"size/{side}") or "0" for side in ("width", "height")]
                    box = [
                        item.findtext(f"bndbox/{part}") or "nan" for part in ("xmin", "ymin", "xmax", "ymax")
                    ]
                    _add(
                        gatherer, str(count), image, sides, box, (item.findtext("description") or "").strip()
                    )
            count += 1
    if wanted and max(wanted) >= count:
        raise DataError(
            f"{card.title} lists object {max(wanted):,}, and there are {count:,}.", "Annotations are missing."
        )
    return gatherer.dataset()


def numbers(path: Path) -> frozenset[int]:
    """The object numbers of a split.

    Raises:
        DataError: no such list, or a line that is no number.
    """
    try:
        return frozenset(int(line) for line in path.read_text(encoding="utf-8-sig").split())
    except FileNotFoundError:
        raise DataError(
            f"There is no list {path.name}.", "It holds the object numbers of the split."
        ) from None
    except (OSError, ValueError) as error:
        raise DataError(f"{path.name} cannot be read: {error}.") from error


def _add(gatherer: Gatherer, name: str, image: Image, sides: list[str], box: list[str], phrase: str) -> None:
    try:
        size = (int(float(sides[0])), int(float(sides[1])))
        points = tuple(float(v) for v in box)
    except ValueError:
        gatherer.problem(f"object {name}", "a box or a size that is no number")
        return
    if min(size) <= 0 and image.path:
        size = image_size(image.path)
    if fault := defect(points, size if min(size) > 0 else None):
        gatherer.problem(f"object {name}", f"{fault} ({phrase})")
        return
    sized = Image(image.name, image.path, size=size if min(size) > 0 else None)
    gatherer.samples.append(
        Sample(name, (sized,), Target(regions=(Region(points, phrase),), size=size), phrase)
    )
