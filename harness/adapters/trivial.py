"""Adapters that are no models: the truth, nothing, chance, and everything at once. They bound every score."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from ..arguments import named
from ..contract import Boxes, Frame, Image, Label, Mask, Region, Request, Response, Runtime, Target
from ..errors import DataError, check_keys
from ..geometry import corners, from_rotated, hull
from ..registry import load
from ..roles import Dialect, Seeing

if TYPE_CHECKING:
    import numpy as np


class Oracle:
    """Knows the truth. Reaches the best value of every metric, or shows what a dialect's notation costs.

    Without `dialect=NAME` it answers with boxes and labels itself, score 1; with it, in the dialect's text
    (`dialect='qwen,generation=3'` for one with options).
    """

    name = "oracle"
    checkpoint: str | None = None

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Raises UsageError for an unknown option or dialect."""
        check_keys(self.name, arguments, ("dialect",))
        self.dialect = arguments.get("dialect")
        self._dialect: Dialect | None = None
        if self.dialect:
            name, options = named(self.dialect)
            self._dialect = load("dialects", name)(**options)
        self._targets: dict[str, Target] = {}

    def inform(self, request: Request, target: Target) -> None:
        """Learn the truth of a request."""
        self._targets[request.key] = target

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        """The truth; objects to be ignored are left out."""
        for request in requests:
            target = self._targets.pop(request.key)
            if self._dialect is None:
                yield truth(request, target)
                continue
            try:
                frame = self._seen(request) if isinstance(request.wants, Boxes) else None
            except DataError as error:
                yield Response(request.key, request.sample_id, error=error.message)
                continue
            text = self._dialect.express(target, request.wants, frame)
            yield Response(request.key, request.sample_id, text=text, frame=frame)

    def _seen(self, request: Request) -> Frame:
        size = image_extent(request.images[0])
        return self._dialect.frame(size) if isinstance(self._dialect, Seeing) else Frame.plain(*size)


class Blank:
    """Says nothing. Option: `dialect`."""

    name = "blank"
    checkpoint: str | None = None

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Raises UsageError for an unknown option."""
        check_keys(self.name, arguments, ("dialect",))
        self.dialect: str | None = arguments.get("dialect", "plain")

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        """An empty text for every request."""
        return (Response(request.key, request.sample_id, text="") for request in requests)


class Random:
    """Guesses: a choice, or up to ten boxes anywhere. The guess depends on the seed and the sample alone."""

    name = "random"
    dialect: str | None = None
    checkpoint: str | None = None

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Raises UsageError for an option."""
        check_keys(self.name, arguments, ())
        self._seed = runtime.seed

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        """A guess for every request; free questions are errors."""
        import numpy as np

        for request in requests:
            named = sha256(request.sample_id.encode("utf-8", "surrogatepass")).digest()[:8]
            rng = np.random.default_rng([self._seed, int.from_bytes(named, "big")])
            wants = request.wants
            if isinstance(wants, Label):
                label = wants.choices[int(rng.integers(len(wants.choices)))]
                yield Response(request.key, request.sample_id, label=label)
            elif isinstance(wants, Boxes):
                yield _boxes(request, partial(_guess, rng, wants))
            else:
                yield Response(request.key, request.sample_id, error="there is no guess at a free answer")


class ListAll:
    """Names every class, and covers every image with boxes of every class: must not be rewarded."""

    name = "list_all"
    dialect: str | None = "plain"
    checkpoint: str | None = None

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Raises UsageError for an option."""
        check_keys(self.name, arguments, ())

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        """All classes in one sentence, or the image and its 16 tiles as boxes of each class."""
        for request in requests:
            wants = request.wants
            if isinstance(wants, Boxes):
                yield _boxes(request, partial(_cover, wants))
            else:
                everything = ", ".join(wants.choices) if isinstance(wants, Label) else "yes, no, 0, 1, 2"
                yield Response(request.key, request.sample_id, text=everything)


def image_extent(image: Image) -> tuple[int, int]:
    """Width and height of what is shown of an image, in pixels.

    Raises:
        DataError: the data does not say.
    """
    if image.extent:
        return image.extent
    raise DataError(f"The size of {image.name} is not known.")


def truth(request: Request, target: Target) -> Response:
    """A truth as an answer; objects to be ignored are left out."""
    key, sample = request.key, request.sample_id
    if isinstance(request.wants, (Boxes, Mask)):
        kept = [region for region in target.regions if not (region.ignore or region.crowd)]
        regions = tuple(Region(r.points, r.label, score=1.0, mask=r.mask) for r in kept)
        return Response(key, sample, regions=regions)
    if isinstance(request.wants, Label):
        return Response(key, sample, label=target.label)
    return Response(key, sample, text=target.texts[0] if target.texts else target.label)


def _boxes(request: Request, make: Callable[[int, int], tuple[Region, ...]]) -> Response:
    try:
        size = image_extent(request.images[0])
    except DataError as error:
        return Response(request.key, request.sample_id, error=error.message)
    return Response(request.key, request.sample_id, regions=make(*size))


def _guess(rng: np.random.Generator, wants: Boxes, width: int, height: int) -> tuple[Region, ...]:
    regions = []
    for _ in range(int(rng.integers(1, 11))):
        cx, cy, w, h = rng.uniform((0, 0, 0.02, 0.02), (1, 1, 0.5, 0.5)) * (width, height, width, height)
        turned = from_rotated(cx, cy, w, h, float(rng.uniform(0, 3.14)) if wants.oriented else 0.0)
        label = wants.classes[int(rng.integers(len(wants.classes)))] if wants.classes else wants.phrase or ""
        points = turned if wants.oriented else hull(turned)
        regions.append(Region(tuple(map(float, points)), label, score=float(rng.uniform())))
    return tuple(regions)


def _cover(wants: Boxes, width: int, height: int) -> tuple[Region, ...]:
    boxes = [(0.0, 0.0, float(width), float(height))]
    w, h = width / 4, height / 4
    boxes += [(i * w, j * h, (i + 1) * w, (j + 1) * h) for i in range(4) for j in range(4)]
    points = [corners(box) if wants.oriented else box for box in boxes]
    return tuple(
        Region(p, name, score=1.0) for name in wants.classes or (wants.phrase or "",) for p in points
    )
