"""McNemar's test: do two models that answered the same questions differ in accuracy?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

EXACT_UP_TO = 25  # discordant pairs; from there on the chi-squared form is close


@dataclass(frozen=True, slots=True)
class McNemar:
    """What the questions say that one model alone got right; two-sided p-values.

    `exact` is that of the binomial test with chance 1/2, `mid` the same with half the chance of the very
    outcome left out, `chi2` that of the chi-squared form with Edwards' continuity correction. `p` is `exact`
    up to 25 such questions, else `chi2`. All are 1 where there is no such question.
    """

    first_only: int
    second_only: int
    exact: float
    mid: float
    chi2: float

    @property
    def p(self) -> float:
        """The p-value to quote."""
        return self.exact if self.first_only + self.second_only <= EXACT_UP_TO else self.chi2


def mcnemar(first: Sequence[Any], second: Sequence[Any]) -> McNemar | None:
    """Compare right or wrong (1 or 0, true or false) of two models on the same questions; None of nothing.

    Questions count as independent. Where several are about one image they are not, and the paired bootstrap
    by image (paired.py) is the test to quote.

    Q. McNemar: Note on the sampling error of the difference between correlated proportions or percentages,
    Psychometrika 12(2), 1947; A. Edwards, Psychometrika 13(3), 1948 (continuity); M. Fagerland, S. Lydersen,
    P. Laake, BMC Medical Research Methodology 13:91, 2013 (mid-p, supplement: equal counts).

    Raises:
        ValueError: answers to different numbers of questions, or neither right nor wrong.

    >>> test = mcnemar([1, 1, 1, 1, 0, 0], [0, 0, 0, 1, 1, 0])
    >>> test.first_only, test.second_only, round(test.p, 4)
    (3, 1, 0.625)
    """
    right = np.asarray(first, float), np.asarray(second, float)
    if right[0].shape != right[1].shape:
        raise ValueError(f"McNemar's test needs the same questions: {len(first)} and {len(second)} answers.")
    if not np.isin(right, (0.0, 1.0)).all():
        raise ValueError("McNemar's test needs answers that are right (1) or wrong (0).")
    if not len(first):
        return None
    alone = int((right[0] > right[1]).sum()), int((right[1] > right[0]).sum())
    return McNemar(*alone, *_p_values(*alone))


def _p_values(first: int, second: int) -> tuple[float, float, float]:
    """Exact, mid-p and corrected chi-squared."""
    from scipy.stats import binom, chi2

    total, fewer = first + second, min(first, second)
    if not total:
        return 1.0, 1.0, 1.0
    tail, very = 2 * float(binom.cdf(fewer, total, 0.5)), float(binom.pmf(fewer, total, 0.5))
    if first == second:  # both tails hold the very outcome, the centre
        return 1.0, 1.0 - very / 2, 1.0
    statistic = max(abs(first - second) - 1, 0) ** 2 / total
    return min(1.0, tail), min(1.0, tail - very), float(chi2.sf(statistic, 1))
