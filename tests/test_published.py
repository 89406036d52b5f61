"""Published figures are those the paper prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.published import read_table, table_names

ROMAN = {
    "table_2": "II",
    "table_3": "III",
    "table_4": "IV",
    "table_5": "V",
    "table_6": "VI",
    "table_7": "VII",
    "table_8": "VIII",
    "table_9": "IX",
}


def printed_rows(paper: str, number: str) -> dict[str, list[str]]:
    """Method -> figures of a table of the paper's text: tab-separated lines under `TABLE <number>`."""
    body = paper.split(f"\nTABLE {number}\n")[1].split("\n\n", 2)[1:]
    lines = "\n".join(body).split("\n\n")[0].splitlines()
    cells = [line.split("\t") for line in lines if "\t" in line]
    return {re.sub(r"\s*\[.*?\]|\(Ours\)", "", row[0]).strip(): row[2:] for row in cells}


@pytest.mark.parametrize("name", sorted(ROMAN))
def test_every_figure_is_the_papers(name: str, shared: Path) -> None:
    (path,) = (shared / "papers").glob("000_*.txt")
    printed = printed_rows(path.read_text(encoding="utf-8"), ROMAN[name])
    table = read_table(name)
    assert len(table.rows) >= 4
    ours = {row.method.replace("-", "").replace("_", "").lower(): list(row.values) for row in table.rows}
    theirs = {m.replace("-", "").replace("_", "").lower(): v for m, v in printed.items() if m != "Method"}
    assert ours == {method: values for method, values in theirs.items() if values and values[0]}


def test_all_tables_are_listed() -> None:
    assert table_names() == sorted(ROMAN)


def test_a_row_that_is_too_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / "t").mkdir()
    row = "{group: g, method: m, year: y, values: ['1']}"
    text = f"title: t\nsource: s\nhead: [Method]\ncolumns: [a, b]\nrows: [{row}]\n"
    (tmp_path / "t" / "published.yaml").write_text(text)
    with pytest.raises(DataError, match="row m"):
        read_table("t", tmp_path)


def test_an_unknown_table_gets_the_nearest_names() -> None:
    with pytest.raises(UsageError, match="table_8"):
        read_table("table_88")
