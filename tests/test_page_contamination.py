"""The section says how many pictures are shared, what the figures are of, and what is not known."""

from __future__ import annotations

from pathlib import Path

from rsbench.harness.blocks import markdown
from rsbench.harness.page_contamination import contamination_section
from rsbench.harness.page_details import sections

from .test_contamination import Case, listed


def text(folder: Path, shared: bool = True, **changes: object) -> str:
    case = Case(folder)
    found = case.found(listed(case.kinds() if shared else dict.fromkeys(case.names)))
    return markdown(contamination_section({**found, **changes}).blocks)


def test_counts_figures_and_what_they_are(tmp_path: Path) -> None:
    said = text(tmp_path)
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in said.splitlines() if "|" in line]
    assert ["the same file", "3", "25.0 %", "6", "25.0 %"] in rows
    assert ["together", "9", "75.0 %", "18", "75.0 %"] in rows
    (figures,) = [row for row in rows if row[0] == "top-1"]
    assert [cell.split(" ")[0] for cell in figures[1:5]] == ["58.33", "33.33", "66.67", "+33.33"]
    assert "The headline of this report is over all samples." in said and "sha256 list" in said
    assert "could not be read" not in said and "too little detail" not in said


def test_what_is_not_known_is_said(tmp_path: Path) -> None:
    said = text(tmp_path, broken=2, plain=3, distance=-1)
    assert "**2 pictures of the run and 0 of the training set could not be read" in said
    assert "3 pictures have too little detail" in said and "were not looked for" in said


def test_nothing_shared_has_no_difference(tmp_path: Path) -> None:
    (line,) = [line for line in text(tmp_path, shared=False).splitlines() if line.startswith("| top-1")]
    assert [cell.strip() for cell in line.split("|")[-4:-1]] == ["–", "–", "–"]


def test_a_hostile_name_is_words(tmp_path: Path) -> None:
    assert "<img" not in text(tmp_path, train={"name": "<img src=x>", "broken": 0})


def test_it_is_among_the_sections_of_a_page(tmp_path: Path) -> None:
    case = Case(tmp_path)
    found = case.found(listed(case.kinds()))
    titles = [section.title for section in sections({"contamination": found}, "top-1")]
    assert titles == ["Test pictures that are in a training set"]
