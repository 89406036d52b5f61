"""Twenty types of aircraft, told apart by planform, engines, tail and size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from . import shapes
from .canvas import Canvas
from .shapes import Points


@dataclass(frozen=True)
class Planform:
    """The top view of one type.

    Lengths are in metres; positions along the body are fractions of ``length`` from the nose.
    ``wing`` and ``tail`` are (leading edge at the root, chord at the root, leading edge at the
    tip, chord at the tip); ``engines`` are (kind, position, metres from the axis).
    """

    length: float
    span: float
    body: float
    wing: tuple[float, float, float, float]
    tail: tuple[float, float, float, float]
    tail_span: float
    engines: tuple[tuple[str, float, float], ...] = ()
    extras: frozenset[str] = field(default_factory=frozenset)
    paint: str = "mid airframe"
    nose: float = 0.12


def _pairs(kind: str, *at: tuple[float, float]) -> tuple[tuple[str, float, float], ...]:
    return tuple((kind, x, side * y) for x, y in at for side in (-1.0, 1.0))


def _with(*extras: str) -> frozenset[str]:
    return frozenset(extras)


_JETS_REAR = _pairs("jet", (0.93, 0.85))
_FIGHTER = _with("strake", "fins")

TYPES: dict[str, Planform] = {
    "A1": Planform(21.9, 15.3, 2.6, (0.36, 0.34, 0.60, 0.09), (0.77, 0.17, 0.88, 0.09), 10.6,
                   _pairs("jet", (0.92, 1.2)), _with("strake", "fins", "sting"), "blue airframe", 0.2),
    "A2": Planform(29.8, 40.4, 4.4, (0.32, 0.17, 0.35, 0.09), (0.83, 0.14, 0.87, 0.08), 16.0,
                   _pairs("prop", (0.30, 5.0), (0.31, 10.4)), paint="mid airframe", nose=0.1),
    "A3": Planform(53.0, 51.7, 6.8, (0.30, 0.23, 0.52, 0.08), (0.88, 0.12, 0.96, 0.06), 20.0,
                   _pairs("pod", (0.30, 7.6), (0.38, 14.0)), _with("upswept"), "mid airframe"),
    "A4": Planform(75.3, 67.9, 7.6, (0.29, 0.18, 0.50, 0.06), (0.90, 0.09, 0.96, 0.05), 21.0,
                   _pairs("pod", (0.28, 12.0), (0.36, 19.5)), paint="light airframe", nose=0.07),
    "A5": Planform(15.0, 10.0, 1.5, (0.42, 0.32, 0.66, 0.09), (0.80, 0.17, 0.90, 0.09), 5.6,
                   (("jet", 0.95, 0.0),), _with("strake"), "mid airframe", 0.24),
    "A6": Planform(54.1, 46.0, 3.6, (0.52, 0.13, 0.76, 0.05), (0.83, 0.09, 0.92, 0.05), 13.5,
                   _pairs("box", (0.72, 3.6), (0.72, 6.2)), _with("glove"), "light airframe", 0.2),
    "A7": Planform(46.6, 44.4, 3.9, (0.30, 0.21, 0.58, 0.06), (0.86, 0.11, 0.95, 0.05), 15.5,
                   _pairs("pod", (0.34, 8.0), (0.47, 14.2)), _with("dome"), "light airframe", 0.07),
    "A8": Planform(48.5, 56.4, 3.1, (0.26, 0.20, 0.61, 0.06), (0.85, 0.11, 0.94, 0.06), 16.9,
                   _pairs("twin pod", (0.32, 10.4), (0.45, 18.2)), _with("tip pods"), "dark airframe",
                   0.06),
    "A9": Planform(35.6, 30.4, 3.5, (0.31, 0.17, 0.35, 0.08), (0.79, 0.11, 0.83, 0.06), 13.0,
                   _pairs("prop", (0.28, 4.6), (0.30, 8.8)), _with("boom"), "light airframe", 0.08),
    "A10": Planform(44.5, 37.0, 4.2, (0.46, 0.14, 0.64, 0.06), (0.85, 0.13, 0.95, 0.07), 13.6,
                    _pairs("box", (0.68, 3.8)), _with("glove"), "dark airframe", 0.2),
    "A11": Planform(46.6, 44.4, 3.9, (0.30, 0.26, 0.56, 0.06), (0.84, 0.12, 0.93, 0.05), 15.0,
                    _pairs("pod", (0.36, 7.2), (0.45, 13.0)), _with("panel", "canoe"),
                    "silver airframe", 0.07),
    "A12": Planform(42.5, 30.0, 3.0, (0.48, 0.17, 0.68, 0.07), (0.80, 0.13, 0.92, 0.08), 11.3,
                    _pairs("box", (0.50, 2.3)), _with("glove", "intakes"), "blue airframe", 0.24),
    "A13": Planform(19.4, 13.0, 3.3, (0.40, 0.36, 0.60, 0.13), (0.80, 0.20, 0.91, 0.12), 8.7,
                    _pairs("jet", (0.92, 0.8)), _with("fins"), "mid airframe", 0.3),
    "A14": Planform(41.5, 39.9, 3.7, (0.25, 0.20, 0.52, 0.06), (0.82, 0.10, 0.91, 0.05), 12.4,
                    _pairs("pod", (0.29, 8.4), (0.42, 14.8)), _with("boom"), "mid airframe", 0.07),
    "A15": Planform(18.9, 13.6, 3.4, (0.33, 0.53, 0.64, 0.07), (0.80, 0.19, 0.91, 0.06), 9.2,
                    _pairs("jet", (0.93, 0.7)), _with("fins", "diamond"), "dark airframe", 0.26),
    "A16": Planform(17.1, 12.3, 1.9, (0.46, 0.23, 0.54, 0.12), (0.83, 0.15, 0.94, 0.08), 6.9,
                    _pairs("jet", (0.93, 0.6)), _with("strake", "fins", "tip pods"), "light airframe",
                    0.22),
    "A17": Planform(46.2, 50.0, 2.9, (0.31, 0.14, 0.56, 0.05), (0.83, 0.10, 0.92, 0.05), 14.5,
                    _pairs("prop", (0.34, 6.2), (0.43, 12.6)), _with("nacelles"), "silver airframe",
                    0.06),
    "A18": Planform(54.4, 47.3, 6.0, (0.32, 0.22, 0.60, 0.06), (0.85, 0.11, 0.95, 0.05), 20.5,
                    (*_pairs("pod", (0.36, 8.0)), ("tail jet", 0.93, 0.0)), _with("panel"),
                    "dark airframe", 0.08),
    "A19": Planform(23.3, 14.7, 3.0, (0.37, 0.33, 0.60, 0.09), (0.76, 0.16, 0.86, 0.09), 10.0,
                    _pairs("jet", (0.88, 1.2)), _with("canard", "fins", "long sting", "duckbill"),
                    "blue airframe", 0.26),
    "A20": Planform(22.5, 17.6, 3.0, (0.42, 0.15, 0.50, 0.08), (0.79, 0.19, 0.94, 0.10), 9.6,
                    (), _with("intakes", "square"), "olive airframe", 0.2),
}  # fmt: skip


@dataclass(frozen=True)
class _Part:
    """One polygon of an aircraft (metres, nose ahead) with its paint ("" is the airframe's)."""

    points: Points
    paint: str = ""
    shade: float = 1.0


def _panel(
    form: Planform, edges: tuple[float, float, float, float], root: float, tip: float
) -> Iterator[Points]:
    """Both sides of a wing or a tailplane."""
    x = form.length * (0.5 - np.array([edges[0], edges[2], edges[2] + edges[3], edges[0] + edges[1]]))
    right = np.stack([x, [root, tip, tip, root]], 1)
    yield right
    yield right * (1, -1)


def _fuselage(form: Planform) -> Points:
    half, width = form.length / 2, form.body / 2
    nose = form.nose * form.length
    blunt = 0.6 if "duckbill" in form.extras or "square" in form.extras else 0.28
    rear = 0.75 if form.engines and form.engines[0][0] == "jet" else 0.2
    back = -half + (0.0 if rear > 0.5 else form.length * 0.02)
    if form.extras & {"sting", "long sting", "boom"}:
        back += form.length * (0.03 if "sting" in form.extras else 0.08)
    side = [
        (half, 0.1 * width),
        (half - 0.3 * nose, blunt * width + 0.12 * width),
        (half - nose, width),
        (-half * 0.45, width),
        (back, rear * width),
    ]
    if "upswept" in form.extras:
        side[3:4] = [(-half * 0.2, width), (-half * 0.6, 0.72 * width)]
    right = np.array(side)
    return np.concatenate([right, right[::-1] * (1, -1)])


def _engine(form: Planform, kind: str, at: float, off: float) -> Iterator[_Part]:
    x = form.length * (0.5 - at)
    scale = max(form.length / 45, 0.55)
    if kind in ("pod", "twin pod"):
        for shift in (0.0,) if kind == "pod" else (-1.0, 1.0):
            pod = shapes.rectangle((x, off + shift), 5.2 * scale, 2.3 * scale, 0.0)
            yield _Part(pod, shade=0.8)
            yield _Part(shapes.rectangle((x + 2.3 * scale, off + shift), 0.8, 1.7 * scale, 0), "hot")
    elif kind == "prop":
        long = 8.5 if "nacelles" in form.extras else 5.2
        yield _Part(shapes.rectangle((x - long * 0.2, off), long, 1.7, 0.0), shade=0.85)
        yield _Part(shapes.ellipse((x + long * 0.3, off), 0.35, 2.1), "black paint")
    elif kind == "box":
        yield _Part(shapes.rectangle((x, off), 0.24 * form.length, 2.4, 0.0), shade=0.86)
        yield _Part(shapes.rectangle((x - 0.11 * form.length, off), 1.6, 1.8, 0.0), "hot")
    elif kind == "jet":
        yield _Part(shapes.rectangle((x, off), 0.1 * form.length, form.body * 0.36, 0.0), shade=0.75)
        yield _Part(shapes.rectangle((x - 0.03 * form.length, off), 1.0, form.body * 0.26, 0), "hot")
    else:
        yield _Part(shapes.rectangle((x, 0.0), 7.0, 3.0, 0.0), shade=0.8)
        yield _Part(shapes.rectangle((x - 2.6, 0.0), 1.4, 2.2, 0.0), "hot")


def _extras(form: Planform) -> Iterator[_Part]:
    length, half, width, extras = form.length, form.length / 2, form.body / 2, form.extras
    if "strake" in extras:
        lead = half - form.wing[0] * length
        strake = np.array([(lead + 0.17 * length, width), (lead, width + 0.06 * length), (lead, width)])
        yield from (_Part(strake), _Part(strake * (1, -1)))
    if "glove" in extras:
        out = form.span * 0.16
        lead = half - form.wing[0] * length
        glove = np.array([(lead + 0.2 * length, width), (lead - 0.02 * length, out),
                          (lead - 0.15 * length, out), (lead - 0.2 * length, width)])  # fmt: skip
        yield from (_Part(glove), _Part(glove * (1, -1)))
    if "intakes" in extras:
        for side in (-1, 1):
            yield _Part(shapes.rectangle((0.02 * length, side * width * 1.15), 0.3 * length, width, 0))
    if "canard" in extras:
        canard = np.array([(0.22, 0.05), (0.16, 0.14), (0.12, 0.14), (0.13, 0.05)]) * length
        yield from (_Part(canard), _Part(canard * (1, -1)))
    if extras & {"sting", "long sting", "boom"}:
        yield _Part(shapes.rectangle((-half + 0.1 * length, 0), 0.2 * length, width * 0.5, 0), shade=0.9)
    if "tip pods" in extras:
        tip = half - (form.wing[2] + form.wing[3] * 0.5) * length
        for side in (-1, 1):
            at = (tip, side * (form.span / 2 - 0.2))
            yield _Part(shapes.rectangle(at, 0.14 * length, 0.4 + length * 0.008, 0), shade=0.85)


def _markings(form: Planform) -> Iterator[_Part]:
    length, half, width, extras = form.length, form.length / 2, form.body / 2, form.extras
    cockpit = (half - form.nose * length * 0.75, 0.0)
    yield _Part(shapes.ellipse(cockpit, max(0.035 * length, 0.8), width * 0.42), "glass")
    fin = shapes.rectangle((-half + 0.11 * length, 0), 0.16 * length, max(0.5, width * 0.2), 0)
    if "fins" in extras:
        for side in (-1, 1):
            leaning = fin + np.array([0.06 * length, side * width * 0.75])
            yield _Part(leaning, shade=0.6)
    else:
        yield _Part(fin, shade=0.66)
    if "dome" in extras:
        yield _Part(shapes.ellipse((-0.12 * length, 0), 4.8, 4.8), "black paint", 1.4)
        yield _Part(shapes.rectangle((-0.12 * length, 0), 1.6, 9.2, 0), "white paint")
    if "panel" in extras:
        yield _Part(shapes.rectangle((0.2 * length, 0), 0.3 * length, width, 0), "dark roof")
    if "canoe" in extras:
        yield _Part(shapes.rectangle((-0.3 * length, 0), 0.12 * length, width * 1.2, 0), "red paint")


@cache
def _parts(name: str) -> tuple[_Part, ...]:
    """All polygons of a type, in drawing order, with the body centred along and across."""
    form = TYPES[name]
    parts = [_Part(part, shade=0.96) for part in _panel(form, form.wing, 0.0, form.span / 2)]
    if "diamond" in form.extras:
        parts = [_Part(_swept_forward(part.points), shade=0.96) for part in parts]
    parts += [_Part(part, shade=0.93) for part in _panel(form, form.tail, 0.0, form.tail_span / 2)]
    pods = [part for engine in form.engines for part in _engine(form, *engine)]
    body = [_Part(_fuselage(form), shade=1.04)]
    spine = shapes.rectangle((0.0, 0.0), form.length * 0.6, form.body * 0.4, 0.0)
    under = [part for part in _extras(form)]
    over_body = form.engines[:1] and form.engines[0][0] in ("jet", "tail jet")
    stack = parts + under + ([] if over_body else pods) + body
    stack += [_Part(spine, shade=1.16), *_markings(form)]
    stack += pods if over_body else []
    points = np.concatenate([part.points for part in stack])
    middle = np.array([(points[:, 0].max() + points[:, 0].min()) / 2, 0.0])
    return tuple(_Part(part.points - middle, part.paint, part.shade) for part in stack)


def _swept_forward(wing: Points) -> Points:
    """A wing whose trailing edge runs forward to the tip."""
    turned = wing.copy()
    turned[2, 0] = turned[1, 0] - 0.3 * (turned[1, 0] - turned[3, 0])
    return turned


def extent(name: str) -> tuple[float, float]:
    """The length and the width of a type in metres, over everything drawn of it."""
    points = np.concatenate([part.points for part in _parts(name)])
    length, width = (points.max(0) - points.min(0)).tolist()
    return length, width


def draw_aircraft(
    canvas: Canvas, name: str, centre: Points, heading: float, *, paint: str | None = None
) -> None:
    """Draw and label an aircraft of a type (A1 to A20)."""
    form = TYPES[name]
    scale = canvas.metres(1.0)
    placed = [(shapes.place(p.points, centre, heading, scale), p) for p in _parts(name)]
    canvas.cast([points for points, part in placed if not part.paint], min(form.length * 0.07, 3.5))
    airframe = paint or form.paint
    shade = canvas.between(0.94, 1.06)
    for points, part in placed:
        canvas.polygon(points, part.paint or airframe, part.shade * shade)
    if canvas.look == "sar":
        for points, part in placed:
            if not part.paint:
                canvas.glints(points, 2)
    canvas.add("airplane", [points for points, _ in placed], heading, name)
