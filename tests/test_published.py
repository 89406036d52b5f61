"""Published tables as they are kept: their schema, and what every table must hold."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
import yaml

from rsbench.harness.datasets.card import card_names, read_card
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.published import HIGHER, LOWER, NEITHER, OurFigure, number, read_table, table_names

EARTHGPT = [f"table_{n}" for n in range(1, 10)]
OTHERS = ["earthgpt_x_referring", "rscovlm_text"]


def raw(**changes: Any) -> dict[str, Any]:
    """A small table of two methods."""
    return {
        "title": "t",
        "paper": {"name": "Model", "venue": "Journal", "year": 2024, "arxiv": "2401.00001"},
        "place": "Table II",
        "unit": "in %",
        "head": ["Method", "Publication Year"],
        "columns": ["OA", "Params"],
        "rows": [
            {"group": "", "method": "A", "year": "ICCV 2021", "values": ["88.50", "7"]},
            {"group": "", "method": "B", "year": "", "values": ["90.1", "13"]},
        ],
    } | changes


def put(folder: Path, content: Any) -> Path:
    (folder / "t").mkdir()
    (folder / "t" / "published.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return folder


def test_all_tables_are_listed() -> None:
    assert table_names() == sorted([*EARTHGPT, *OTHERS])


@pytest.mark.parametrize("name", [*EARTHGPT, *OTHERS])
def test_a_table_holds_together(name: str) -> None:
    table = read_table(name)
    assert table.rows and table.title and table.place and table.unit
    assert all(table.lead(row)[0] and len(table.lead(row)) == len(table.head) for row in table.rows)
    rows = [(row.group, row.method) for row in table.rows]
    assert len(set(rows)) == len(rows)
    groups = [group for group, _ in groupby(row.group for row in table.rows)]
    assert len(set(groups)) == len(groups)  # the rows of a group stand together
    texts = [text for row in table.rows for text in (row.group, row.method, row.year, *row.values)]
    assert all(text == text.strip() and "[" not in text and "(Ours)" not in text for text in texts)
    assert all(isinstance(note, str) and note.endswith(".") for note in table.notes)
    (paper,) = {
        read_table(other).paper for other in table_names() if read_table(other).paper.name == table.paper.name
    }
    assert paper.name in table.source and paper.arxiv in table.source and table.place in table.source


@pytest.mark.parametrize("name", EARTHGPT[1:])
def test_every_column_of_a_comparison_is_computed_by_one_task(name: str) -> None:
    """Tables II to IX: cards name the table and the figure under each column."""
    cards = [card for card in map(read_card, card_names()) if card.table.get("id") == name]
    columns = [column for card in cards for column in card.table["columns"]]
    assert sorted(columns) == sorted(read_table(name).columns)
    assert not read_table(name).figures  # the cards say it


def test_figures_of_ours_are_of_tasks_there_are() -> None:
    for figures in (read_table(name).figures for name in table_names()):
        for task, _, split in (figure.task.partition("@") for figure in figures.values()):
            card = read_card(task)
            assert not split or split in card.counts
    assert {card.table["id"] for card in map(read_card, card_names()) if card.table} <= set(table_names())


def test_oa_of_table_vi_is_the_mean_that_its_note_says() -> None:
    """0.44 and 0.56 are the shares of presence and comparison among the 62,554 questions."""
    table = read_table("table_6")
    off = {}
    for row in table.rows:
        presence, comparison, printed = map(Decimal, row.values)
        mean = Decimal("0.44") * presence + Decimal("0.56") * comparison
        if abs(mean - printed) > Decimal("0.01"):
            off[row.method] = f"{mean:.2f}"
    (note,) = (note for note in table.notes if "0.44" in note)
    assert off == {"Sphinx": "70.14", "EarthGPT": "72.16"}
    assert all(method in note and mean in note for method, mean in off.items())


def test_what_the_file_says_is_read(tmp_path: Path) -> None:
    figures = {"OA": {"task": "crsvqa", "figure": "rsvqa/strict/OA"}}
    table = read_table("t", put(tmp_path, raw(better={"Params": LOWER}, figures=figures, notes=["A note."])))
    assert table.better == {"OA": HIGHER, "Params": LOWER}
    assert table.figures == {"OA": OurFigure("crsvqa", "rsvqa/strict/OA")}
    assert table.rows[0].values == ("88.50", "7") and table.notes == ("A note.",)
    assert table.source == "Model, Journal 2024, arXiv 2401.00001, Table II (in %)"
    assert table.lead(table.rows[0]) == ("A", "ICCV 2021")


def test_a_head_of_one_column_leads_with_the_method_alone(tmp_path: Path) -> None:
    table = read_table("t", put(tmp_path, raw(head=["Data"])))
    assert table.lead(table.rows[0]) == ("A",)


def test_a_column_that_is_not_ranked_may_hold_words(tmp_path: Path) -> None:
    rows = [{"group": "", "method": "A", "year": "", "values": ["88.50", "optical"]}]
    assert (
        read_table("t", put(tmp_path, raw(rows=rows, better={"Params": NEITHER}))).better["Params"] == NEITHER
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        (
            {"rows": [{"group": "", "method": "A", "year": "", "values": ["1"]}]},
            "row A does not hold one text",
        ),
        (
            {"rows": [{"group": "", "method": "A", "year": "", "values": [88.5, "7"]}]},
            "row A does not hold one text",
        ),
        (
            {"rows": [{"group": "", "method": "A", "year": 2021, "values": ["1", "7"]}]},
            "row A does not hold one text",
        ),
        (
            {"rows": [{"group": "", "method": "A", "year": "", "values": ["1", "7B"]}]},
            "'7B' of the row A, column Params",
        ),
        ({"rows": [{"method": "A", "year": "", "values": ["1", "7"]}]}, "group"),
        ({"rows": [{"group": "", "method": "A", "year": "", "values": ["1", "7"], "x": 1}]}, "x"),
        ({"better": {"OB": "lower"}}, "no column OB"),
        ({"figures": {"OB": {"task": "t", "figure": "f"}}}, "no column OB"),
        ({"figures": {"OA": {"task": "t"}}}, "figure"),
        ({"better": {"OA": "down"}}, "higher, lower or none, not down"),
        ({"note": ["A note."]}, "unknown or missing: note"),
        ({"paper": {"name": "Model"}}, "venue"),
        ({"figures": ["OA"]}, "items"),
    ],
)
def test_a_damaged_table_is_refused_and_says_why(
    changes: dict[str, Any], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(DataError, match=rf"t/published.yaml cannot be read as a table: .*{reason}"):
        read_table("t", put(tmp_path, raw(**changes)))


def test_a_table_without_its_keys_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    content = raw()
    del content["place"]
    with pytest.raises(DataError, match="unknown or missing: place"):
        read_table("t", put(tmp_path, content))
    (tmp_path / "t" / "published.yaml").write_text("- a\n- b\n")
    with pytest.raises(DataError, match="t/published.yaml"):
        read_table("t", tmp_path)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("88.50", 88.5),
        ("141,631", 141631.0),
        ("35", 35.0),
        ("1,43", None),
        ("optical", None),
        ("", None),
        ("nan", None),
    ],
)
def test_a_printed_figure_as_a_number(text: str, value: float | None) -> None:
    assert number(text) == value


def test_an_unknown_table_gets_the_nearest_names() -> None:
    with pytest.raises(UsageError, match="table_8"):
        read_table("table_88")
