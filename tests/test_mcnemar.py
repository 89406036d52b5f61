"""McNemar's test against published tables, statsmodels where it is installed, and brute force."""

from __future__ import annotations

from itertools import product

import pytest

from rsbench.harness.metrics.mcnemar import McNemar, mcnemar


def of(first_only: int, second_only: int, both: int = 5, neither: int = 4) -> McNemar:
    pairs = [(1, 0)] * first_only + [(0, 1)] * second_only + [(1, 1)] * both + [(0, 0)] * neither
    test = mcnemar(*zip(*pairs, strict=True))
    assert test is not None
    return test


def test_published_tables() -> None:
    """A. Agresti, Categorical data analysis, 1990, page 350: 150 and 86 changed sides,
    (64 - 1)^2 / 236 = 16.82.

    M. Fagerland and others, table 1 (Bentur): 1 and 7 children changed; exact 0.0703, mid-p 0.0391.
    """
    approval = of(150, 86)
    assert approval.chi2 == pytest.approx(4.1146e-05, rel=1e-3) and approval.p == approval.chi2
    airways = of(1, 7)
    assert (airways.exact, airways.mid) == pytest.approx(
        (0.0703125, 0.0390625)
    ) and airways.p == airways.exact


@pytest.mark.parametrize(("first", "second"), list(product(range(6), repeat=2)))
def test_exact_by_counting_every_outcome(first: int, second: int) -> None:
    total = first + second
    outcomes = [sum(bits) for bits in product((0, 1), repeat=total)]
    away = [abs(2 * k - total) for k in outcomes]
    seen = abs(first - second)
    beyond, equal = sum(a > seen for a in away), sum(a == seen for a in away)
    test = of(first, second)
    assert test.exact == pytest.approx((beyond + equal) / len(outcomes))
    assert test.mid == pytest.approx((beyond + equal / 2) / len(outcomes) if total else 1.0)


@pytest.mark.parametrize(("first", "second"), [(3, 9), (9, 3), (30, 41), (200, 150), (7, 7), (0, 6)])
def test_equals_statsmodels(first: int, second: int) -> None:
    theirs = pytest.importorskip("statsmodels.stats.contingency_tables").mcnemar
    table, test = [[5, first], [second, 4]], of(first, second)
    assert test.exact == pytest.approx(min(1.0, theirs(table, exact=True).pvalue), rel=1e-9)
    if first != second:  # with equal counts the correction turns 0 into 1 there
        assert test.chi2 == pytest.approx(theirs(table, exact=False, correction=True).pvalue, rel=1e-9)


def test_either_order_gives_the_same_p_values() -> None:
    one, other = of(4, 11), of(11, 4)
    assert (one.exact, one.mid, one.chi2) == (other.exact, other.mid, other.chi2)


def test_corners() -> None:
    assert mcnemar([], []) is None
    same = mcnemar([1, 0, True], [1, 0, 1])
    assert same is not None and (same.exact, same.mid, same.chi2, same.p) == (1, 1, 1, 1)
    with pytest.raises(ValueError, match="3 and 2 answers"):
        mcnemar([1, 0, 1], [1, 0])
    with pytest.raises(ValueError, match="right .1. or wrong .0."):
        mcnemar([0.5], [1])
