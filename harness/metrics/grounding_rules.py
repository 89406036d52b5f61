"""IoU of pairs of boxes as public scripts compute it, each under its own name.

All take `said` and `gold` of the same shape (..., 4), x1 y1 x2 y2, and give one number a pair. What is not a
number, and a union without area, give 0, where some of the scripts stop.
"""

from __future__ import annotations

import numpy as np

from ..geometry import Floats


def plain(said: Floats, gold: Floats) -> Floats:
    """Shared area over that of the union. A box whose corners are reversed shares nothing.

    >>> plain(np.array([0, 0, 10, 10.0]), np.array([0, 0, 10, 20.0])).item()
    0.5
    """
    return _ratio(*shared_and_union(said, gold))


def shared_and_union(said: Floats, gold: Floats) -> tuple[Floats, Floats]:
    """Both areas of each pair. The area of a box is |width * height|, whichever corner comes first."""
    shared = _sides(np.maximum(said[..., :2], gold[..., :2]), np.minimum(said[..., 2:], gold[..., 2:]))
    return shared, _area(said) + _area(gold) - shared


def corners_sorted(said: Floats, gold: Floats) -> Floats:
    """The plain IoU after putting the smaller coordinate of each axis first."""
    return plain(_sorted(said), _sorted(gold))


def plus_one(said: Floats, gold: Floats) -> Floats:
    """Every side, that of the intersection included, is one unit longer: LHRS-Bot, VRSBench.

    On boxes from 0 to 1 (LHRS-Bot's) nearly everything overlaps nearly everything:

    >>> round(plus_one(np.array([0.1, 0.1, 0.2, 0.2]), np.array([0.3, 0.3, 0.4, 0.4])).item(), 6)
    0.503106
    """
    return _ratio(*plus_one_areas(said, gold))


def plus_one_areas(said: Floats, gold: Floats) -> tuple[Floats, Floats]:
    """Shared area and that of the union, every side one unit longer."""
    one = np.array([0.0, 0.0, 1.0, 1.0])
    longer = said + one, gold + one
    low, high = np.maximum(said[..., :2], gold[..., :2]), np.minimum(longer[0][..., 2:], longer[1][..., 2:])
    shared = _sides(low, high)
    signed = [(b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1]) for b in longer]
    return shared, signed[0] + signed[1] - shared


def rscovlm(said: Floats, gold: Floats) -> Floats:
    """The plain IoU, but 0 where the overlap is at most one unit wide or high: RSCoVLM, VLM-R1."""
    low, high = np.maximum(said[..., :2], gold[..., :2]), np.minimum(said[..., 2:], gold[..., 2:])
    shared = np.where((high - low > 1).all(-1), (high - low).prod(-1), 0.0)
    signed = [(b[..., 2] - b[..., 0]) * (b[..., 3] - b[..., 1]) for b in (said, gold)]
    return _ratio(shared, signed[0] + signed[1] - shared)


def as_xywh(said: Floats, gold: Floats) -> Floats:
    """Corners x1 y1 x2 y2 taken for x, y, width and height: RSThinker's default."""
    return plain(_moved(said), _moved(gold))


def _sides(low: Floats, high: Floats) -> Floats:
    return np.asarray(np.maximum(high - low, 0.0).prod(-1))


def _area(boxes: Floats) -> Floats:
    return np.asarray(np.abs((boxes[..., 2:] - boxes[..., :2]).prod(-1)))


def _sorted(boxes: Floats) -> Floats:
    return np.concatenate(
        [np.minimum(boxes[..., :2], boxes[..., 2:]), np.maximum(boxes[..., :2], boxes[..., 2:])], -1
    )


def _moved(boxes: Floats) -> Floats:
    return np.concatenate([boxes[..., :2], boxes[..., :2] + boxes[..., 2:]], -1)


def _ratio(shared: Floats, union: Floats) -> Floats:
    return np.divide(shared, union, out=np.zeros_like(union), where=union > 0)
