"""Figures of ours under printed columns: what cards and tables say of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rsbench.harness.board.columns import Columns
from rsbench.harness.errors import DataError
from rsbench.harness.published import OurFigure, read_table

from .board_runs import MEAN, STRICT, TASK, entry, leaderboards, tables


def test_cards_name_their_columns() -> None:
    columns = Columns({"table_3": read_table("table_3")}).of("table_3")
    assert {name: (c.card.name, c.split, c.figure) for name, c in columns.items()} == {
        "CLRS": ("clrs", "test", "top-1"),
        "NASC-TG2": ("nasc_tg2", "test", "top-1"),
    }


def test_tables_name_their_tasks(tmp_path: Path) -> None:
    columns = Columns(tables(leaderboards(tmp_path)))
    assert [(c.card.name, c.figure) for c in columns.of("tiny").values()] == [(TASK, STRICT), (TASK, MEAN)]
    assert columns.home(TASK) == "tiny"
    assert columns.home("clrs") is None


def test_the_table_of_the_card_is_the_home_of_its_entries() -> None:
    other = replace(read_table("table_2"), figures={"Top-1 Acc": OurFigure("clrs", "top-1")})
    columns = Columns({"a": other, "table_3": read_table("table_3")})
    assert columns.home("clrs") == "table_3"


def test_a_run_fills_the_columns_of_its_split(tmp_path: Path) -> None:
    (table,) = tables(leaderboards(tmp_path)).values()
    columns = Columns(
        {
            "t": replace(
                table, figures={"Pr": OurFigure("clrs@val", "top-1"), "mIoU": OurFigure("clrs", "top-1")}
            )
        }
    )
    assert columns.of("t")["Pr"].split == "val"
    for split, filled in (("val", ["Pr"]), ("test", ["mIoU"]), ("train", ["Pr", "mIoU"])):
        assert list(columns.filled("t", entry(task="clrs", split=split))) == filled
    assert columns.filled("t", entry()) == {}


@pytest.mark.parametrize(
    ("figures", "words"),
    [
        ({"Pr": OurFigure("nothing", "x")}, "there is none"),
        ({"F1": OurFigure(TASK, "x")}, "does not have: F1"),
    ],
)
def test_what_does_not_fit_together_is_said(
    figures: dict[str, OurFigure], words: str, tmp_path: Path
) -> None:
    (table,) = tables(leaderboards(tmp_path)).values()
    with pytest.raises(DataError, match=words):
        Columns({"t": replace(table, figures=figures)})
