"""The detections of many images laid out for counting: AP, counts and size slices of every view."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract import Evidence, Region
from ..geometry import Floats
from .average_precision import INTERPOLATIONS, Ranking
from .matching import Flags, Found, Gold

# COCO's size bins, in square pixels: from (included) to (excluded), so that every object is in one.
SIZES = {"small": (0.0, 32.0**2), "medium": (32.0**2, 96.0**2), "large": (96.0**2, np.inf)}


class View:
    """One reading of the labels: label -> class, classes in order of first mention."""

    def __init__(self, name: str, mapping: Mapping[str, str]) -> None:
        self.name = name
        self.classes = tuple(dict.fromkeys(mapping.values()))
        number = {c: i for i, c in enumerate(self.classes)}
        self._number = {label: number[c] for label, c in mapping.items()}

    def classes_of(self, regions: Sequence[Region]) -> list[int]:
        """The class number of each region, -1 outside the view."""
        return [self._number.get(r.label, -1) for r in regions]

    def title(self, threshold: float, interpolation: str) -> str:
        """The last part of a figure's name: AP where the view has one class, else mAP."""
        return f"{'AP' if len(self.classes) == 1 else 'mAP'}@{threshold:.2f}/{interpolation}"


class DetectionTally:
    """All views of the detections in some evidence."""

    def __init__(
        self,
        evidence: Sequence[Evidence],
        views: Sequence[View],
        thresholds: Sequence[float],
        interpolations: Sequence[str],
        ties: str = "auto",
        strict: bool = False,
    ) -> None:
        self._samples = len(evidence)
        self._thresholds, self._interpolations = tuple(thresholds), tuple(interpolations)
        grouped = ties == "group" or (ties == "auto" and _all_equal(evidence))
        self._ties = "group" if grouped else "order"
        self._views = [ViewTally(evidence, view, grouped, strict) for view in views]

    def figures(
        self, weights: NDArray[Any] | None = None, only: str | None = None
    ) -> Mapping[str, float | None]:
        """AP of each view, threshold and interpolation: `one-class/AP@0.50/voc07`, a fraction in [0, 1].

        Weights act as if each image were there so many times in a row. Only where one image has a true and a
        false detection of the same score can literal copies differ, and then only under ties by order: the
        copies of the true one would be apart. None where no object of the view counts.
        """
        weight = np.ones(self._samples) if weights is None else np.asarray(weights, float)
        figures: dict[str, float | None] = {}
        for tally in self._views:
            levels: dict[float, None] = {}
            rules: dict[str, None] = {}
            for level, how in product(self._thresholds, self._interpolations):
                if only in (None, f"{tally.view.name}/{tally.view.title(level, how)}"):
                    levels[level], rules[how] = None, None
            if levels:
                means = tally.means(levels, rules, weight)
                figures |= {f"{tally.view.name}/{title}": value for title, value in means.items()}
        return figures

    def details(self) -> Mapping[str, Any]:
        """By view: `classes` (objects, detections, AP of each), `counts` by threshold, `sizes`, `ties`.

        `counts`: true, false and missed over all classes, their precision, recall and F1, and `macro f1`, the
        mean over classes with objects; all detections count, whatever their score, each object once. IoU 0.50
        is always there. `sizes`: objects outside the bin are ignored, and so are false detections outside it.
        """
        weight = np.ones(self._samples)
        levels = sorted({*self._thresholds, 0.5})
        return {
            tally.view.name: {
                "ties": self._ties,
                "classes": tally.by_class(self._thresholds, self._interpolations, weight),
                "counts": {f"{level:.2f}": tally.counts(level, weight) for level in levels},
                "sizes": {
                    size: tally.by_size(bounds, self._thresholds, self._interpolations, weight)
                    for size, bounds in SIZES.items()
                },
            }
            for tally in self._views
        }


