"""How far answers about the same picture, seen in several ways, say the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import chain

import numpy as np

from .contract import Answer, Region, Target
from .geometry import Floats, Shapes
from .metrics.mask_codec import area, shared, union
from .metrics.mask_regions import answered, canvas

LEVEL = 0.5  # IoU from which two boxes, or two masks, are of the same thing
MOST = 100  # boxes of an answer, the surest ones: as many as COCO counts

_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


def agreements(answers: Sequence[Sequence[Answer]], kind: str, targets: Sequence[Target]) -> Floats:
    """How far every two of n answers about each picture agree: (pictures, n, n) in [0, 1]; 1 is the same.

    `kind`: words (a class or a text: 1 where they are the same but for case, spaces and outer punctuation),
    boxes (F1 of the boxes of one against those of the other, of the same class, paired one to one from the
    largest IoU down to LEVEL; 1 where neither has any), places (the same of boxes of any class), masks (1
    where their joined pixels have that IoU). An answer that could not be parsed agrees with none, itself
    included.
    """
    if not answers:
        return np.zeros((0, 0, 0))
    known = np.array([[answer.unparsable is None for answer in held] for held in answers], bool)
    if kind in ("boxes", "places"):
        found = _boxes(answers, kind == "boxes")
    elif kind == "masks":
        found = np.array([_masks(held, target) for held, target in zip(answers, targets, strict=True)])
    else:
        found = np.array([_words(held) for held in answers])
    return np.where(known[:, :, None] & known[:, None, :], found, 0.0)


def _words(answers: Sequence[Answer]) -> Floats:
    said = [_plain(a.label if a.label is not None else a.text or "") for a in answers]
    return np.array([[float(one == other) for other in said] for one in said])


def _plain(text: str) -> str:
    """The words that are compared.

    >>> _plain(" A  Ship. ")
    'a ship'
    """
    return _EDGES.sub("", " ".join(text.casefold().split()))


def _boxes(answers: Sequence[Sequence[Answer]], named: bool) -> Floats:
    """All pictures in one compiled pass; `named`: only boxes of the same class pair off."""
    from .consistency_kernel import paired

    sets = [_surest(answer.regions) for held in answers for answer in held]
    regions = list(chain.from_iterable(sets))
    sizes = np.array([len(held) for held in sets], np.intp)
    number = {name: i for i, name in enumerate(dict.fromkeys(region.label for region in regions))}
    label = np.array([number[region.label] if named else 0 for region in regions], np.intp)
    shapes = Shapes.of([region.points for region in regions])
    pairs = np.empty((len(answers), len(answers[0]), len(answers[0])), np.intp)
    paired(
        shapes.rings, shapes.envelopes, shapes.straight, shapes.areas, label,
        np.concatenate([[0], np.cumsum(sizes)]), LEVEL, pairs,
    )  # fmt: skip
    held = sizes.reshape(pairs.shape[:2])
    total = held[:, :, None] + held[:, None, :]
    found: Floats = np.divide(2.0 * pairs, total, out=np.ones(pairs.shape), where=total > 0)
    found[:, np.arange(len(held[0])), np.arange(len(held[0]))] = 1.0
    return found


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
