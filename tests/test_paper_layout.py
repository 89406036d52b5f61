"""Best and second of a paper's columns: of comparable rows only, in the column's own direction."""

from __future__ import annotations

import doctest
from dataclasses import replace

from rsbench.harness import paper_layout
from rsbench.harness.paper_layout import BEST, SECOND, Layout, Row, places
from rsbench.harness.published import HIGHER, LOWER, NEITHER

MINI = Row("", (("ours",),), ("99.00", "1.0"), (99.0, 1.0), ("10", "0", "0.0 %"), True, False)
ROWS = (
    MINI,
    Row("A", (("one",),), ("90.00", "7.0"), (90.0, 7.0)),
    Row("A", (("two",),), ("80.00", "3.0"), (80.0, 3.0)),
)
LAYOUT = Layout("t", ("Method",), ("AP", "Size"), ("Samples",), ROWS, (HIGHER, LOWER))


def test_a_run_on_other_data_is_not_ranked_and_takes_nobodys_place() -> None:
    assert LAYOUT.places() == ((None, None), (BEST, SECOND), (SECOND, BEST))
    whole = replace(LAYOUT, rows=(replace(MINI, comparable=True), *ROWS[1:]))
    assert whole.places() == ((BEST, BEST), (SECOND, None), (None, SECOND))


def test_equal_figures_share_a_place_and_a_column_may_have_no_direction() -> None:
    assert places([None, 3.0, 3.0, 1.0]) == [None, BEST, BEST, SECOND]
    assert places([1.0, 2.0], NEITHER) == [None, None]
    assert replace(LAYOUT, rows=(), better=()).places() == ()


def test_doctests() -> None:
    assert doctest.testmod(paper_layout).failed == 0
