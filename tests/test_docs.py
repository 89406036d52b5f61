"""The page of metrics names all there is, and its table of floors is what the rules say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rsbench.harness.registry import names
from rsbench.harness.rules.table import RULES

PAGE = Path(__file__).parents[1] / "docs" / "metrics.md"


def text() -> str:
    return PAGE.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*names("metrics"), *RULES])
def test_every_metric_and_rule_is_described(name: str) -> None:
    assert f"`{name}`" in text() or f"**{name}" in text()


def test_links_and_files_of_the_page_exist() -> None:
    root = PAGE.parents[1]
    named = set(re.findall(r"`((?:harness|tests|benchmarks)/[\w/]+\.py)`", text()))
    assert named and all((root / name).is_file() for name in named)


def test_an_empty_answer_is_worth_nothing_in_the_table_of_floors() -> None:
    table = text().partition("<!-- floors -->")[2]
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in table.splitlines() if "|" in line]
    head, body = rows[0], rows[2:]
    assert len(body) >= 8
    for row in body:
        assert dict(zip(head, row, strict=True))["blank"] == "0.0"
