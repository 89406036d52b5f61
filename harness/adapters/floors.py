"""Adapters that know the truths of the data but not which sample they are asked about. They are no models.

What such an answer scores is what a figure gives for nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

from ..contract import Boxes, Mask, Region, Request, Response, Runtime, Sample, Target
from ..errors import DataError, check_keys
from ..geometry import corners, hull
from .trivial import image_extent, truth


class Echo:
    """Says back what it was asked. Option: `dialect`."""

    name = "echo"
    checkpoint: str | None = None

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Raises UsageError for an unknown option."""
        check_keys(self.name, arguments, ("dialect",))
        self.dialect: str | None = arguments.get("dialect", "plain")

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        """The prompt of every request."""
        return (Response(request.key, request.sample_id, text=request.prompt) for request in requests)


class Constant:
    """Always gives the answer that is right most often.

    A text or a class is the commonest one of the data (of equals the first); boxes are one box of the
    commonest class: the median of all objects' boxes in parts of their image.
    """

    name = "constant"
    dialect: str | None = None
    checkpoint: str | None = None

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Raises UsageError for an option."""
        check_keys(self.name, arguments, ())
        self._target = Target()
        self._box = (0.25, 0.25, 0.75, 0.75)

    def prepare(self, samples: Sequence[Sample], classes: Sequence[str], options: Mapping[str, Any]) -> None:
        """Learn what is right most often."""
        targets = [sample.target for sample in samples]
        label = _commonest([t.label for t in targets if t.label is not None])
        text = _commonest([t.texts[0] for t in targets if t.texts])
        objects = _commonest([r.label for t in targets for r in t.regions])
        boxes = [part for sample in samples for part in _parts(sample)]
        if boxes:
            x1, y1, x2, y2 = (median(column) for column in zip(*boxes, strict=True))
            self._box = (x1, y1, x2, y2)
        region = () if objects is None else (Region(self._box, objects),)
        self._target = Target(label, () if text is None else (text,), region)

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        """The same for every request, boxes in parts of its image."""
        return (_placed(request, self._target) for request in requests)


class Shuffled:
    """Gives every sample the truth of another one, drawn by the seed."""

    name = "shuffled"
    tied = True  # to the samples as they are
    dialect: str | None = None
    checkpoint: str | None = None

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Raises UsageError for an option."""
        check_keys(self.name, arguments, ())
        self._seed = runtime.seed
        self._targets: dict[str, Target] = {}

    def prepare(self, samples: Sequence[Sample], classes: Sequence[str], options: Mapping[str, Any]) -> None:
        """Draw who gets whose truth: one cycle through all samples, so that nobody gets the own one."""
        import numpy as np

        order = np.random.default_rng(self._seed).permutation(len(samples))
        for place, giver in zip(order, np.roll(order, 1), strict=True):
            self._targets[samples[int(place)].id] = _relative(samples[int(giver)])

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        """The truth of another sample, boxes in the same parts of this image."""
        return (_placed(request, self._targets[request.sample_id]) for request in requests)


def _commonest(values: Sequence[str]) -> str | None:
    return Counter(values).most_common(1)[0][0] if values else None


def _extent(sample: Sample) -> tuple[int, int] | None:
    try:
        return image_extent(sample.images[0])
    except DataError:
        return None


def _parts(sample: Sample) -> Iterator[tuple[float, ...]]:
    """The objects of a sample as horizontal boxes in parts of its image; none where its size is not known."""
    if size := _extent(sample):
        for region in sample.target.regions:
            if region.points:  # a mask may have none
                yield tuple(v / size[i % 2] for i, v in enumerate(hull(region.points)))


def _relative(sample: Sample) -> Target:
    """The truth of a sample, boxes in parts of its image."""
    size = _extent(sample)
    if size is None:
        return replace(sample.target, regions=())
    regions = (
        replace(r, points=tuple(v / size[i % 2] for i, v in enumerate(r.points)))
        for r in sample.target.regions
    )
    return replace(sample.target, regions=tuple(regions))


def _placed(request: Request, target: Target) -> Response:
    """A truth in parts of an image, as an answer about the image of a request."""
    if not isinstance(request.wants, (Boxes, Mask)):
        return truth(request, target)
    try:
        size = image_extent(request.images[0])
    except DataError as error:
        return Response(request.key, request.sample_id, error=error.message)
    regions = []
    for region in target.regions:
        points = tuple(v * size[i % 2] for i, v in enumerate(region.points))
        oriented = isinstance(request.wants, Boxes) and request.wants.oriented
        regions.append(replace(region, points=corners(points) if oriented else points))
    return truth(request, replace(target, regions=tuple(regions)))
