"""Charts for papers, through matplotlib: as wide as a column of two, the same bytes every time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from .chart_values import Axis, Bars, Chart, Curves, Histogram, Matrix, Panels
from .charts import charts
from .errors import disk_errors, missing_extra
from .site.seen import see

COLUMN, PAGE = 3.4, 7.0  # inches: a column of a page of two, and both
# told apart by the colour-blind (Okabe and Ito)
_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#000000")
_DASHES = ("-", "--", ":", "-.")
_ROW = 0.16  # inches of a bar
_ACROSS = 4  # panels side by side
_LETTERS = 50  # of a line of a title
_STYLE = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.5,
    "legend.frameon": False,
    "legend.fontsize": 7,
    "svg.hashsalt": "rsbench",
    "svg.fonttype": "none",
    "pdf.fonttype": 42,
    "text.parse_math": False,  # a $ in the name of a class is a $
    "figure.dpi": 100,
}
# what a file says of itself, without the time
_SILENT = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Producer": None, "Creator": None},
}


def draw(runs: Sequence[Path], folder: Path, form: str = "png") -> list[Path]:
    """Every chart of every run as a file in `folder`, of several runs in a folder each.

    `form` is png (300 dots per inch), svg or pdf. The same run gives the same bytes under one version of
    matplotlib.

    Raises:
        ModelError: matplotlib is not installed.
        DataError: a run or the disk is not as it must be.
    """
    _matplotlib()
    written: list[Path] = []
    for run in runs:
        found = see(run)
        place = folder / found.result.name if len(runs) > 1 else folder
        with disk_errors(place):
            place.mkdir(parents=True, exist_ok=True)
            for chart in charts(found.result.report, found.survey):
                path = place / f"{file_name(chart.name)}.{form}"
                path.write_bytes(drawn(chart, form))
                written.append(path)
    return written


def file_name(name: str) -> str:
    """A chart's name as that of a file.

    >>> file_name("classes 20 classes"), file_name("slice ../x:y")
    ('classes-20-classes', 'slice-x-y')
    """
    return re.sub(r"[^\w]+", "-", name, flags=re.ASCII).strip("-") or "chart"


def drawn(chart: Chart, form: str) -> bytes:
    """A chart as the bytes of a file."""
    from io import BytesIO

    backend, figures = _matplotlib()
    with backend.rc_context({**backend.rcParamsDefault, **_STYLE, "backend": "agg"}):
        figure = figures.Figure(layout="constrained")
        _DRAWING[type(chart)](figure, chart)
        out = BytesIO()
        figure.savefig(out, format=form, dpi=300, metadata=_SILENT[form])
    return out.getvalue()


def _matplotlib() -> tuple[Any, Any]:
    try:
        import matplotlib
        from matplotlib import figure
    except ImportError as error:
        raise missing_extra("matplotlib", "plots") from error
    return matplotlib, figure


def _bars(figure: Any, chart: Bars) -> None:
    figure.set_size_inches(COLUMN, 0.7 + _ROW * len(chart.bars))
    axes = figure.subplots()
    rows = range(len(chart.bars))
    axes.barh(
        rows, [_scaled(bar.value or 0, chart.axis) for bar in chart.bars], color=_COLOURS[0], height=0.7
    )
    for row, bar in zip(rows, chart.bars, strict=True):
        if bar.low is not None and bar.high is not None:
            ends = [_scaled(bar.low, chart.axis), _scaled(bar.high, chart.axis)]
            axes.plot(ends, [row, row], color="black", linewidth=1)
        if bar.value is None:
            axes.text(0, row, " –", va="center")
    axes.set_yticks(rows, [bar.name for bar in chart.bars])
    axes.set_ylim(len(chart.bars) - 0.5, -0.5)
    axes.grid(visible=False, axis="y")
    axes.set_xlim(*_limits(chart.axis))
    axes.set_xlabel(chart.axis.title)
    _title(axes, chart.title)


def _curves(figure: Any, chart: Curves) -> None:
    figure.set_size_inches(COLUMN, 2.5)
    axes = figure.subplots()
    _lines(axes, chart)
    axes.set_xlabel(chart.x.title)
    axes.set_ylabel(chart.y.title)
    _title(axes, chart.title)
    if len(chart.lines) > 1:
        axes.legend()


def _lines(axes: Any, chart: Curves) -> None:
    if chart.diagonal:
        axes.plot([0, 100], [0, 100], color="#888888", linestyle="--", linewidth=0.8)
    for place, line in enumerate(chart.lines):
        x, y = [_scaled(v, chart.x) for v in line.x], [_scaled(v, chart.y) for v in line.y]
        colour, dash = _COLOURS[place % len(_COLOURS)], _DASHES[place % len(_DASHES)]
        axes.plot(x, y, color=colour, linestyle=dash, linewidth=1.2, label=line.name)
        if chart.marked:
            most = max(line.count, default=1)
            axes.scatter(x, y, [4 + 36 * n / most for n in line.count] or 9, color=colour, clip_on=False)
        elif len(x) == 1:
            axes.scatter(x, y, 9, color=colour, clip_on=False)
    axes.set_xlim(*_limits(chart.x))
    axes.set_ylim(*_limits(chart.y))


def _panels(figure: Any, chart: Panels) -> None:
    across = min(_ACROSS, len(chart.panels))
    down = -(-len(chart.panels) // across)
    figure.set_size_inches(COLUMN if across == 1 else PAGE, 0.7 + (2.0 if across == 1 else 1.35) * down)
    grid = figure.subplots(down, across, sharex=True, sharey=True, squeeze=False)
    for place, axes in enumerate(grid.flat):
        if place >= len(chart.panels):
            axes.set_visible(False)
            continue
        _lines(axes, chart.panels[place])
        axes.set_title(chart.panels[place].title)
    first = chart.panels[0]
    figure.supxlabel(first.x.title, fontsize=8)
    figure.supylabel(first.y.title, fontsize=8)
    figure.suptitle(chart.title, fontsize=8)
    if len(first.lines) > 1:
        grid.flat[0].legend()


def _histogram(figure: Any, chart: Histogram) -> None:
    figure.set_size_inches(COLUMN, 2.2)
    axes = figure.subplots()
    axes.stairs(chart.counts, chart.edges, fill=True, color=_COLOURS[0])
    axes.set_xlabel(chart.x.title)
    axes.set_ylabel("samples")
    _title(axes, chart.title)


def _matrix(figure: Any, chart: Matrix) -> None:
    import numpy as np

    names = 1.3  # inches, beside and below the cells
    side = min(0.19, (PAGE - names) / len(chart.columns))
    wide = max(COLUMN, names + side * len(chart.columns))
    figure.set_size_inches(wide, max(2.2, names + side * len(chart.rows)))
    axes = figure.subplots()
    counts = np.array(chart.counts, float)
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1, aspect="equal")
    axes.grid(visible=False)
    size = 28 * side  # points of the letters in a cell
    for i, j in np.argwhere(counts > 0):
        colour = "white" if shares[i, j] > 0.5 else "black"
        text = {"ha": "center", "va": "center", "fontsize": size, "color": colour}
        axes.text(int(j), int(i), f"{chart.counts[i][j]}", **text)
    axes.set_xticks(range(len(chart.columns)), chart.columns, rotation=90, fontsize=size + 1)
    axes.set_yticks(range(len(chart.rows)), chart.rows, fontsize=size + 1)
    axes.set_xlabel("answer")
    axes.set_ylabel("truth")
    _title(axes, chart.title)


_DRAWING: dict[type, Any] = {
    Bars: _bars, Curves: _curves, Panels: _panels, Histogram: _histogram, Matrix: _matrix
}  # fmt: skip


def _title(axes: Any, text: str) -> None:
    axes.set_title(fill(text, _LETTERS), loc="left")


def _scaled(value: float, axis: Axis) -> float:
    return 100 * value if axis.percent else value


def _limits(axis: Axis) -> tuple[float, float]:
    return _scaled(axis.low, axis), _scaled(axis.high, axis)
