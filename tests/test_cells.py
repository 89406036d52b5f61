"""Numbers, names and tables as people read them."""

from __future__ import annotations

import doctest

from hypothesis import given
from hypothesis import strategies as st

from rsbench.harness import cells


def test_doctests() -> None:
    assert doctest.testmod(cells).failed == 0


@given(st.text())
def test_foreign_text_is_one_line_without_markup(text: str) -> None:
    said = cells.plain(text)
    assert "<" not in said and "`" not in said and len(said.splitlines()) <= 1
    shown = cells.code(text)
    assert shown.count("`") == 2 and len(shown.splitlines()) == 1


@given(st.lists(st.text("ab|\\"), min_size=2, max_size=2))
def test_a_bar_does_not_open_a_column(row: list[str]) -> None:
    lines = cells.table(["x|y", "z"], [row]).splitlines()
    assert lines[0].startswith("| x\\|y") and len(lines) == 3
