"""Charts as SVG inside a page: coloured by the page's variables, without script, every text escaped."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote
from xml.etree import ElementTree as Tree

from ..chart_values import Axis, Bars, Chart, Curves, Filter, Histogram, Matrix, Panels, steps, written

LOOKS = 6  # colours of lines, --line-0 and on
_WIDE, _HIGH = 420.0, 280.0  # of a chart in a pair of axes; it is scaled with the page
_LEFT, _RIGHT, _TOP, _BOTTOM = 46.0, 12.0, 10.0, 40.0
_ROW = 22  # pixels of a bar
_LETTER = 6.2  # pixels, about, of the letters of a matrix's names


def link(filters: Filter) -> str:
    """The address of the samples that a mark stands for.

    >>> link((("class", "storage tank"), ("tag:sensor", "SAR")))
    'samples.html#class=storage%20tank&tag:sensor=SAR'
    """
    return "samples.html#" + "&".join(f"{quote(k, safe=':')}={quote(v, safe='')}" for k, v in filters)


def drawings(chart: Chart) -> list[tuple[str, str]]:
    """The drawings of a chart and the title of each: one, or of Panels one a panel."""
    if isinstance(chart, Panels):
        size = (220.0, 190.0) if len(chart.panels) > 1 else (_WIDE, _HIGH)
        return [(p.title, _text(_curves(p, *size, before=f"{chart.title}: "))) for p in chart.panels]
    if isinstance(chart, Bars):
        return [(chart.title, _text(_bars(chart)))]
    if isinstance(chart, Matrix):
        return [(chart.title, _text(_matrix(chart)))]
    if isinstance(chart, Histogram):
        return [(chart.title, _text(_histogram(chart)))]
    return [(chart.title, _text(_curves(chart, _WIDE, _HIGH)))]


def _bars(chart: Bars) -> Tree.Element:
    """Names, bars and values in rows; widths in percent, so that letters keep their size on a phone."""
    height = _ROW * len(chart.bars)
    drawn = _svg(chart.title, {"width": "100%", "height": f"{height + 34}", "class": "bars"}, alone=False)
    names = _add(drawn, "svg", {"width": "34%", "height": f"{height}"})
    plot = _add(drawn, "svg", {"x": "36%", "width": "50%", "height": f"{height + 34}", "class": "plot"})
    for at in steps(chart.axis):
        x = _share(at, chart.axis)
        _add(plot, "line", {"x1": x, "x2": x, "y1": "0", "y2": f"{height}", "class": "grid"})
        _add(plot, "text", {"x": x, "y": f"{height + 14}", "class": "middle"}, f"{100 * at:g}")
    _add(plot, "text", {"x": "50%", "y": f"{height + 30}", "class": "middle title"}, chart.axis.title)
    for place, bar in enumerate(chart.bars):
        top, middle = _ROW * place, _ROW * place + _ROW / 2
        said = f"{bar.name}: {written(bar.value, chart.axis)}"
        said += "" if bar.count is None else f", {chart.counted.lower()}: {bar.count:,}"
        _add(_linked(names, bar.filter, said), "text", {"x": "0", "y": f"{middle + 4}"}, bar.name)
        if bar.value is not None:
            _add(
                _linked(plot, bar.filter, said, False),
                "rect",
                {
                    "y": f"{top + 4}",
                    "height": f"{_ROW - 8}",
                    "width": _share(bar.value, chart.axis),
                    "class": "bar",
                },
            )
        if bar.low is not None and bar.high is not None:
            ends = {
                "x1": _share(bar.low, chart.axis),
                "x2": _share(bar.high, chart.axis),
                "y1": f"{middle}",
                "y2": f"{middle}",
            }
            _add(plot, "line", {**ends, "class": "range"})
        if bar.other is not None:
            _add(
                plot,
                "circle",
                {"cx": _share(bar.other, chart.axis), "cy": f"{middle}", "r": "4", "class": "other"},
            )
        value = {"x": "100%", "y": f"{middle + 4}", "class": "end"}
        _add(drawn, "text", value, written(bar.value, chart.axis))
    return drawn


def _curves(chart: Curves, wide: float, high: float, before: str = "") -> Tree.Element:
    drawn, frame = _axes(before + chart.title, chart.x, chart.y, wide, high)
    if chart.diagonal:
        (x1, y1), (x2, y2) = frame(0, 0), frame(1, 1)
        _add(drawn, "line", {"x1": x1, "y1": y1, "x2": x2, "y2": y2, "class": "diagonal"})
    for place, line in enumerate(chart.lines):
        points = [frame(x, y) for x, y in zip(line.x, line.y, strict=True)]
        colour = f"line line-{place % LOOKS}"
        _add(drawn, "polyline", {"points": " ".join(f"{x},{y}" for x, y in points), "class": colour})
        most = max(line.count, default=1)
        for i, (x, y) in enumerate(points if chart.marked else points[:1] if len(points) == 1 else ()):
            size = 2 + 6 * (line.count[i] / most) ** 0.5 if line.count else 3
            told = _add(
                drawn,
                "circle",
                {"cx": x, "cy": y, "r": f"{size:.1f}", "class": f"mark line-{place % LOOKS}"},
            )
            counted = f", samples: {line.count[i]:,}" if line.count else ""
            _add(told, "title", {}, f"{written(line.x[i], chart.x)}, {written(line.y[i], chart.y)}{counted}")
    return drawn


def _histogram(chart: Histogram) -> Tree.Element:
    most = max(chart.counts)
    y = Axis("samples", 0, float(most), percent=False)
    drawn, frame = _axes(chart.title, chart.x, y, _WIDE, _HIGH)
    for low, high, count in zip(chart.edges, chart.edges[1:], chart.counts, strict=False):
        (x1, top), (x2, bottom) = frame(low, count), frame(high, 0)
        size = {
            "width": f"{max(float(x2) - float(x1) - 1, 0.5):.1f}",
            "height": f"{float(bottom) - float(top):.1f}",
        }
        bar = _add(drawn, "rect", {"x": x1, "y": top, **size, "class": "bar"})
        _add(bar, "title", {}, f"{low:.4g} to {high:.4g} {chart.x.title}: {count:,}")
    return drawn


def _matrix(chart: Matrix) -> Tree.Element:
    """Cells of a fixed size, that a narrow page scrolls: right answers in one colour, the rest in another."""
    side = 26 if len(chart.columns) <= 30 else 17
    longest = max(map(len, (*chart.rows, *chart.columns)), default=0)
    margin = min(20 + _LETTER * longest, 190.0)
    wide, high = margin + side * len(chart.columns) + 8, margin + side * len(chart.rows) + 8
    size = {
        "width": f"{wide:g}",
        "height": f"{high:g}",
        "viewBox": f"0 0 {wide:g} {high:g}",
        "class": "matrix",
    }
    drawn = _svg(chart.title, size, alone=False)
    _add(drawn, "text", {"x": "0", "y": "12", "class": "title"}, "truth ↓ answer →")
    for j, name in enumerate(chart.columns):
        x = margin + side * (j + 0.5) + 4
        _add(drawn, "text", {"transform": f"translate({x:g} {margin - 5:g}) rotate(-90)"}, _short(name))
    for i, name in enumerate(chart.rows):
        y = margin + side * i
        _add(
            drawn,
            "text",
            {"x": f"{margin - 5:g}", "y": f"{y + side / 2 + 4:g}", "class": "end"},
            _short(name),
        )
        total = sum(chart.counts[i])
        for j, count in enumerate(chart.counts[i]):
            box = {
                "x": f"{margin + side * j:g}",
                "y": f"{y:g}",
                "width": f"{side - 1}",
                "height": f"{side - 1}",
            }
            if not count:
                _add(drawn, "rect", {**box, "class": "cell"})
                continue
            right = name == chart.columns[j]
            cell = _linked(
                drawn, chart.filter(i, j), f"{name} answered as {chart.columns[j]}: {count:,}", False
            )
            shade = {
                "fill-opacity": f"{0.15 + 0.85 * count / total:.2f}",
                "class": "right" if right else "wrong",
            }
            _add(cell, "rect", {**box, "class": "cell"})
            _add(cell, "rect", {**box, **shade})
            if side > 20 and count < 10000:
                strong = " strong" if count / total > 0.5 else ""
                place = {"x": f"{margin + side * (j + 0.5):g}", "y": f"{y + side / 2 + 4:g}"}
                _add(cell, "text", {**place, "class": f"middle{strong}"}, str(count))
    return drawn


class _Frame:
    """Where values lie in the drawing, as texts for attributes."""

    def __init__(self, x: Axis, y: Axis, wide: float, high: float) -> None:
        self._x, self._y = x, y
        self._wide, self._high = wide - _LEFT - _RIGHT, high - _TOP - _BOTTOM

    def __call__(self, x: float, y: float) -> tuple[str, str]:
        across = (x - self._x.low) / ((self._x.high - self._x.low) or 1)
        up = (y - self._y.low) / ((self._y.high - self._y.low) or 1)
        return f"{_LEFT + across * self._wide:.1f}", f"{_TOP + (1 - up) * self._high:.1f}"


def _axes(title: str, x: Axis, y: Axis, wide: float, high: float) -> tuple[Tree.Element, _Frame]:
    """A drawing with a grid and titles of both axes."""
    drawn = _svg(title, {"viewBox": f"0 0 {wide:g} {high:g}", "class": "axes"})
    frame = _Frame(x, y, wide, high)
    left, bottom = frame(x.low, y.low)
    right, top = frame(x.high, y.high)
    for at in steps(x, 5 if wide > 300 else 2):
        place, _ = frame(at, y.low)
        _add(drawn, "line", {"x1": place, "x2": place, "y1": top, "y2": bottom, "class": "grid"})
        _add(drawn, "text", {"x": place, "y": f"{high - 24:g}", "class": "middle"}, _tick(at, x))
    for at in steps(y, 5 if wide > 300 else 2):
        _, place = frame(x.low, at)
        _add(drawn, "line", {"x1": left, "x2": right, "y1": place, "y2": place, "class": "grid"})
        _add(
            drawn, "text", {"x": f"{_LEFT - 6:g}", "y": f"{float(place) + 4:g}", "class": "end"}, _tick(at, y)
        )
    middle = {"x": f"{(float(left) + float(right)) / 2:g}", "y": f"{high - 6:g}", "class": "middle title"}
    _add(drawn, "text", middle, x.title)
    turned = f"translate(11 {(float(top) + float(bottom)) / 2:g}) rotate(-90)"
    _add(drawn, "text", {"transform": turned, "class": "middle title"}, y.title)
    return drawn, frame


def _tick(value: float, axis: Axis) -> str:
    return f"{100 * value:g}" if axis.percent else f"{value:g}"


def _svg(title: str, attributes: Mapping[str, str], alone: bool = True) -> Tree.Element:
    """`alone`: one picture for who cannot see it; otherwise its links are to be reached."""
    role = {"role": "img", "aria-label": title} if alone else {"role": "group", "aria-label": title}
    return Tree.Element("svg", {**role, **attributes})


def _add(parent: Tree.Element, tag: str, attributes: Mapping[str, str], text: str = "") -> Tree.Element:
    child = Tree.SubElement(parent, tag, dict(attributes))
    child.text = _printable(text) or None
    return child


def _linked(parent: Tree.Element, filters: Filter, said: str, focus: bool = True) -> Tree.Element:
    """A link to the samples of a mark, or a plain group where they cannot be told; `said` on hovering."""
    kept = {} if focus else {"tabindex": "-1"}  # a matrix has too many: its table holds the same links
    group = _add(parent, "a", {"href": link(filters), **kept}) if filters else _add(parent, "g", {})
    _add(group, "title", {}, said)
    return group


def _share(value: float, axis: Axis) -> str:
    """How far along an axis from 0 a value is."""
    return f"{100 * min(max(value / axis.high, 0.0), 1.0):.2f}%"


def _short(name: str, most: int = 26) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _printable(text: str) -> str:
    """Without characters that no XML may hold."""
    return "".join(c if c.isprintable() else " " for c in text)


def _text(element: Tree.Element) -> str:
    return Tree.tostring(element, encoding="unicode")
