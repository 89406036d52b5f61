"""One view of the detections in some evidence: its objects, and its detections ranked in every way asked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from ..contract import Evidence
from ..geometry import Floats
from .average_precision import INTERPOLATIONS, Curve, Ranking
from .calibration import summary
from .detection_counts import Counts, tallies
from .detection_figures import FILE, GROUP, STATED, Key
from .detection_layout import laid_out
from .detection_settings import Settings
from .detection_sizes import outside
from .detection_view import View
from .matching import Flags, Found, Gold
from .rankings import resampled_means
from .undefined import number

Means = dict[tuple[Key, str], Floats]


class ViewTally:
    """Objects and ranked detections of one view; every figure is a sweep over them."""

    def __init__(self, evidence: Sequence[Evidence], view: View, settings: Settings, grouped: bool) -> None:
        self.view, self._settings, self._grouped = view, settings, grouped
        gold, found = laid_out(evidence, view.name, settings.limit, settings.limit_by_class)
        self._gold, self._found = gold, found.forgetting(gold) if settings.rule.forgets_ignored else found
        self._samples = len(evidence)
        self._rankings: dict[Key, list[Ranking]] = {}
        self._tallies: dict[float, tuple[Floats, Floats]] = {}

    def means(self, keys: Sequence[Key], interpolations: Sequence[str], weights: Floats) -> Means:
        """Mean AP over the classes that have objects, by key and interpolation; NaN where none has."""
        positives = self._positives(self._gold, weights)
        rankings = {key: self._ranked(key) for key in keys}
        return _means(rankings, interpolations, weights, positives)

    def resampled(self, keys: Sequence[Key], interpolations: Sequence[str], weights: Any) -> Means:
        """The same under many weightings (draws, samples) at once: each value is (draws,)."""
        numbered = {float(k): self._ranked(key) for k, key in enumerate(keys)}
        means = resampled_means(numbered, self._asked, weights, interpolations)
        return {(keys[int(k)], how): values for (k, how), values in means.items()}

    def by_class(self, weights: Floats) -> dict[str, dict[str, Any]]:
        """Objects, detections and every AP of each class (None without objects)."""
        positives = self._positives(self._gold, weights)
        given = np.bincount(self._found.label, minlength=len(self.view.classes))
        interpolations = self._settings.interpolations
        table: dict[str, dict[str, Any]] = {}
        for c, name in enumerate(self.view.classes):
            row: dict[str, Any] = {"objects": int(positives[c]), "detections": int(given[c])}
            for t in self._settings.thresholds:
                values = _interpolated(self._ranked((STATED, t))[c], interpolations, weights, positives[c])
                row |= {f"AP@{t:.2f}/{how}": v for how, v in zip(interpolations, values, strict=True)}
            table[name] = row
        return table

    def curves(self, levels: Sequence[float]) -> dict[str, dict[str, Curve]]:
        """Precision over recall by class and IoU threshold ("0.50"), of the classes that have objects."""
        positives = self._positives(self._gold, np.ones(self._samples))
        return {
            name: {f"{t:.2f}": self._ranked((STATED, t))[c].precisions(positives[c]) for t in levels}
            for c, name in enumerate(self.view.classes)
            if positives[c] > 0
        }

    def by_size(self, bounds: tuple[float, float], weights: Floats) -> dict[str, Any]:
        """Objects in a size bin, and mean AP when only they are asked for."""
        beyond = outside(bounds)
        gold = self._gold.ignoring(beyond(self._gold.area))
        positives = self._positives(gold, weights)
        forgiven = beyond(self._found.area)
        rankings = {(STATED, t): self._rank((STATED, t), gold, forgiven) for t in self._settings.thresholds}
        row: dict[str, Any] = {"objects": int(positives.sum())}
        for ((_, t), how), mean in _means(
            rankings, self._settings.interpolations, weights, positives
        ).items():
            row[f"{self.view.title(t)}/{how}"] = number(mean)
        return row

    def counts(self, threshold: float, weights: Floats) -> Counts:
        """True and false of each class at an IoU threshold; weights (samples,) or (draws, samples)."""
        if threshold not in self._tallies:
            self._tallies[threshold] = tallies(self._ranked((STATED, threshold)), self._samples)
        true, false = self._tallies[threshold]
        return Counts(weights @ true, weights @ false, weights @ self._asked)

    def calibration(self) -> dict[str, Any] | None:
        """ECE and its kin of the scores: is a detection true at IoU 0.50? Neutral ones are left out."""
        found, rule = self._found, self._settings.rule
        true, false = found.judge(self._gold, float(rule.levels([0.5])[0]), rule.strict)
        counts = true | false
        scores = found.score[counts]
        if len(scores) == 0 or (scores == scores[0]).all():
            return None
        return summary(scores.tolist(), true[counts].tolist())

    @cached_property
    def _asked(self) -> Floats:
        """How many objects of each class every sample asks for: (samples, classes)."""
        asked = ~self._gold.ignored
        objects = np.zeros((self._samples, len(self.view.classes)))
        np.add.at(objects, (self._gold.sample[asked], self._gold.label[asked]), 1.0)
        return objects

    def _positives(self, gold: Gold, weights: Floats) -> Floats:
        """How many objects of each class are asked for."""
        asked = ~gold.ignored
        counts = np.bincount(gold.label[asked], weights[gold.sample[asked]], len(self.view.classes))
        return counts.astype(float)

    def _ranked(self, key: Key) -> list[Ranking]:
        if key not in self._rankings:
            nobody = np.zeros(len(self._found.label), bool)
            self._rankings[key] = self._rank(key, self._gold, nobody)
        return self._rankings[key]

    def _rank(self, key: Key, gold: Gold, forgiven: Flags) -> list[Ranking]:
        """A Ranking per class; false detections among `forgiven` do not count."""
        form, threshold = key
        found, rule = self._in_order(form), self._settings.rule
        true, false = found.judge(gold, float(rule.levels([threshold])[0]), rule.strict)
        false &= ~forgiven
        rows = np.flatnonzero(true | false)
        ends = np.searchsorted(found.label[rows], np.arange(len(self.view.classes) + 1))
        parts = [rows[a:b] for a, b in zip(ends, ends[1:], strict=False)]
        grouped = self._grouped if form == STATED else form == GROUP
        return [Ranking.of(found.sample[p], found.score[p], true[p], grouped) for p in parts]

    def _in_order(self, form: str) -> Found:
        """The detections as a tie form ranks them; a random order is the same one every time."""
        if form in (STATED, GROUP, FILE):
            return self._found
        return self._found.shuffled(np.random.default_rng(int(form.removeprefix("order "))))


def _means(
    rankings: Mapping[Key, Sequence[Ranking]],
    interpolations: Sequence[str],
    weights: Floats,
    positives: Floats,
) -> Means:
    asked = np.flatnonzero(positives > 0).tolist()
    means: Means = {}
    for key, ranked in rankings.items():
        rows = [_interpolated(ranked[c], interpolations, weights, positives[c]) for c in asked]
        for k, how in enumerate(interpolations):
            total = sum(row[k] or 0.0 for row in rows)
            means[key, how] = np.asarray(total / len(rows) if rows else np.nan)
    return means


def _interpolated(
    ranking: Ranking, interpolations: Iterable[str], weights: Floats, positives: float
) -> list[float | None]:
    if not positives > 0:
        return [None for _ in interpolations]
    recall, envelope = ranking.curve(weights, positives)
    return [INTERPOLATIONS[how](recall, envelope) for how in interpolations]