class ViewTally:
    """One view: its objects, its ranked detections, and a Ranking per threshold and class."""

    def __init__(self, evidence: Sequence[Evidence], view: View, grouped: bool, strict: bool) -> None:
        self.view = view
        self._gold, self._found = _lay_out(evidence, view.name)
        self._grouped, self._strict = grouped, strict
        self._rankings: dict[float, list[Ranking]] = {}

    def means(
        self, thresholds: Iterable[float], interpolations: Iterable[str], weights: Floats
    ) -> dict[str, float | None]:
        """Mean AP over the classes that have objects, by title."""
        positives = self._positives(self._gold, weights)
        rankings = {t: self._ranked(t) for t in thresholds}
        return self._means(rankings, interpolations, weights, positives)

    def by_class(
        self, thresholds: Sequence[float], interpolations: Sequence[str], weights: Floats
    ) -> dict[str, dict[str, Any]]:
        """Objects, detections and every AP of each class (None without objects)."""
        positives = self._positives(self._gold, weights)
        given = np.bincount(self._found.label, minlength=len(self.view.classes))
        table: dict[str, dict[str, Any]] = {}
        for c, name in enumerate(self.view.classes):
            row: dict[str, Any] = {"objects": int(positives[c]), "detections": int(given[c])}
            for t in thresholds:
                values = _interpolated(self._ranked(t)[c], interpolations, weights, positives[c])
                row |= {f"AP@{t:.2f}/{how}": v for how, v in zip(interpolations, values, strict=True)}
            table[name] = row
        return table

    def by_size(
        self,
        bounds: tuple[float, float],
        thresholds: Iterable[float],
        interpolations: Iterable[str],
        weights: Floats,
    ) -> dict[str, Any]:
        """Objects in a size bin, and mean AP when only they are asked for."""
        outside = _outside(bounds)
        gold = self._gold.ignoring(outside(self._gold.area))
        positives = self._positives(gold, weights)
        rankings = {t: self._rank(t, gold, outside(self._found.area)) for t in thresholds}
        means = self._means(rankings, interpolations, weights, positives)
        return {"objects": int(positives.sum()), **means}

    def counts(self, threshold: float, weights: Floats) -> dict[str, float | None]:
        """True, false, missed, precision, recall, F1 and macro F1 at an IoU threshold."""
        positives = self._positives(self._gold, weights)
        pairs = [r.counts(weights) for r in self._ranked(threshold)]
        scores = [_f1(t, f, p) for (t, f), p in zip(pairs, positives, strict=True) if p > 0]
        true, false = sum(t for t, _ in pairs), sum(f for _, f in pairs)
        total = float(positives.sum())
        return {
            "true": true,
            "false": false,
            "missed": total - true,
            "precision": true / (true + false) if true + false else None,
            "recall": true / total if total else None,
            "f1": _f1(true, false, total),
            "macro f1": float(np.mean([s for s in scores if s is not None])) if scores else None,
        }

    def _means(
        self,
        rankings: Mapping[float, Sequence[Ranking]],
        interpolations: Iterable[str],
        weights: Floats,
        positives: Floats,
    ) -> dict[str, float | None]:
        asked = np.flatnonzero(positives > 0).tolist()
        titled: dict[str, float | None] = {}
        for threshold, ranked in rankings.items():
            rows = [_interpolated(ranked[c], interpolations, weights, positives[c]) for c in asked]
            for k, how in enumerate(interpolations):
                mean = sum(row[k] or 0.0 for row in rows) / len(rows) if rows else None
                titled[self.view.title(threshold, how)] = mean
        return titled

    def _positives(self, gold: Gold, weights: Floats) -> Floats:
        """How many objects of each class are asked for."""
        asked = ~gold.ignored
        counts = np.bincount(gold.label[asked], weights[gold.sample[asked]], len(self.view.classes))
        return counts.astype(float)

    def _ranked(self, threshold: float) -> list[Ranking]:
        if threshold not in self._rankings:
            nobody = np.zeros(len(self._found.label), bool)
            self._rankings[threshold] = self._rank(threshold, self._gold, nobody)
        return self._rankings[threshold]

    def _rank(self, threshold: float, gold: Gold, forgiven: Flags) -> list[Ranking]:
        """A Ranking per class; false detections among `forgiven` do not count."""
        found = self._found
        true, false = found.judge(gold, threshold, self._strict)
        false &= ~forgiven
        rows = np.flatnonzero(true | false)
        ends = np.searchsorted(found.label[rows], np.arange(len(self.view.classes) + 1))
        parts = [rows[a:b] for a, b in zip(ends, ends[1:], strict=False)]
        return [Ranking.of(found.sample[p], found.score[p], true[p], self._grouped) for p in parts]


def _interpolated(
    ranking: Ranking, interpolations: Iterable[str], weights: Floats, positives: float
) -> list[float | None]:
    if not positives > 0:
        return [None for _ in interpolations]
    recall, envelope = ranking.curve(weights, positives)
    return [INTERPOLATIONS[how](recall, envelope) for how in interpolations]


def _lay_out(evidence: Sequence[Evidence], view: str) -> tuple[Gold, Found]:
    """Stack the rows of all samples that lie in a view; objects are then numbered throughout."""
    views = [e["views"][view] for e in evidence]
    golds, finds = [e["gold"] for e in evidence], [e["found"] for e in evidence]
    sizes = [len(v["gold"]) for v in views]
    label = _column([v["gold"] for v in views], np.intp)
    inside = label >= 0
    gold = Gold(
        sample=np.repeat(np.arange(len(views)), sizes)[inside],
        label=label[inside],
        area=_column([g["area"] for g in golds], float)[inside],
        ignored=_column([g["ignored"] for g in golds], bool)[inside],
    )
    counts = [len(v["found"]) for v in views]
    match = _column([v["match"] for v in views], np.intp)
    first = np.repeat(np.concatenate([[0], np.cumsum(sizes)[:-1]]) if sizes else [], counts).astype(np.intp)
    row = np.append(np.cumsum(inside) - 1, -1)  # the last place answers for "none"
    match = row[np.where(match >= 0, match + first, -1)]
    scores = [[-np.inf if s is None else s for s in f["score"]] for f in finds]
    said = _column([v["found"] for v in views], np.intp)
    here = said >= 0
    found = Found.ranked(
        sample=np.repeat(np.arange(len(views)), counts)[here],
        label=said[here],
        area=_column([f["area"] for f in finds], float)[here],
        score=_column(scores, float)[here],
        match=match[here],
        overlap=_column([v["iou"] for v in views], float)[here],
    )
    return gold, found


def _column(rows: Sequence[Sequence[Any]], dtype: type) -> NDArray[Any]:
    return np.array([value for row in rows for value in row], dtype)


def _all_equal(evidence: Sequence[Evidence]) -> bool:
    return len({score for e in evidence for score in e["found"]["score"]}) <= 1


def _outside(bounds: tuple[float, float]) -> Callable[[Floats], Flags]:
    low, high = bounds
    return lambda area: (area < low) | (area >= high)


def _f1(true: float, false: float, positives: float) -> float | None:
    return 2 * true / (true + false + positives) if true + false + positives else None
