"""What the readers of boxes share: objects to checked Regions, images to Samples, problems counted."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from ..contract import Image, Problem, Region, Sample, Target
from ..errors import DataError
from .card import Card, Dataset
from .files import ImageIndex
from .names import ClassNames, class_key
from .pictured import Size, pictured
from .shapes import defect, one_form
from .sidecar import tagged

_ANY = ""  # label of an area in which no class is asked for, until all classes are known


@dataclass
class Collector:
    """Samples and problems of one reading, image by image.

    Without one image on disk the samples carry annotations alone: answers made elsewhere can still be scored.
    """

    card: Card
    root: Path
    images: ImageIndex
    names: ClassNames = field(init=False)
    samples: dict[str, Sample] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.names = ClassNames(self.card)
        self._ignored = {class_key(c) for c in self.card.options.get("ignore_classes", ())}

    def label(self, name: str) -> str | None:
        """The class shown for a name of the annotation; None for a stranger and for what is to be ignored."""
        return None if class_key(name) in self._ignored else self.names.find(name)

    def problem(self, item: str, reason: str) -> None:
        """Count something broken."""
        self.problems.append(Problem(item, reason))

    def image(self, item: str, name: str, size: Size | None, prefer: str = "") -> Image | None:
        """The image an annotation names; None, and a problem, where it is missing though others are there.

        Its size is what the annotation says, else what the file's header says.
        """
        try:
            return pictured(self.images, name, size, prefer)
        except DataError as error:
            self.problem(item, error.message)
            return None

    def region(
        self,
        item: str,
        name: str,
        points: Sequence[float],
        size: Size | None,
        *,
        ignore: bool = False,
        crowd: bool = False,
        area: float | None = None,
    ) -> Region | None:
        """A checked object; None, and a problem, where its class or its box cannot be used.

        Classes of the card's option `ignore_classes` become areas in which no class is asked for.
        """
        anything = class_key(name) in self._ignored
        label = _ANY if anything else self.names.find(name)
        if label is None:
            self.problem(item, f"an object of the unknown class {name!r}")
            return None
        if fault := defect(points, size):
            self.problem(item, f"{fault} ({name})")
            return None
        return Region(
            tuple(float(v) for v in points),
            label,
            ignore=ignore or anything,
            crowd=crowd or anything,
            area=area,
        )

    def add(self, sample_id: str, image: Image, regions: Sequence[Region | None], **tags: str) -> None:
        """A sample of an image and its usable objects."""
        if sample_id in self.samples:
            self.problem(sample_id, "a second annotation of the same image is left out")
            return
        target = Target(regions=tuple(r for r in regions if r is not None))
        self.samples[sample_id] = Sample(sample_id, (image,), target, tags=tags)

    def dataset(self, aliases: tuple[tuple[str, str], ...] = ()) -> Dataset:
        """What was read: ids in order, all boxes in one form (the card's option `oriented`).

        The order decides between detections of equal score. It is that of the numbers in the ids, which for
        COCO is pycocotools' own.
        """
        ordered = sorted(self.samples.values(), key=lambda s: natural(s.id))
        ordered = [_spread(sample, self.names.classes) for sample in ordered]
        samples = one_form(ordered, self.card.options.get("oriented"))
        return Dataset(
            tagged(samples, self.root, self.card), tuple(self.problems), self.names.classes, aliases
        )


def natural(name: str) -> tuple[tuple[int, int, str], ...]:
    """A key that sorts the numbers in names as numbers.

    >>> sorted(["10", "2", "P1_9", "P1_10"], key=natural)
    ['2', '10', 'P1_9', 'P1_10']
    """
    parts = re.split(r"([0-9]+)", name)
    return tuple((0, int(part), "") if part[0] in "0123456789" else (1, 0, part) for part in parts if part)


def _spread(sample: Sample, classes: tuple[str, ...]) -> Sample:
    """An area in which nothing is asked for holds for every class: one region each."""
    regions: list[Region] = []
    for region in sample.target.regions:
        labels = classes if region.label == _ANY else (region.label,)
        regions += (replace(region, label=label) for label in labels)
    return replace(sample, target=Target(regions=tuple(regions)))
