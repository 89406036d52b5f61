"""One leaderboard: published rows and runs that compare, ranked; other runs apart, with the reason."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ..blocks import Foreign
from ..paper_layout import Layout, Row, Text
from ..paper_tables import counts, figure_of, meaning, rows_of, shown
from ..published import NEITHER, PublishedRow, PublishedTable, number
from .admission import objections
from .columns import Column, Columns, tasks_of
from .entry import Entry
from .known import Known

OURS = "Runs of rsbench on the official data"
COUNTS = ("Samples", "Failed", "Unparsable")
Filled = tuple[Entry, Mapping[str, Column]]  # a run, and what it fills of a table


@dataclass(frozen=True, slots=True)
class Board:
    """A table of a paper with our rows: those that compare in `compared`, ranked; the others in `apart`."""

    name: str
    compared: Layout
    apart: Layout
    columns: Mapping[str, Column]
    entries: tuple[tuple[Entry, str], ...]  # with what keeps each from being compared, "" for nothing

    @property
    def ranked(self) -> bool:
        """Whether any column has a better direction."""
        return any(direction != NEITHER for direction in self.compared.better)


def board(
    name: str, table: PublishedTable, columns: Columns, entries: Sequence[Entry], known: Known
) -> Board:
    """A leaderboard with all entries that fill a column of it."""
    filled = [(entry, own) for entry in entries if (own := columns.filled(name, entry))]
    reasons: dict[str, list[Filled]] = {"": []}
    for entry, own in filled:
        why = "; ".join(o.said for o in objections(entry, next(iter(own.values())), known))
        reasons.setdefault(why, []).append((entry, own))
    better = tuple(table.better[column] for column in table.columns)
    published = [_published(table, row) for row in table.rows]
    ours = sorted(_ours(table, reasons[""]), key=_first_best)
    apart = [row for why, same in reasons.items() if why for row in _ours(table, same, why)]
    notes = tuple(dict.fromkeys(_notes(table, columns.of(name), known)))
    said = tuple(dict.fromkeys(note for entry, own in filled for note in _of_entry(entry, own)))
    return Board(
        name,
        Layout(table.title, table.head, table.columns, (), (*published, *ours), better, notes),
        Layout("", ("Method", "Why not compared"), table.columns, COUNTS, tuple(apart), better, said),
        columns.of(name),
        tuple((entry, why) for why, same in reasons.items() for entry, _ in same),
    )


def _published(table: PublishedTable, row: PublishedRow) -> Row:
    lead = tuple((cell,) for cell in table.lead(row))
    return Row(row.group, lead, row.values, tuple(map(number, row.values)))


def _ours(table: PublishedTable, filled: Sequence[Filled], why: str = "") -> Iterator[Row]:
    """One row for a model under one setting, even where its columns are several tasks."""
    for same in rows_of([(entry.report, (entry, own)) for entry, own in filled]):
        reports = [report for report, _ in same]
        figures = {
            name: figure_of(entry.report, column.figure)
            for _, (entry, own) in same
            for name, column in own.items()
        }
        versions = sorted({f"{report.task} version {report.spec['task_version']}" for report in reports})
        second = Foreign(why or f"rsbench, {', '.join(versions)}")
        title = same[0][1][0].title
        lead: tuple[Text, ...] = ((title,), (second,)) if why or len(table.head) > 1 else ((title,),)
        yield Row(
            "" if why else OURS,
            lead,
            *shown(figures.get(name) for name in table.columns),
            counts=tuple(" + ".join(part) for part in zip(*map(counts, reports), strict=True)) if why else (),
            ours=True,
            comparable=not why,
        )


def _first_best(row: Row) -> tuple[bool, float, str]:
    """The order of our rows: by their first figure, the largest first."""
    first = next((value for value in row.numbers if value is not None), None)
    return first is None, -(first or 0.0), row.lead[0][0]


def _notes(table: PublishedTable, columns: Mapping[str, Column], known: Known) -> Iterator[Text]:
    """The source, what is odd in it, and what our figures are."""
    yield (f"Published rows: {table.source}, as printed.",)
    yield from ((note,) for note in table.notes)
    for task in tasks_of(columns.values()):
        same = [f"{name} is {c.figure}" for name, c in columns.items() if c.card.name == task]
        yield (f"In our rows, of the task {task}: {', '.join(same)} (docs/metrics.md).",)
    if absent := [name for name in table.columns if name not in columns and table.better[name] != NEITHER]:
        yield (f"No task of rsbench computes: {', '.join(absent)}.",)
    for task, column in tasks_of(columns.values()).items():
        yield _of_data(task, column, known)


def _of_data(task: str, column: Column, known: Known) -> Text:
    """How large the data is, and which copies of it are known to be official."""
    count = column.card.counts.get(column.split)
    if count is None:
        return (f"{task}: the size of its test set is not published, so that no copy is known to be whole.",)
    size = f"{task}: {column.card.items(count)} in the split {column.split}. Known official copies: "
    copies = [
        f"sha256 {one.annotations[:12]} and {one.images[:12]}, {why}" for one, why in known.of(task).items()
    ]
    return size, Foreign("; ".join(copies) or "none yet, so that no run compares"), "."


def _of_entry(entry: Entry, own: Mapping[str, Column]) -> Iterator[Text]:
    """What a reader must know of a run's row."""
    yield from ((entry.title, ": ", Foreign(said)) for said in _said(entry, own))


def _said(entry: Entry, own: Mapping[str, Column]) -> Iterator[str]:
    """What stands in for a figure, why there is none, what rated the boxes, and the model's own note."""
    report, details = entry.report, entry.report.details
    for name, column in own.items():
        figure = figure_of(report, column.figure)
        if figure is None or figure.name != column.figure:
            yield from meaning(report, {name: column.figure})
        elif figure.value is None:
            yield f"{name} is not computed: {details.get('absent', {}).get(figure.name, 'undefined here')}."
    for source, digest in details.get("raters", {}).items():
        if any(column.figure.endswith(f"/{source}") for column in own.values()):
            yield f"boxes ranked by {source}, sha256 {digest[:12]}."
    if note := details.get("note"):
        yield f"{note}."
