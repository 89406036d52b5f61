"""Large pictures asked about in tiles, and what was found in the tiles merged into one answer a picture."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .contract import Answer, Region, Sample, Target
from .errors import DataError, check_keys
from .geometry import Shapes, hull, overlaps

Window = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Tiling:
    """Square tiles of `size` pixels that share `overlap`; boxes of a class beyond `iou` are one object.

    DOTA's devkit and mmrotate cut so (img_split.py) and merge so: per class, non-maximum suppression of
    rotated boxes at IoU 0.1. A last tile that would lie beyond the border is moved inwards; a picture no
    larger than a tile stays whole.
    """

    size: int
    overlap: int
    iou: float = 0.1

    @classmethod
    def of(cls, raw: Mapping[str, Any], name: str) -> Tiling:
        """The tiling a card declares.

        Raises:
            UsageError: a key that does not exist.
            DataError: numbers that make no tiles.
        """
        check_keys(f"the tiles of {name}", raw, ("size", "overlap", "iou"))
        made = cls(int(raw["size"]), int(raw["overlap"]), float(raw.get("iou", 0.1)))
        if not (0 <= made.overlap < made.size and 0 < made.iou <= 1):
            raise DataError(
                f"{name} cannot be cut into tiles of {made.size} that share {made.overlap} pixels."
            )
        return made

    def windows(self, width: int, height: int) -> list[Window]:
        """The tiles of a picture, row by row, each x1, y1, x2, y2.

        >>> Tiling(512, 100).windows(1000, 500)
        [(0, 0, 512, 500), (412, 0, 924, 500), (488, 0, 1000, 500)]
        """
        across, down = self._starts(width), self._starts(height)
        return [(x, y, min(x + self.size, width), min(y + self.size, height)) for y in down for x in across]

    def cut(self, samples: Sequence[Sample]) -> tuple[Sample, ...]:
        """Every picture as its tiles, ids `<id>@<x>,<y>`; what is a tile already stays as it is.

        An object belongs to that tile, the first of equals, which shows the most of it: each is true once.
        Numbers of a tile's objects are pixels of the tile. A picture of unknown size stays whole.
        """
        return tuple(tile for sample in samples for tile in self._tiles(sample))

    def merged(
        self, samples: Sequence[Sample], answers: Sequence[Answer]
    ) -> tuple[tuple[Sample, ...], list[Answer]]:
        """The pictures and what was found in them, from their tiles."""
        parts: dict[str, list[tuple[Sample, Answer]]] = defaultdict(list)
        for sample, answer in zip(samples, answers, strict=True):
            parts[parent(sample)].append((sample, answer))
        return (
            tuple(whole(name, [sample for sample, _ in held]) for name, held in parts.items()),
            [Answer(regions=self._kept(held)) for held in parts.values()],
        )

    def _starts(self, length: int) -> list[int]:
        if length <= self.size:
            return [0]
        step, last = self.size - self.overlap, length - self.size
        return [*range(0, last, step), last]

    def _tiles(self, sample: Sample) -> Iterator[Sample]:
        image = sample.images[0]
        if image.window or not image.size or max(image.size) <= self.size:
            yield sample
            return
        windows = self.windows(*image.size)
        homes = _homes(sample.target.regions, windows)
        for place, window in enumerate(windows):
            held = tuple(
                _moved(region, -window[0], -window[1])
                for region, home in zip(sample.target.regions, homes, strict=True)
                if home == place
            )
            yield replace(
                sample,
                id=f"{sample.id}@{window[0]},{window[1]}",
                images=(replace(image, window=window),),
                target=replace(sample.target, regions=held),
            )

    def _kept(self, held: Sequence[tuple[Sample, Answer]]) -> tuple[Region, ...]:
        """Boxes of all tiles after suppression within each class.

        The higher score comes first; of equals that whose centre lies deeper in its tile, for what a border
        cuts is seen whole next door; then the earlier one.
        """
        found: dict[str, list[tuple[float, float, Region]]] = defaultdict(list)
        for sample, answer in held:
            x, y, width, height = _extent(sample)
            for region in answer.regions:
                x1, y1, x2, y2 = hull(region.points)
                cx, cy = (x1 + x2) / 2, (y1 + y2) / 2
                depth = min(cx, cy, width - cx, height - cy)
                score = region.score if region.score is not None else 0.0
                found[region.label].append((-score, -depth, _moved(region, x, y)))
        kept: list[Region] = []
        for rows in found.values():
            kept += _suppressed([row[2] for row in sorted(rows, key=lambda row: row[:2])], self.iou)
        return tuple(kept)


def parent(sample: Sample) -> str:
    """The id of the picture that a tile is of; of what is no tile, its own."""
    return (sample.id.rpartition("@")[0] if sample.images[0].window else "") or sample.id


def whole(name: str, tiles: Sequence[Sample]) -> Sample:
    """A picture from its tiles, with all their objects in its own pixels; what is no tile as it is."""
    if not tiles[0].images[0].window:
        return tiles[0]
    image = replace(tiles[0].images[0], window=None)
    regions = tuple(_moved(region, *_extent(tile)[:2]) for tile in tiles for region in tile.target.regions)
    target: Target = replace(tiles[0].target, regions=regions)
    return replace(tiles[0], id=name, images=(image,), target=target)


def _extent(sample: Sample) -> tuple[int, int, float, float]:
    """x, y, width and height of what a sample shows of its picture."""
    image = sample.images[0]
    if image.window:
        x1, y1, x2, y2 = image.window
        return x1, y1, x2 - x1, y2 - y1
    width, height = image.size or (float("inf"), float("inf"))
    return 0, 0, width, height


def _homes(regions: Sequence[Region], windows: Sequence[Window]) -> list[int]:
    if not regions:
        return []
    shared = overlaps([hull(region.points) for region in regions], windows).shared
    return [int(place) for place in np.argmax(shared, axis=1)]


def _moved(region: Region, x: float, y: float) -> Region:
    points = tuple(v + (y if i % 2 else x) for i, v in enumerate(region.points))
    return replace(region, points=points)


def _suppressed(ordered: Sequence[Region], limit: float) -> list[Region]:
    """Greedy non-maximum suppression of boxes in order; beyond `limit`, IoU of polygons, two are one."""
    if len(ordered) < 2:
        return list(ordered)
    shapes = Shapes.of([region.points for region in ordered])
    shared = shapes.shared_with(shapes)
    union = shapes.areas[:, None] + shapes.areas[None, :] - shared
    same = shared > limit * union
    alive = np.ones(len(ordered), bool)
    for place in range(len(ordered)):
        if alive[place]:
            alive[place + 1 :] &= ~same[place, place + 1 :]
    return [region for region, lives in zip(ordered, alive, strict=True) if lives]
