"""Runs laid out like the paper's tables: this run's row above the published ones, labelled for what it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

from .cells import DASH, plain, run_name, share, table, with_interval
from .contract import Figure, Report, digest
from .datasets.card import Card, known_card
from .published import PublishedTable, read_table
from .rating import GIVEN

_COUNTS = ("Samples", "Failed", "Unparsable")
RULED = "rule "  # how the label of a report under another rule begins
T = TypeVar("T")


def paper_tables(reports: Sequence[Report]) -> str:
    """One table per paper table that the reports fill, then one for what no paper reports."""
    grouped: dict[str, list[tuple[Report, Card]]] = {}
    own: list[Report] = []
    for report in reports:
        card = known_card(report.task)
        if card is None or not card.table:
            own.append(report)
        else:
            grouped.setdefault(card.table["id"], []).append((report, card))
    parts = [_paper_table(name, entries) for name, entries in grouped.items()]
    if own:
        parts.append(_own_table("Other tasks" if parts else "Results", own))
    return "\n\n".join(parts) + "\n"


def _paper_table(name: str, entries: Sequence[tuple[Report, Card]]) -> str:
    published = read_table(name)
    head = [*published.head, *published.columns, *_COUNTS]
    rows = [_our_row(published, own) for own in rows_of(entries)]
    group = ""
    for row in published.rows:
        if row.group != group:  # the paper heads its groups with a line of their own
            group = row.group
            rows.append([f"*{group}*", *[""] * (len(head) - 1)])
        rows.append([*published.lead(row), *row.values, *[""] * len(_COUNTS)])
    notes = [f"Published rows: {published.source}.", *published.notes]
    notes += [note for report, card in entries for note in meaning(report, card.table["columns"])]
    notes += [_caution(report) for report, _ in entries if report.labels]
    notes += _notes(report for report, _ in entries)
    return "\n".join(
        [
            f"### {published.title}",
            "",
            table(head, rows, len(published.head)),
            "",
            *(f"{note}  " for note in dict.fromkeys(notes)),
        ]
    )


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


def _our_row(published: PublishedTable, own: Sequence[tuple[Report, Card]]) -> list[str]:
    cells = dict.fromkeys(published.columns, DASH)
    for report, card in own:
        cells |= {column: _cell(report, figure) for column, figure in card.table["columns"].items()}
    reports = [report for report, _ in own]
    return [
        run_name(reports[0]),
        "",
        *cells.values(),
        *(" + ".join(part) for part in zip(*map(counts, reports), strict=True)),
    ]


def _cell(report: Report, name: str) -> str:
    figure = figure_of(report, name)
    return with_interval(figure) if figure else DASH


def figure_of(report: Report, name: str) -> Figure | None:
    """The figure of a column, or what stands in for it: under the rule a report was made by, of given scores."""
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


def _notes(reports: Iterable[Report]) -> list[str]:
    """What a reader must know of the models."""
    return [
        f"{r.spec['adapter']}: {plain(str(r.details['note']))}." for r in reports if r.details.get("note")
    ]


def _own_table(title: str, reports: Sequence[Report]) -> str:
    rows = [[r.task, run_name(r), r.headline.name, with_interval(r.headline), *counts(r)] for r in reports]
    notes = [f"{note}  " for note in _notes(reports)]
    notes += [
        f"{r.task}: {r.headline.name} is not computed{_instead(r, r.headline.name)}.  "
        for r in reports
        if r.headline.value is None
    ]
    body = table(["Task", "Method", "Figure", "%", *_COUNTS], rows, 3)
    return "\n".join([f"### {title}", "", body, *(["", *dict.fromkeys(notes)] if notes else [])])


def counts(report: Report) -> list[str]:
    """Samples, failed ones, and the unparsable share of those answered."""
    answered = report.samples - report.failed
    return [str(report.samples), str(report.failed), share(report.unparsable, answered)]


def _caution(report: Report) -> str:
    """What keeps this run's row from being compared with the published rows."""
    labels = ", ".join(report.labels)
    return f"**Not comparable with the published rows** ({report.task}: {labels})."
