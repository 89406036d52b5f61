"""The overview page of a run: tables, charts, what went wrong, how to make it again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from ..blocks import Block, Foreign, Line, Section, Table, grid
from ..cells import DASH, model, number, share, with_interval
from ..chart_values import Bars, Chart, Curves, Matrix, Panels
from ..charts import charts
from ..comparison import Comparison
from ..contract import Report
from ..outcomes import FAILED, RATED, UNPARSABLE, WRONG
from ..page import sections, shown_figure
from ..paper_tables import layouts
from .seen import Seen
from .svg import LOOKS, drawings, link
from .templates import template

_LONG = 25  # rows of tables, beyond which a section is folded away at first
_WIDE = (Matrix, Panels)
_MOST_ROWS = 500  # of the table of a chart


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page, folded away where it is long."""

    title: str
    blocks: tuple[Block, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart, its drawings with their titles, its legend of classes and names, and the same as a table."""

    title: str
    note: str
    drawings: tuple[tuple[str, str], ...]
    legend: tuple[tuple[str, str], ...]
    table: Table
    links: tuple[str, ...]  # of the rows of the table, empty where there are none
    left_out: int  # rows
    wide: bool
    panels: bool


def overview(found: Seen, pictures: str, compared: Comparison | None, other: Seen | None) -> str:
    """The page as HTML. `pictures` is what must be known of them; `compared` this run after another one."""
    report = found.result.report
    beside = other.result.report if other else None
    parts = [*([_beside(compared)] if compared else []), *sections(report)]
    return template("index.html").render(
        report=report,
        name=found.result.name,
        model=model(report.spec),
        note=report.details.get("note"),
        pictures=pictures,
        other=other.result.name if other else None,
        tiles=_tiles(found),
        boxes=any(o.judgement.found or o.judgement.objects for o in found.outcomes),
        layouts=layouts([report]),
        drawn=[_drawn(chart) for chart in charts(report, found.survey, beside)],
        sections=[Part(s.title, s.blocks, _rows(s.blocks) <= _LONG) for s in parts],
    )


def _rows(blocks: Iterable[Block]) -> int:
    return sum(len(block.rows) for block in blocks if isinstance(block, Table))


def contents(reports: Sequence[tuple[str, Report]]) -> str:
    """The page over several runs, by the names of their folders: tables side by side, the way to each."""
    shown = [(folder, report.task, model(report.spec), report.labels) for folder, report in reports]
    return template("contents.html").render(runs=shown, layouts=layouts([report for _, report in reports]))


def _tiles(found: Seen) -> Iterator[tuple[str, str, str, str]]:
    """Title, value, what stands below it, and where it leads."""
    report = found.result.report
    headline = next((f for f in report.figures if f.name == shown_figure(report)), report.headline)
    value, _, interval = with_interval(headline).partition(" ")
    yield f"{headline.name} (%)", value, f"95 % interval {interval}" if interval else "", ""
    states = [outcome.state for outcome in found.outcomes]
    yield "samples", f"{report.samples:,}", "", "samples.html"
    for state in (UNPARSABLE, FAILED) if RATED in states else (WRONG, UNPARSABLE, FAILED):
        count = states.count(state)
        told = share(count, len(states))
        yield f"{state} samples", f"{count:,}", told, link((("outcome", state),)) if count else ""


def _drawn(chart: Chart) -> Drawn:
    table = chart.table()
    shown = Table(table.head, table.rows[:_MOST_ROWS], table.names)
    return Drawn(
        chart.title,
        chart.note,
        tuple(drawings(chart)),
        tuple(_legend(chart)),
        shown,
        tuple(_links(chart))[:_MOST_ROWS],
        len(table.rows) - len(shown.rows),
        isinstance(chart, _WIDE),
        isinstance(chart, Panels),
    )


def _legend(chart: Chart) -> Iterator[tuple[str, str]]:
    """The look and the name of each line, where there are several, and of what is beside the bars."""
    lines = chart.panels[0].lines if isinstance(chart, Panels) else ()
    if isinstance(chart, Curves):
        lines = chart.lines
    if len(lines) > 1:
        yield from ((f"line-{place % LOOKS}", line.name) for place, line in enumerate(lines))
    if isinstance(chart, Bars) and chart.other:
        yield "dot", chart.other


def _links(chart: Chart) -> Iterable[str]:
    if isinstance(chart, Bars):
        return (link(bar.filter) if bar.filter else "" for bar in chart.bars)
    if isinstance(chart, Matrix):
        filters = (chart.filter(i, j) for _, i, j in chart.pairs())
        return (link(found) if found else "" for found in filters)
    return ()


def _beside(found: Comparison) -> Section:
    """The figures of this run and of the one it is set against."""
    rows = []
    for figure in found.figures:
        gap = figure.difference
        told = DASH if gap is None else f"{number(gap.value)} [{number(gap.low)}, {number(gap.high)}]"
        chance = DASH if figure.adjusted is None else f"{figure.adjusted:.3g}"
        rows.append([figure.figure, number(figure.second), number(figure.first), told, chance])
    head = ("Figure (%)", "This run", "The other run", "Difference, 95 % interval", "p (Holm)")
    blocks: list[Block] = [grid(head, rows)]
    if found.differs:
        differs = [(name, Foreign(after), Foreign(before)) for name, before, after in found.differs]
        blocks.append(grid(("Setting", "This run", "The other run"), differs, 3))
    blocks += [Line((note,)) for note in found.notes]
    return Section(f"Beside {found.first.name}", tuple(blocks))
