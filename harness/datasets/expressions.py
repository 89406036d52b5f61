"""What the readers of visual grounding share: an expression and its boxes, asked in either direction."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..contract import Image, Problem, Region, Sample, Target
from ..errors import DataError
from ..geometry import areas
from .card import Card, Dataset
from .files import ImageIndex
from .images import image_size
from .names import ClassNames
from .pictured import Size, pictured
from .shapes import defect
from .sidecar import tagged

Points = Sequence[float]
_SMALL, _MEDIUM = 32**2, 96**2  # square pixels, COCO's limits


@dataclass
class Expressions:
    """Samples and problems of one reading.

    A card of the family region_captioning shows the boxes and takes the expression as the description.
    Without one image on disk the samples carry annotations alone: answers made elsewhere can be scored.
    """

    card: Card
    root: Path
    images: ImageIndex
    names: ClassNames = field(init=False)
    samples: dict[str, Sample] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    _sizes: dict[Path, Size] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = ClassNames(self.card)

    def problem(self, item: str, reason: str) -> None:
        """Count something broken."""
        self.problems.append(Problem(item, reason))

    def image(self, item: str, name: str, size: Size | None, prefer: str = "") -> Image | None:
        """The image of an expression; None, and a problem, where it is missing though others are there.

        Its size is what the annotation says, else what the file's header says.
        """
        try:
            return pictured(self.images, name, size, prefer, self._size)
        except DataError as error:
            self.problem(item, error.message)
            return None

    def _size(self, path: Path) -> Size:
        """Of a picture with many expressions the header is read once."""
        if path not in self._sizes:
            self._sizes[path] = image_size(path)
        return self._sizes[path]

    def add(
        self,
        name: str,
        image: Image,
        text: str,
        boxes: Sequence[Points],
        tags: Mapping[str, str],
        *,
        label: str = "",
        kind: str = "",
    ) -> None:
        """A sample of an expression and its `boxes` of 4 or 8 numbers, pixels of the image.

        A box without area or outside the image stays, since published counts include it, and is a problem.
        """
        if name in self.samples:
            self.problem(name, "a second expression with the same id is left out")
            return
        if not text.strip() or not boxes:
            self.problem(name, "there is no expression" if boxes else "an expression without a box")
            return
        if not all(len(points) in (4, 8) and all(map(math.isfinite, points)) for points in boxes):
            self.problem(name, "a box is not 4 or 8 numbers")
            return
        for fault in dict.fromkeys(defect(points, image.size) for points in boxes):
            if fault:
                self.problem(name, f"{fault}: no answer can be right")
        regions = tuple(Region(tuple(float(v) for v in points), "") for points in boxes)
        shown = self.names.find(label) if label else None
        asked = Sample(name, (image,), Target(regions=regions, kind=kind, size=image.size), text.strip())
        if self.card.family == "region_captioning":
            target = Target(label=shown, texts=(text.strip(),), kind=kind)
            asked = Sample(name, (image,), target, regions=regions)
        self.samples[name] = replace(asked, tags={**size_tag(boxes), **tags})

    def dataset(self) -> Dataset:
        """What was read, in the order it was met.

        Raises:
            DataError: nothing.
        """
        if not self.samples:
            first = "; ".join(f"{p.item}: {p.reason}" for p in self.problems[:3])
            raise DataError(f"{self.root.name} holds no expression of {self.card.title}.", first or None)
        samples = tagged(self.samples.values(), self.root, self.card)
        return Dataset(samples, tuple(self.problems), self.names.classes)


def size_tag(boxes: Sequence[Points]) -> dict[str, str]:
    """The slice of an expression by the mean area of its boxes, with COCO's limits of 32 and 96 pixels.

    >>> size_tag([(0, 0, 10, 10)]), size_tag([(0, 0, 40, 40)])
    ({'object size': 'small'}, {'object size': 'medium'})
    """
    area = sum(map(_area, boxes)) / len(boxes)
    return {"object size": "small" if area < _SMALL else "medium" if area < _MEDIUM else "large"}


def _area(points: Points) -> float:
    if len(points) == 4:  # most are, and there may be many
        return max(points[2] - points[0], 0.0) * max(points[3] - points[1], 0.0)
    return float(areas([points])[0])
