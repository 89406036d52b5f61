"""Charts as files: every kind in every form, the same bytes every time, and a name that is only a name."""

from __future__ import annotations

import builtins
import doctest
import re
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as Tree

import pytest
from PIL import Image

from rsbench.harness import plots
from rsbench.harness.chart_values import Axis, Bar, Bars, Chart, Curves, Histogram, Line, Matrix, Panels
from rsbench.harness.errors import ModelError
from rsbench.harness.plots import COLUMN, draw, drawn, file_name

from .two_runs import run, scenes

HOSTILE = r"$\frac{$ <script>&"
CURVES = Curves("c", "Curves", Axis("recall (%)"), Axis("precision (%)"), (
    Line("IoU 0.40", (0.1, 0.5), (1.0, 0.8)), Line(HOSTILE, (0.2,), (0.4,)), Line("empty", (), ()),
))  # fmt: skip
BARS = Bars("b", "Bars", Axis("AP (%)"), (Bar(HOSTILE, 0.5, 0.4, 0.6), Bar("none", None)))
CHARTS: tuple[Chart, ...] = (
    BARS,
    CURVES,
    replace(CURVES, lines=(Line("run", (0.2, 0.9), (0.1, 1.0), (3, 9)),), marked=True, diagonal=True),
    Panels("p", "Panels", (CURVES,) * 3),
    Histogram("h", "Tokens", Axis("tokens", 0, 2, False), (0.0, 1.0, 2.0), (3, 0)),
    Matrix("m", "Matrix", ("a", HOSTILE), ("a", HOSTILE), ((3, 0), (1, 2)), ((), ()), ((), ())),
)


@pytest.mark.parametrize(
    ("chart", "form"),
    [*((chart, "svg") for chart in CHARTS), (BARS, "png"), (BARS, "pdf")],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_every_chart_is_the_same_bytes_twice(chart: Chart, form: str) -> None:
    first = drawn(chart, form)
    assert first == drawn(chart, form)
    starts = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}
    assert first.startswith(starts[form])
    assert not re.search(rb"<dc:date>|CreationDate|tEXtCreation", first)


def test_text_stays_text_in_an_svg() -> None:
    page = Tree.fromstring(drawn(BARS, "svg"))
    words = "".join(page.itertext())
    assert HOSTILE in words and "AP (%)" in words and "script" not in {e.tag for e in page.iter()}


def test_bars_are_as_long_as_their_values() -> None:
    """Two bars, 30 and 90 of 100: the second is three times as long, in pixels of its colour."""
    chart = Bars("b", "B", Axis("x"), (Bar("a", 0.3), Bar("b", 0.9)))
    picture = Image.open(BytesIO(drawn(chart, "png"))).convert("RGB")
    assert picture.width == round(300 * COLUMN)
    blue = [
        sum(picture.getpixel((x, y)) == (0, 0x72, 0xB2) for x in range(picture.width))
        for y in range(picture.height)
    ]
    runs = [n for n in blue if n > 5]
    short, long = runs[2], runs[-3]
    assert long == pytest.approx(3 * short, rel=0.03)


def test_a_run_becomes_files_and_several_become_folders(tmp_path: Path) -> None:
    said = ["airport"] * 9
    one, two = (
        run(tmp_path / name, "images", scenes(9), said, ("airport", "beach", "forest")).ledger
        for name in ("one", "two")
    )
    assert one is not None and two is not None
    files = draw([one.folder], tmp_path / "plots", "svg")
    assert {path.name for path in files} == {"classes.svg", "confusion.svg"}
    assert all(path.parent == tmp_path / "plots" and path.is_file() for path in files)
    both = draw([one.folder, two.folder], tmp_path / "both", "svg")
    assert {path.parent.name for path in both} == {one.folder.name, two.folder.name}


@pytest.mark.parametrize("name", ["../../etc/x", "a/b", "", "...", "con: <x>"])
def test_a_chart_name_is_no_path(name: str) -> None:
    made = file_name(name)
    assert made and not set(made) & set("/\\.:<> ")


def test_without_matplotlib_the_extra_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    real = builtins.__import__

    def without(name: str, *rest: Any, **named: Any) -> Any:
        if name.startswith("matplotlib"):
            raise ImportError(name)
        return real(name, *rest, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    with pytest.raises(ModelError, match=r"pip install 'rsbench\[plots\]'"):
        draw([tmp_path], tmp_path / "plots")


def test_doctests() -> None:
    assert doctest.testmod(plots).failed == 0
