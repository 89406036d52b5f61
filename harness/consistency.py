"""How far answers about the same picture, seen in several ways, say the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .contract import Answer, Region, Target
from .geometry import Floats, iou
from .metrics.mask_codec import area, shared, union
from .metrics.mask_regions import answered, canvas

LEVEL = 0.5  # IoU from which two boxes, or two masks, are of the same thing
MOST = 100  # boxes of an answer, the surest ones: as many as COCO counts

_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


def agreements(answers: Sequence[Answer], kind: str, target: Target) -> Floats:
    """How far every two of several answers agree: (n, n), in [0, 1]; 1 is the same.

    `kind`: words (a class or a text: 1 where they are the same but for case, spaces and outer punctuation),
    boxes (F1 of the boxes of one against those of the other, of the same class, paired one to one from the
    largest IoU down to LEVEL; 1 where neither has any), places (the same of boxes of any class), masks (1
    where their joined pixels have that IoU). An answer that could not be parsed agrees with none, itself
    included.
    """
    known = np.array([answer.unparsable is None for answer in answers], bool)
    compare = {"boxes": _boxes, "places": _places, "masks": _masks}.get(kind, _words)
    return np.where(known[:, None] & known[None, :], compare(answers, target), 0.0)


def _words(answers: Sequence[Answer], target: Target) -> Floats:
    said = [_plain(a.label if a.label is not None else a.text or "") for a in answers]
    return np.array([[float(one == other) for other in said] for one in said])


def _plain(text: str) -> str:
    """The words that are compared.

    >>> _plain(" A  Ship. ")
    'a ship'
    """
    return _EDGES.sub("", " ".join(text.casefold().split()))


def _places(answers: Sequence[Answer], target: Target) -> Floats:
    nameless = [replace(a, regions=tuple(replace(r, label="") for r in a.regions)) for a in answers]
    return _boxes(nameless, target)


def _boxes(answers: Sequence[Answer], target: Target) -> Floats:
    sets = [_surest(answer.regions) for answer in answers]
    regions = [region for held in sets for region in held]
    ends = np.cumsum([0, *map(len, sets)])
    names = np.unique([region.label for region in regions], return_inverse=True)[1]
    same = names[:, None] == names[None, :]
    alike = np.where(same, iou([r.points for r in regions], [r.points for r in regions]), 0.0)
    found = np.ones((len(sets), len(sets)))
    for i in range(len(sets)):
        for j in range(i):
            total = len(sets[i]) + len(sets[j])
            part = alike[ends[i] : ends[i + 1], ends[j] : ends[j + 1]]
            found[i, j] = found[j, i] = 2 * _pairs(part) / total if total else 1.0
    return found


def _pairs(alike: Floats) -> int:
    """How many rows and columns pair off, the most alike first."""
    rows, columns = np.nonzero(alike >= LEVEL)
    free: tuple[NDArray[np.bool_], NDArray[np.bool_]]
    free, count = (np.ones(alike.shape[0], bool), np.ones(alike.shape[1], bool)), 0
    for place in np.argsort(-alike[rows, columns], kind="stable"):
        row, column = rows[place], columns[place]
        if free[0][row] and free[1][column]:
            free[0][row] = free[1][column] = False
            count += 1
    return count


def _surest(regions: Sequence[Region]) -> Sequence[Region]:
    if len(regions) <= MOST:
        return regions
    return sorted(regions, key=lambda r: -(r.score if r.score is not None else 0.0))[:MOST]


def _masks(answers: Sequence[Answer], target: Target) -> Floats:
    sizes = [canvas(target, answer) for answer in answers]
    size = next((size for size in sizes if size), None)
    found = [[answered(region, size) for region in answer.regions] for answer in answers]
    joined = [
        union([m.runs for m in held if m and m[:2] == size], size[0] * size[1] if size else 0)
        for held in found
    ]
    matrix = np.ones((len(answers), len(answers)))
    for i, one in enumerate(joined):
        for j, other in enumerate(joined[:i]):
            both = shared(one, other)
            either = area(one) + area(other) - both
            matrix[i, j] = matrix[j, i] = float(both >= LEVEL * either)
    return matrix
