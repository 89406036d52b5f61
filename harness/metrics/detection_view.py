"""One reading of the labels of a detection task, and how many of what it counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from ..contract import Region
from .average_precision import Indices


class View:
    """Label -> class, classes in order of first mention; a label that is not mapped is outside the view."""

    def __init__(self, name: str, mapping: Mapping[str, str]) -> None:
        self.name = name
        self.classes = tuple(dict.fromkeys(mapping.values()))
        number = {c: i for i, c in enumerate(self.classes)}
        self._number = {label: number[c] for label, c in mapping.items()}

    def classes_of(self, regions: Iterable[Region]) -> Indices:
        """The class number of each region, -1 outside the view."""
        return np.array([self._number.get(r.label, -1) for r in regions], np.intp)

    def title(self, threshold: float | str, form: str = "") -> str:
        """A figure's name without its interpolation: AP where the view has one class, else mAP."""
        level = threshold if isinstance(threshold, str) else f"{threshold:.2f}"
        return f"{'AP' if len(self.classes) == 1 else 'mAP'}{form}@{level}"
