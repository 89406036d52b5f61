"""The detections of many images laid out for counting: AP, counts and size slices of every view."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contract import Evidence
from ..geometry import Floats
from .average_precision import Curve
from .detection_counts import average_recall, count_figures
from .detection_figures import COCO_LEVELS, Key, PrecisionFigure, precision_figures
from .detection_layout import all_equal
from .detection_settings import Settings
from .detection_sizes import size_bins
from .detection_view import View
from .detection_view_tally import Means, ViewTally
from .undefined import number

_Sweep = Callable[[Sequence[Key], Sequence[str]], Means]


class DetectionTally:
    """All views of the detections in some evidence."""

    def __init__(self, evidence: Sequence[Evidence], views: Sequence[View], settings: Settings) -> None:
        self._samples, self._settings = len(evidence), settings
        equal = all_equal(evidence)
        grouped = settings.ties == "group" or (settings.ties == "auto" and equal)
        self._ties = "group" if grouped else "order"
        self._views = [ViewTally(evidence, view, settings, grouped) for view in views]
        how, levels = settings.interpolations, settings.thresholds
        self._precisions = {
            view.name: list(precision_figures(view, levels, how, equal, settings.averaged)) for view in views
        }

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
            means = self._swept(tally, only, partial(tally.means, weights=weight))
            counted = self._counted(tally, weight, only)
            figures |= {name: number(value) for name, value in (means | counted).items()}
        return figures

    def resampled(self, weights: Any, only: str | None = None) -> Mapping[str, Floats]:
        """The figures under many weightings (draws, samples), whole numbers: each (draws,), NaN for None."""
        figures: dict[str, Floats] = {}
        for tally in self._views:
            figures |= self._swept(tally, only, partial(tally.resampled, weights=weights))
            figures |= self._counted(tally, np.asarray(weights, float), only)
        return figures

    def details(self) -> Mapping[str, Any]:
        """By view: `classes` (objects, detections, AP of each), `counts` by threshold, `sizes`, `ties`.

        `counts`: see Counts.report; IoU 0.50 is always there. `recall`: its mean over the classes, by IoU
        threshold from 0.50 to 0.95, and their mean, AR. `sizes`: objects outside the bin are ignored, and so
        are false detections outside it. `calibration`: how far scores are from the share of true
        detections at IoU 0.50, where they are probabilities and not all equal; else None.
        """
        weight = np.ones(self._samples)
        levels = sorted({*self._settings.thresholds, 0.5})
        return {
            tally.view.name: {
                "ties": self._ties,
                "classes": tally.by_class(weight),
                "counts": {f"{level:.2f}": tally.counts(level, weight).report() for level in levels},
                "calibration": tally.calibration(),
                "recall": {f"{level:.2f}": tally.counts(level, weight).mean_recall() for level in COCO_LEVELS}
                | {"AR": number(average_recall([tally.counts(level, weight) for level in COCO_LEVELS]))},
                "sizes": {
                    name: tally.by_size(bounds, weight)
                    for name, bounds in size_bins(self._settings.sizes).items()
                },
            }
            for tally in self._views
        }

    def curves(self) -> Mapping[str, Mapping[str, Mapping[str, Curve]]]:
        """Precision over recall by view, class and IoU threshold, as the figures rank the detections."""
        return {tally.view.name: tally.curves(self._settings.thresholds) for tally in self._views}

    def _swept(self, tally: ViewTally, only: str | None, sweep: _Sweep) -> dict[str, Floats]:
        """The figures of AP that are wanted, from one sweep over what they need."""
        wanted = [f for f in self._precisions[tally.view.name] if only in (None, f.name)]
        if not wanted:
            return {}
        means = sweep(_keys(wanted), list(dict.fromkeys(f.interpolation for f in wanted)))
        return {figure.name: figure.of(means) for figure in wanted}

    def _counted(self, tally: ViewTally, weights: Floats, only: str | None) -> dict[str, Floats]:
        """precision, recall, F1 and mF1 at every threshold, and AR, of one draw or many; those wanted."""
        view = tally.view.name
        if not self._settings.counted or not (only is None or _is_counted(only, view)):
            return {}
        figures = count_figures(view, {t: tally.counts(t, weights) for t in self._settings.thresholds})
        recalls = [tally.counts(t, weights) for t in COCO_LEVELS]
        figures[f"{view}/AR@0.50:0.95"] = average_recall(recalls)
        return {name: values for name, values in figures.items() if only in (None, name)}


def _is_counted(name: str, view: str) -> bool:
    counted = ("precision@", "recall@", "F1@", "mF1@", "AR@")
    return name.startswith(tuple(f"{view}/{figure}" for figure in counted))


def _keys(figures: Sequence[PrecisionFigure]) -> list[Key]:
    return list(dict.fromkeys(key for figure in figures for key in figure.keys))
