"""Many ranked lists under many weightings of their samples at once: what a bootstrap of AP needs."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..geometry import Floats
from .average_precision import COCO_RECALLS, VOC07_RECALLS, Ranking

_LEVELS: Mapping[str, Floats] = {"voc07": VOC07_RECALLS, "coco101": COCO_RECALLS}
HIT, POINT = 1, 2  # bits of a detection's kind: it is a hit; the curve has a point behind it


def resampled_means(
    rankings: Mapping[float, Sequence[Ranking]],
    objects: Any,
    weights: Any,
    interpolations: Iterable[str],
    threads: int | None = None,
) -> dict[tuple[float, str], Floats]:
    """Mean AP over the classes that have objects, by (threshold, interpolation): each (draws,).

    `rankings`: one per class at every threshold. `objects` (samples, classes): how many are asked for.
    `weights` (draws, samples): how often each sample counts, whole numbers. NaN where no class has objects.
    """
    objects = np.asarray(objects, float)
    positives = np.asarray(weights, float) @ objects
    lists = Rankings([ranking for ranked in rankings.values() for ranking in ranked])
    values = lists.resampled(weights, np.tile(positives, len(rankings)), interpolations, threads)
    there = np.maximum((positives > 0).sum(1), 1)
    means: dict[tuple[float, str], Floats] = {}
    for how, table in values.items():
        by_class = table.reshape(len(table), len(rankings), objects.shape[1])
        mean = np.nansum(by_class, 2) / there[:, None]
        mean[~(positives > 0).any(1)] = np.nan
        means |= {(threshold, how): mean[:, k] for k, threshold in enumerate(rankings)}
    return means


class Rankings:
    """Ranked lists (of every class at every threshold, say) laid end to end."""

    def __init__(self, rankings: Sequence[Ranking]) -> None:
        parts = [_laid_out(ranking) for ranking in rankings]
        self._sample = np.concatenate([np.zeros(0, np.int32), *(sample for sample, _ in parts)])
        self._kind = np.concatenate([np.zeros(0, np.uint8), *(kind for _, kind in parts)])
        self._start = np.cumsum([0, *(len(sample) for sample, _ in parts)], dtype=np.int64)

    def resampled(
        self, weights: Any, positives: Any, interpolations: Iterable[str], threads: int | None = None
    ) -> dict[str, Floats]:
        """AP by interpolation, each (draws, lists); NaN where a list has no objects.

        `weights` (draws, samples) and `positives` (draws, lists) are whole numbers. Each value is that of
        `Ranking.curve` and the interpolation under its draw, whatever the number of `threads` (None: one for
        every core).

        Raises:
            ValueError: weights or positives that are not whole numbers.
        """
        times, totals = whole_numbers(weights, np.int32), whole_numbers(positives, np.int64)
        wanted = tuple(interpolations)
        values: dict[str, Floats] = {}
        for how in [how for how in wanted if how in _LEVELS] or [""]:
            out = self._measured(times, totals, _LEVELS.get(how, np.zeros(0)), threads)
            values |= {"area": out[:, :, 0], how: out[:, :, 1]}
        return {how: values[how] for how in wanted}

    def _measured(
        self, times: NDArray[np.int32], totals: NDArray[np.int64], levels: Floats, threads: int | None
    ) -> Floats:
        from .rankings_kernel import precisions

        out = np.empty((*totals.shape, 2))
        workers = max(1, min(threads or os.cpu_count() or 1, len(out)))
        edges = np.linspace(0, len(out), workers + 1).astype(int)

        def work(part: slice) -> None:
            precisions(self._sample, self._kind, self._start, times[part], totals[part], levels, out[part])

        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(work, map(slice, edges, edges[1:])))
        return out


def whole_numbers(values: Any, dtype: Any) -> NDArray[Any]:
    """An array of counts as contiguous integers.

    Raises:
        ValueError: values that are not whole numbers.
    """
    given = np.asarray(values)
    whole = np.ascontiguousarray(given, dtype)
    if given.dtype.kind not in "iub" and not np.array_equal(given, whole):
        raise ValueError("Weights of many draws at once are whole numbers: how often each sample was drawn.")
    return whole


def _laid_out(ranking: Ranking) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """Sample and kind of each detection up to the last point of the curve, point after point.

    The order between two points is of no account: the curve is read at its points alone.
    """
    if not len(ranking.hits_seen):
        return np.zeros(0, np.int32), np.zeros(0, np.uint8)
    hits, misses = ranking.hits[: ranking.hits_seen[-1]], ranking.misses[: ranking.misses_seen[-1]]
    point_of_hit = ranking.hits_seen.searchsorted(np.arange(len(hits)), "right")
    point_of_miss = ranking.misses_seen.searchsorted(np.arange(len(misses)), "right")
    order = np.argsort(np.concatenate([point_of_miss, point_of_hit]), kind="stable")
    sample = np.concatenate([misses, hits])[order].astype(np.int32)
    kind = (order >= len(misses)) * np.uint8(HIT)
    kind[ranking.hits_seen + ranking.misses_seen - 1] |= POINT
    return sample, kind.astype(np.uint8)
