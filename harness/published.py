"""Figures that papers print, one YAML file a table, kept as printed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import DataError, unknown

TABLES = Path(__file__).parents[1] / "leaderboards"


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """A method of a table; `values` are the printed strings, so that 88.50 stays 88.50."""

    group: str
    method: str
    year: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PublishedTable:
    """A table of a paper: where it stands, its heads, its rows in the printed order."""

    title: str
    source: str
    head: tuple[str, ...]  # of the columns before the figures
    columns: tuple[str, ...]  # of the figures
    rows: tuple[PublishedRow, ...]
    notes: tuple[str, ...] = ()


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
    try:
        return _table(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError, TypeError, KeyError, ValueError) as error:
        raise DataError(f"{path.parent.name}/{path.name} cannot be read as a table: {error}.") from error


def _table(raw: dict[str, Any]) -> PublishedTable:
    rows = tuple(PublishedRow(r["group"], r["method"], r["year"], tuple(r["values"])) for r in raw["rows"])
    columns = tuple(raw["columns"])
    for row in rows:
        if len(row.values) != len(columns) or not all(isinstance(v, str) for v in row.values):
            raise ValueError(f"the row {row.method} does not hold one text a column")
    return PublishedTable(
        raw["title"], raw["source"], tuple(raw["head"]), columns, rows, tuple(raw.get("notes", ()))
    )
