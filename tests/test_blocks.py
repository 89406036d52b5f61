"""Blocks of a page: foreign words stay words in markdown, whatever is written in them."""

from __future__ import annotations

import doctest

from rsbench.harness import blocks
from rsbench.harness.blocks import Command, Foreign, Item, Items, Line, Literal, grid, items, markdown


def test_our_own_words_keep_their_marks_and_foreign_ones_lose_theirs() -> None:
    text = markdown([Line(("50.00 [40.00, 61.00] of ", Foreign("<b>[x](y)")))])
    assert text == "50.00 [40.00, 61.00] of &lt;b>\\[x\\](y)"


def test_a_table_holds_foreign_cells_and_heads() -> None:
    head, rule, row = markdown([grid(["", Foreign("<i>")], [[Literal("a `b`"), "1"]])]).splitlines()
    assert "&lt;i>" in head and set(rule) <= set("|:-") and "`a 'b'`" in row


def test_lists_nest_and_blocks_are_apart() -> None:
    listed = Items((Item(("two",), (Item((Literal("a"), ": why")), Item(("b",)))),))
    assert markdown([listed, Command("rsbench run"), items(("x",), ("y",))]) == (
        "- two\n  - `a`: why\n  - b\n\n    rsbench run\n\n- x\n- y"
    )


def test_doctests() -> None:
    assert doctest.testmod(blocks).failed == 0
