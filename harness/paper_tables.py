"""Runs laid out like the paper's tables: this run's row above the published ones, labelled for what it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from .blocks import Foreign, Strong, joined
from .cells import DASH, model, number, run_label, run_name, share, table, with_interval
from .contract import Figure, Report, digest
from .datasets.card import Card, known_card
from .paper_layout import Layout, Row, Text
from .published import NEITHER, PublishedTable, read_table
from .published import number as printed
from .rating import GIVEN

_COUNTS = ("Samples", "Failed", "Unparsable")
RULED = "rule "  # how the label of a report under another rule begins
T = TypeVar("T")


def paper_tables(reports: Sequence[Report]) -> str:
    """One table per paper table that the reports fill, then one for what no paper reports."""
    return "\n\n".join(map(_markdown, layouts(reports))) + "\n"


def layouts(reports: Sequence[Report]) -> list[Layout]:
    """The same tables before they are markdown."""
    grouped: dict[str, list[tuple[Report, Card]]] = {}
    own: list[Report] = []
    for report in reports:
        card = known_card(report.task)
        if card is None or not card.table:
            own.append(report)
        else:
            grouped.setdefault(card.table["id"], []).append((report, card))
    found = [_paper_layout(name, entries) for name, entries in grouped.items()]
    return [*found, *([_own_layout("Other tasks" if found else "Results", own)] if own else [])]


def _markdown(layout: Layout) -> str:
    rows, group = [], ""
    for row in layout.rows:
        if row.group != group:  # the paper heads its groups with a line of their own
            group = row.group
            rows.append([f"*{group}*", *[""] * (len(layout.head + layout.columns + layout.counts) - 1)])
        rows.append([*map(joined, row.lead), *row.values, *(row.counts or [""] * len(layout.counts))])
    body = table([*layout.head, *layout.columns, *layout.counts], rows, len(layout.head))
    notes = [f"{joined(note)}  " for note in layout.notes]
    return "\n".join([f"### {layout.title}", "", body, *(["", *notes] if notes else [])])


def _paper_layout(name: str, entries: Sequence[tuple[Report, Card]]) -> Layout:
    published = read_table(name)
    rows = [_our_row(published, own) for own in rows_of(entries)]
    for row in published.rows:
        lead = tuple((cell,) for cell in published.lead(row))
        rows.append(Row(row.group, lead, row.values, tuple(map(printed, row.values))))
    notes: list[Text] = [(f"Published rows: {published.source}.",), *((note,) for note in published.notes)]
    notes += [(note,) for report, card in entries for note in meaning(report, card.table["columns"])]
    notes += [_caution(report) for report, _ in entries if report.labels]
    notes += _notes(report for report, _ in entries)
    better = tuple(published.better[column] for column in published.columns)
    unique = tuple(dict.fromkeys(notes))
    return Layout(published.title, published.head, published.columns, _COUNTS, tuple(rows), better, unique)


def rows_of(entries: Iterable[tuple[Report, T]]) -> list[list[tuple[Report, T]]]:
    """One row for a model under one setting, even where its columns are several tasks."""
    rows: dict[tuple[str, str, int], list[tuple[Report, T]]] = {}
    seen: Counter[tuple[str, str, str]] = Counter()
    for report, with_it in entries:
        model = digest(
            [report.spec[k] for k in ("adapter", "arguments", "checkpoint", "dialect", "runtime", "seed")]
        )
        same = (run_name(report), model, report.task)
        rows.setdefault((*same[:2], seen[same]), []).append((report, with_it))
        seen[same] += 1
    return list(rows.values())


def _our_row(published: PublishedTable, own: Sequence[tuple[Report, Card]]) -> Row:
    found: dict[str, Figure | None] = dict.fromkeys(published.columns)
    for report, card in own:
        found |= {column: figure_of(report, name) for column, name in card.table["columns"].items()}
    reports = [report for report, _ in own]
    return Row(
        "",
        (_name(reports[0]), *[("",)] * (len(published.head) - 1)),
        *shown(found.values()),
        counts=tuple(" + ".join(part) for part in zip(*map(counts, reports), strict=True)),
        ours=True,
        comparable=not any(report.labels for report in reports),
    )


def _name(report: Report) -> Text:
    return Foreign(model(report.spec)), f" {run_label(report)}"


def shown(figures: Iterable[Figure | None]) -> tuple[tuple[str, ...], tuple[float | None, ...]]:
    """Figures as they are written, and as they are ranked: to the digits that are printed."""
    listed = list(figures)
    texts = tuple(with_interval(figure) if figure else DASH for figure in listed)
    return texts, tuple(printed(number(figure.value)) if figure else None for figure in listed)


def figure_of(report: Report, name: str) -> Figure | None:
    """The figure of a column, or its stand-in: by the rule of the report, of a detector's own scores."""
    figures = {figure.name: figure for figure in report.figures}
    stem, _, last = name.rpartition("/")
    ruled = (f"{label.removeprefix(RULED)}/{last}" for label in report.labels if label.startswith(RULED))
    names = (*ruled, f"{stem}/{GIVEN}", name)
    return next((figures[one] for one in names if one in figures), None)


def meaning(report: Report, columns: Mapping[str, str]) -> Iterator[str]:
    """Which figure stands in which column of ours, where the column does not say."""
    for column, name in columns.items():
        figure = figure_of(report, name)
        if figure is None:
            yield f"{column} of this run ({name}) is not computed{_instead(report, name)}."
        elif "/" in figure.name:
            yield f"{column} of this run is {figure.name}."


def _instead(report: Report, name: str) -> str:
    """The same figure under the sources of confidence that could be had."""
    stem, _, absent = name.rpartition("/")
    same = [f for f in report.figures if stem and f.name.rpartition("/")[0] == stem and f.value is not None]
    listed = "; ".join(f"{f.name.rpartition('/')[2]}: {with_interval(f)}" for f in same)
    return f", for want of the {absent}; {listed}" if listed else ""


def _notes(reports: Iterable[Report]) -> list[Text]:
    """What a reader must know of the models."""
    return [
        (f"{r.spec['adapter']}: ", Foreign(r.details["note"]), ".") for r in reports if r.details.get("note")
    ]


def _own_layout(title: str, reports: Sequence[Report]) -> Layout:
    notes = _notes(reports)
    notes += [
        (f"{r.task}: {r.headline.name} is not computed{_instead(r, r.headline.name)}.",)
        for r in reports
        if r.headline.value is None
    ]
    rows = [
        Row("", ((r.task,), _name(r), (r.headline.name,)), *shown([r.headline]), tuple(counts(r)), True)
        for r in reports
    ]
    head = ("Task", "Method", "Figure")
    return Layout(title, head, ("%",), _COUNTS, tuple(rows), (NEITHER,), tuple(dict.fromkeys(notes)))


def counts(report: Report) -> list[str]:
    """Samples, failed ones, and the unparsable share of those answered."""
    answered = report.samples - report.failed
    return [str(report.samples), str(report.failed), share(report.unparsable, answered)]


def _caution(report: Report) -> Text:
    """What keeps this run's row from being compared with the published rows."""
    labels = ", ".join(report.labels)
    return Strong("Not comparable with the published rows"), f" ({report.task}: {labels})."
