"""One leaderboard: who is ranked, in which order, and what its notes say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from rsbench.harness.board.columns import Columns
from rsbench.harness.board.entry import Entry
from rsbench.harness.board.known import Known, fingerprint_of
from rsbench.harness.board.table import OURS, Board, board
from rsbench.harness.contract import Figure
from rsbench.harness.paper_layout import BEST, SECOND
from rsbench.harness.published import PublishedTable, read_table

from .board_runs import MEAN, STRICT, TASK, entry, leaderboards, report, tables

Given = tuple[PublishedTable, Columns]


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Given:
    found = tables(leaderboards(tmp_path_factory.mktemp("tables")))
    return found["tiny"], Columns(found)


def made(given: Given, entries: Sequence[Entry], **changes: Any) -> Board:
    table, columns = replace(given[0], **changes), given[1]
    if "figures" in changes:
        columns = Columns({"tiny": table})
    fingerprint = fingerprint_of(report())
    assert fingerprint
    return board("tiny", table, columns, entries, Known({fingerprint: "somebody"}))


def test_published_rows_stand_as_printed_and_equal_figures_share_a_place(given: Given) -> None:
    found = made(given, []).compared
    assert [row.lead[0][0] for row in found.rows] == ["One", "Two", "Three"]
    assert [row.group for row in found.rows] == ["Specialists", "Specialists", "MLLM"]
    assert found.places() == ((BEST, BEST), (SECOND, None), (BEST, SECOND))


def test_a_run_that_compares_is_ranked_below_the_published_rows(given: Given) -> None:
    found = made(given, [entry(strict=0.65, mean=0.9), entry(strict=0.75, mean=0.1, seed=1)])
    assert found.apart.rows == ()
    rows = found.compared.rows
    assert [row.values for row in rows[3:]] == [
        ("75.00 [70.00, 80.00]", "10.00"),
        ("65.00 [60.00, 70.00]", "90.00"),
    ]
    assert {row.group for row in rows[3:]} == {OURS}
    assert rows[3].lead == (("hf,checkpoint=model",), (f"rsbench, {TASK} version 1",))
    assert found.compared.places() == (
        (SECOND, SECOND),
        (None,) * 2,
        (SECOND, None),
        (BEST, None),
        (None, BEST),
    )


def test_a_run_that_does_not_compare_stands_apart_and_is_never_ranked(given: Given) -> None:
    best = entry(strict=1.0, mean=1.0, labels=("mini",), kind="mini")
    found = made(given, [best, entry(strict=0.9, images="d" * 64)])
    assert len(found.compared.rows) == 3
    assert [row.lead[1][0] for row in found.apart.rows] == ["mini", "fingerprint not known yet"]
    assert found.apart.rows[0].counts == ("20", "0", "5.0 %")
    assert found.apart.places() == ((None, None), (None, None))
    assert [why for _, why in found.entries] == ["mini", "fingerprint not known yet"]


def test_the_direction_of_a_column_is_kept(given: Given) -> None:
    found = made(given, [entry(strict=0.5)], better={"Pr": "lower", "mIoU": "none"})
    assert [row[0] for row in found.compared.places()] == [None, SECOND, None, BEST]
    assert {row[1] for row in found.compared.places()} == {None}
    assert found.ranked and not made(given, [], better={"Pr": "none", "mIoU": "none"}).ranked


def test_what_is_not_computed_is_a_dash_and_wins_nothing(given: Given) -> None:
    one = entry(mean=None, details={"absent": {MEAN: "needs Java"}})
    found = made(given, [one], better={"Pr": "higher", "mIoU": "lower"})
    assert found.compared.rows[3].values == ("80.00 [75.00, 85.00]", "–")
    assert found.compared.places()[3] == (BEST, None)
    assert any("mIoU is not computed: needs Java." in "".join(note) for note in found.apart.notes)


def test_a_figure_under_another_rule_is_shown_for_what_it_is(given: Given) -> None:
    one = entry(labels=("rule loose",))
    figures = (*one.report.figures, Figure(f"loose/{STRICT}", 0.95))
    found = made(given, [replace(one, report=replace(one.report, figures=figures))])
    assert found.apart.rows[0].values[0] == "95.00"
    assert any(f"Pr of this run is loose/{STRICT}" in "".join(note) for note in found.apart.notes)


def test_two_tasks_of_a_table_share_a_row() -> None:
    table = read_table("table_3")
    of_mini: dict[str, Any] = {"labels": ("mini",), "kind": "mini"}
    both = [
        replace(one, report=replace(one.report, figures=(Figure("top-1", value),)))
        for one, value in (
            (entry(task="clrs", split="test", **of_mini), 0.5),
            (entry(task="nasc_tg2", split="test", **of_mini), 0.25),
        )
    ]
    found = board("table_3", table, Columns({"table_3": table}), both, Known({}))
    (row,) = found.apart.rows
    assert row.values == ("50.00", "25.00") and row.counts[0] == "20 + 20"


def test_notes_say_where_figures_come_from(given: Given) -> None:
    notes = ["".join(note) for note in made(given, [entry()]).compared.notes]
    assert notes[0] == "Published rows: Paper, Venue 2024, arXiv 2401.00001, Table A (in %), as printed."
    assert notes[1] == "The paper contradicts itself."
    assert f"Pr is {STRICT}, mIoU is {MEAN}" in notes[2]
    assert "20 expressions in the split subset" in notes[3] and "verified by somebody" in notes[3]
    unknown = made(given, [], columns=("Pr", "other"), figures={}, better={"Pr": "higher", "other": "none"})
    assert "No task of rsbench computes: Pr." in {"".join(note) for note in unknown.compared.notes}
