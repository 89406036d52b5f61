"""Figures that papers print, one YAML file a table, kept as printed.

`leaderboards/<name>/published.yaml`:

    title: what the table compares, in our words
    paper: {name: EarthGPT, venue: IEEE TGRS, year: 2024, arxiv: "2401.16822"}
    place: Table II                  # where in the paper the figures stand
    unit: top-1 accuracy in %        # what they are
    head: [Method, Publication Year] # of the columns before the figures: a row's method, then its year
    columns: [Top-1 Acc]             # of the figures
    better: {Params: lower}          # columns where less is better (lower) or neither (none); else: higher
    figures:                         # columns that a task of ours computes, where no card names the table;
      Top-1 Acc: {task: nwpu_resisc45, figure: top-1}  # task@split, where the split is not the card's
    rows:                            # in the printed order; rows of a group stand together
      - {group: MLLM, method: EarthGPT, year: "", values: ["93.84"]}
    notes: [what a reader must know, such as where the paper contradicts itself]

`better`, `figures` and `notes` may be left out. Group, method, year (with the venue, where the paper has one)
and values are texts as printed, without reference numbers and without "(Ours)"; a group is empty where the
paper prints none. Under a column that is ranked every value is a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .errors import DataError, unknown

TABLES = Path(__file__).parents[1] / "leaderboards"
HIGHER, LOWER, NEITHER = "higher", "lower", "none"
_NUMBER = re.compile(r"\d+(,\d{3})*(\.\d+)?")
_OPTIONAL = {"better", "figures", "notes"}
_KEYS = {"title", "paper", "place", "unit", "head", "columns", "rows", *_OPTIONAL}


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper of a table: its model's name, where and when it appeared."""

    name: str
    venue: str
    year: int
    arxiv: str


@dataclass(frozen=True, slots=True)
class OurFigure:
    """What of ours stands under a column: a figure of a report of the task (`task` or `task@split`)."""

    task: str
    figure: str


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """A method of a table; `values` are the printed strings, so that 88.50 stays 88.50."""

    group: str
    method: str
    year: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A table of a paper: where it stands, its heads, its rows in the printed order.

    `better` has every column: HIGHER, LOWER or NEITHER.
    """

    title: str
    paper: Paper
    place: str
    unit: str
    head: tuple[str, ...]  # of the columns before the figures
    columns: tuple[str, ...]  # of the figures
    rows: tuple[PublishedRow, ...]
    better: Mapping[str, str]
    figures: Mapping[str, OurFigure] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def source(self) -> str:
        """Where the figures stand and what they are, in one line."""
        paper = self.paper
        return f"{paper.name}, {paper.venue} {paper.year}, arXiv {paper.arxiv}, {self.place} ({self.unit})"

    def lead(self, row: PublishedRow) -> tuple[str, ...]:
        """A row's cells before its figures, one under each of `head`."""
        return (row.method, row.year)[: len(self.head)]


def number(text: str) -> float | None:
    """A printed figure as a number; None if it is none.

    >>> number("141,631"), number("88.50"), number("optical")
    (141631.0, 88.5, None)
    """
    return float(text.replace(",", "")) if _NUMBER.fullmatch(text) else None


def table_names(folder: Path = TABLES) -> list[str]:
    """The names of all published tables."""
    return sorted(path.parent.name for path in folder.glob("*/published.yaml"))


def read_table(name: str, folder: Path = TABLES) -> PublishedTable:
    """A published table.

    Raises:
        UsageError: no such table.
        DataError: its file is damaged.
    """
    import yaml

    path = folder / name / "published.yaml"
    if not path.is_file():
        raise unknown("published table", name, table_names(folder))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _table(yaml.load(path.read_text(encoding="utf-8"), Loader=loader))
    except (OSError, yaml.YAMLError, AttributeError, TypeError, KeyError, ValueError) as error:
        raise DataError(f"{path.parent.name}/{path.name} cannot be read as a table: {error}.") from error


def _table(raw: dict[str, Any]) -> PublishedTable:
    if wrong := sorted((set(raw) - _KEYS) | (_KEYS - _OPTIONAL - set(raw))):
        raise ValueError(f"these keys are unknown or missing: {', '.join(wrong)}")
    columns = tuple(raw["columns"])
    given = raw.get("better", {})
    figures = {column: OurFigure(**figure) for column, figure in raw.get("figures", {}).items()}
    if stray := sorted({*given, *figures} - set(columns)):
        raise ValueError(f"there is no column {', '.join(stray)}")
    if wrong := sorted(set(given.values()) - {HIGHER, LOWER, NEITHER}):
        raise ValueError(f"better is {HIGHER}, {LOWER} or {NEITHER}, not {', '.join(map(str, wrong))}")
    table = PublishedTable(
        title=raw["title"],
        paper=Paper(**raw["paper"]),
        place=raw["place"],
        unit=raw["unit"],
        head=tuple(raw["head"]),
        columns=columns,
        rows=tuple(PublishedRow(**{**row, "values": tuple(row["values"])}) for row in raw["rows"]),
        better=dict.fromkeys(columns, HIGHER) | given,
        figures=figures,
        notes=tuple(raw.get("notes", ())),
    )
    _check(table)
    return table


def _check(table: PublishedTable) -> None:
    for row in table.rows:
        texts = (row.group, row.method, row.year, *row.values)
        if len(row.values) != len(table.columns) or not all(isinstance(text, str) for text in texts):
            raise ValueError(f"the row {row.method} does not hold one text a column")
        for column, value in zip(table.columns, row.values, strict=True):
            if table.better[column] != NEITHER and number(value) is None:
                raise ValueError(f"{value!r} of the row {row.method}, column {column}, is no number")
