"""Accuracies by kind of sample, over all samples and over kinds, under many rules at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from .undefined import of_one_draw

Floats: TypeAlias = NDArray[np.float64]


class KindTally:
    """Scores of samples under named rules, and the kind of each sample.

    Per rule: the mean over samples, the mean over kinds of the mean of each (unweighted; kinds without a
    sample are left out, and so is the kind "", which has no name), both again without the `excluded` kinds,
    and the mean of each kind. A score of NaN is left out of its means.

    Samples of one kind with the same scores are counted together: a resample costs one pass over the samples.
    """

    def __init__(
        self,
        kinds: Sequence[str],
        scores: Mapping[str, Sequence[float]],
        words: tuple[str, str] = ("OA", "AA"),
        excluded: Sequence[str] = (),
        each_kind: bool = True,
        shares: Mapping[str, Sequence[float]] | None = None,
        which: Sequence[int] | None = None,
    ) -> None:
        """`scores`: prefix of the figures' names -> score of each sample. `words`: the two means' names.

        `shares`: further figures, each the mean of its numbers over all samples. `which`: where samples share
        their kind and scores, the place of each sample's in all of these.
        """
        self._prefixes, self._words, self._each_kind = tuple(scores), words, each_kind
        self._excluded = frozenset(excluded)
        self._shares = tuple(shares or ())
        columns = [kinds, *scores.values(), *(shares or {}).values()]
        numbers: dict[tuple[Any, ...], int] = {}
        row = [numbers.setdefault(row, len(numbers)) for row in zip(*columns, strict=True)]
        self._row = (
            np.array(row, np.intp) if which is None else np.array(row, np.intp)[np.array(which, np.intp)]
        )
        rows = list(numbers)
        self._kinds = sorted({row[0] for row in rows})
        kind = np.array([self._kinds.index(row[0]) for row in rows], np.intp)
        self._of_kind = np.equal.outer(np.arange(len(self._kinds)), kind).astype(float)  # (kinds, rows)
        values = np.array([row[1:] for row in rows], float).reshape(len(rows), len(columns) - 1)
        self._counts = ~np.isnan(values)
        self._values = np.where(self._counts, values, 0.0)

    def figures(
        self, weights: NDArray[Any] | None = None, only: str | None = None
    ) -> Mapping[str, float | None]:
        """Figures by name, fractions in [0, 1]; None where nothing counts."""
        weight = np.ones((1, len(self._row))) if weights is None else np.asarray(weights, float)[None]
        return of_one_draw(self.resampled(weight, only))

    def resampled(self, weights: NDArray[Any], only: str | None = None) -> Mapping[str, Floats]:
        """The figures of every row of `weights` (draws, samples): arrays (draws,), NaN where undefined."""
        shape = len(weights), len(self._values)
        times = np.empty(shape)
        for draw, weight in enumerate(weights):
            times[draw] = np.bincount(self._row, weight, shape[1])
        asked = np.einsum("dr,kr,rc->cdk", times, self._of_kind, self._counts, optimize=True)
        right = np.einsum("dr,kr,rc->cdk", times, self._of_kind, self._values, optimize=True)
        figures: dict[str, Floats] = {}
        for column, prefix in enumerate(self._prefixes):
            figures |= self._of_rule(prefix, asked[column], right[column])
        for column, name in enumerate(self._shares, len(self._prefixes)):
            figures[name] = _ratio(right[column].sum(1), asked[column].sum(1))
        return {only: figures[only]} if only in figures else figures

    def _of_rule(self, prefix: str, asked: Floats, right: Floats) -> dict[str, Floats]:
        """The figures of one rule from the counts of its samples and hits, (draws, kinds) each."""
        overall, average = self._words
        named = [kind != "" for kind in self._kinds]
        figures = {
            f"{prefix}{overall}": _ratio(right.sum(1), asked.sum(1)),
            f"{prefix}{average}": _mean_ratio(right[:, named], asked[:, named]),
        }
        if self._excluded:
            without = "without " + " and ".join(sorted(self._excluded))
            kept = [kind not in self._excluded for kind in self._kinds]
            both = [a and b for a, b in zip(kept, named, strict=True)]
            figures[f"{prefix}{overall} {without}"] = _ratio(right[:, kept].sum(1), asked[:, kept].sum(1))
            figures[f"{prefix}{average} {without}"] = _mean_ratio(right[:, both], asked[:, both])
        for number, kind in enumerate(self._kinds if self._each_kind else ()):
            if kind:
                figures[f"{prefix}type: {kind}"] = _ratio(right[:, number], asked[:, number])
        return figures


def _ratio(right: Floats, asked: Floats) -> Floats:
    ratio: Floats = np.divide(right, asked, out=np.full(right.shape, np.nan), where=asked > 0)
    return ratio


def _mean_ratio(right: Floats, asked: Floats) -> Floats:
    """The mean of the ratios of the columns in which something was asked."""
    there = asked > 0
    ratios = np.where(there, _ratio(right, asked), 0.0)
    return _ratio(ratios.sum(1), there.sum(1).astype(float))
