"""Which figure of which task of ours stands under a printed column, and which run fills it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..datasets.card import Card, card_names, read_card
from ..errors import DataError
from ..published import PublishedTable
from .entry import Entry


@dataclass(frozen=True, slots=True)
class Column:
    """What of ours stands under a column: a figure of a task, over one split of its data."""

    card: Card
    split: str
    figure: str


class Columns:
    """The columns of all tables that tasks of ours fill."""

    def __init__(self, tables: Mapping[str, PublishedTable]) -> None:
        """Read what the cards say of the tables, and the tables of the tasks (`task`, or `task@split`).

        Raises:
            DataError: a card names a column that its table does not have, or a table a task that is none.
        """
        cards = {name: read_card(name) for name in card_names()}
        self._of: dict[str, dict[str, Column]] = {name: {} for name in tables}
        for card in cards.values():
            if card.table and card.table["id"] in tables:
                for column, figure in card.table["columns"].items():
                    self._of[card.table["id"]][column] = Column(card, card.split, figure)
        for name, table in tables.items():
            for column, ours in table.figures.items():
                task, _, split = ours.task.partition("@")
                if task not in cards:
                    raise DataError(
                        f"The column {column} of {name} is said to be of the task {task}: there is none."
                    )
                self._of[name][column] = Column(cards[task], split or cards[task].split, ours.figure)
            if stray := self._of[name].keys() - set(table.columns):
                raise DataError(
                    f"A card names columns that {name} does not have: {', '.join(sorted(stray))}."
                )

    def of(self, table: str) -> Mapping[str, Column]:
        """The columns of a table by their printed names."""
        return self._of[table]

    def home(self, task: str) -> str | None:
        """The table whose folder holds a task's entries: that of its card, or the first that asks for it."""
        asking = [
            table for table, columns in self._of.items() if task in {c.card.name for c in columns.values()}
        ]
        own = [
            table for table in asking if any(c.card.table.get("id") == table for c in self.of(table).values())
        ]
        return next(iter(own or asking), None)

    def filled(self, table: str, entry: Entry) -> dict[str, Column]:
        """The columns a run fills: those of its task and split, or of its task, if none is of its split."""
        split = entry.spec["source"]["split"]
        own = {name: c for name, c in self.of(table).items() if c.card.name == entry.report.task}
        return {name: c for name, c in own.items() if c.split == split} or own


def tasks_of(columns: Iterable[Column]) -> dict[str, Column]:
    """One column for every task among them, by the task's name."""
    return {column.card.name: column for column in columns}
