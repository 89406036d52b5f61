"""Every chart of a run: which there are, with which numbers, and what lies behind each mark."""

from __future__ import annotations

import doctest
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness import chart_values
from rsbench.harness.chart_classes import classes, confusions, slices
from rsbench.harness.chart_counts import costs
from rsbench.harness.chart_curves import precisions, reliabilities
from rsbench.harness.chart_robustness import robustness
from rsbench.harness.chart_values import Axis, Bar, Bars, Curves, Histogram, Line, Matrix, Panels, thinned
from rsbench.harness.charts import charts
from rsbench.harness.contract import Region, Response, Sample, Target, Text
from rsbench.harness.score import Item
from rsbench.harness.site.seen import Seen, see

from .two_runs import harbours, questions, run, scenes

ORDER = ("airport", "beach", "forest")


@pytest.fixture(scope="module")
def named(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """45 scenes: every fifth is called a beach, one gives no class, one has no answer."""
    samples = scenes()
    said: list[str | None] = ["beach" if n % 5 == 0 else str(s.target.label) for n, s in enumerate(samples)]
    said[1], said[2] = "I cannot say", None
    result = run(tmp_path_factory.mktemp("named"), "images", samples, said, ORDER)
    assert result.ledger is not None
    return see(result.ledger.folder)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """40 harbours: all planes are found, every other picture's ships, and a ship where none is."""
    boxes = []
    for n, sample in enumerate(harbours()):
        said = [replace(r, score=0.5 + n / 100) for r in sample.target.regions if r.label == "plane" or n % 2]
        boxes.append([*said, Region((250, 250, 290, 290), "ship", 0.1)])
    classes = ("ship", "plane")
    result = run(
        tmp_path_factory.mktemp("found"), "dota", harbours(), boxes, classes, adapter="oracle", dialect=None
    )
    assert result.ledger is not None
    return see(result.ledger.folder)


def test_bars_are_the_share_of_each_class_and_lead_to_its_samples(named: Seen) -> None:
    (chart,) = classes(named.result.report)
    states = {o.sample.id: o for o in named.outcomes}
    for bar in chart.bars:
        own = [o for o in states.values() if o.sample.target.label == bar.name and o.state != "failed"]
        assert bar.count == len(own) > 0
        assert bar.value == pytest.approx(sum(o.state == "right" for o in own) / len(own))
        assert bar.filter == (("class", bar.name),)
    assert {bar.name for bar in chart.bars} == set(ORDER)


def test_another_run_stands_beside(named: Seen, tmp_path: Path) -> None:
    other = run(tmp_path, "images", scenes(), ["forest"] * 45, ORDER).report
    (chart,) = classes(named.result.report, other)
    assert {bar.name: bar.other for bar in chart.bars} == {"airport": 0, "beach": 0, "forest": 1}
    assert chart.other and chart.table().head[-1] == chart.other


def test_the_matrix_counts_what_was_said_and_every_cell_leads_somewhere(named: Seen) -> None:
    (chart,) = confusions(named.result.report)
    assert sum(map(sum, chart.counts)) == 44  # all but the failed one
    cell = {(r, c): chart.counts[i][j] for i, r in enumerate(chart.rows) for j, c in enumerate(chart.columns)}
    truth = [str(s.target.label) for s in scenes()]
    assert cell["forest", "beach"] == sum(t == "forest" for t in truth[::5])
    assert cell["beach", "unparsable"] == 1
    place = chart.rows.index("beach"), chart.columns.index("unparsable")
    assert chart.filter(*place) == (("class", "beach"), ("outcome", "unparsable"))
    assert chart.filter(0, 1) == (("class", chart.rows[0]), ("answer", chart.columns[1]))
    assert [n for n, _, _ in chart.pairs()] == sorted((n for n, _, _ in chart.pairs()), reverse=True)
    assert all(chart.rows[i] != chart.columns[j] for _, i, j in chart.pairs())


def test_slices_have_intervals_and_a_chart_for_each_tag(tmp_path: Path) -> None:
    asked = questions()
    report = run(tmp_path, "vqa", asked, ["yes"] * len(asked)).report
    found = {chart.name: chart for chart in slices(report)}
    assert set(found) == {"slice question type", "slice sensor"}
    for bar in found["slice sensor"].bars:
        assert bar.value is not None and bar.low is not None and bar.high is not None
        assert bar.low <= bar.value <= bar.high and bar.filter == (("tag:sensor", bar.name),)
    counts = {bar.name: bar.count for bar in found["slice sensor"].bars}
    assert counts == {"SAR": 30, "optical": 90}


def test_precision_over_recall_of_every_class(found: Seen) -> None:
    (chart,) = precisions(found.survey)
    panels = {panel.title: panel for panel in chart.panels}
    assert set(panels) == {"ship", "plane"}
    plane = panels["plane"].lines[0]
    assert plane.x[-1] == 1.0 and set(plane.y) == {1.0} and len(plane.x) == 40
    assert panels["ship"].lines[0].x[-1] == 0.5  # of 80 ships 40 are found
    assert len(chart.table().rows) == sum(len(line.x) for panel in chart.panels for line in panel.lines)


def test_the_reliability_curve_is_that_of_the_report(found: Seen) -> None:
    curves = {chart.name: chart for chart in reliabilities(found.result.report)}
    for view, details in found.result.report.details["detection"].items():
        (line,) = curves[f"reliability {view}"].lines
        assert sum(line.count) == sum(b["count"] for b in details["calibration"]["bins"])
        assert all(0 <= v <= 1 for v in (*line.x, *line.y))


def item(**values: Any) -> Item:
    sample = Sample("s", (), Target())
    return Item(sample, Text(""), Response("k", "s", text="a", **values), None)


def test_histograms_hold_every_answer_once() -> None:
    seconds = [0.11, 0.12, 0.35, 2.0]
    items = [item(seconds=s, tokens_out=n) for n, s in enumerate(seconds, 3)]
    items.append(item(seconds=float("nan"), tokens_out=3))
    items.append(item(error="no", seconds=99.0, tokens_out=99))
    found = {chart.name: chart for chart in costs(items)}
    assert set(found) == {"seconds", "tokens"}  # of questions no tokens were counted
    assert sum(found["seconds"].counts) == 4 and sum(found["tokens"].counts) == 5
    assert "Median 0.235 s" in found["seconds"].note and "2.58 s in all" in found["seconds"].note
    edges = found["tokens"].edges
    assert edges == (3.0, 4.0, 5.0, 6.0, 7.0) and found["tokens"].counts == (2, 1, 1, 1)


def test_equal_values_are_one_bar() -> None:
    (chart,) = costs([item(tokens_out=7)] * 5)
    assert chart.counts == (5,) and chart.edges == (7.0, 8.0)


def test_what_disturbed_pictures_did() -> None:
    row = {"figure": 0.5, "low": 0.4, "high": 0.6}
    strengths = {"0": row, "5": {**row, "figure": 0.1}, "3": {**row, "figure": None}}
    details = {
        "views": {"figure": "top-1", "samples": 4, "views": {"as it is": row, "rot90": row}},
        "corruptions": {"figure": "top-1", "samples": 4, "kinds": {"haze": {"strengths": strengths}}},
    }
    views, disturbed = robustness(details)
    assert isinstance(views, Bars) and [bar.name for bar in views.bars] == ["as it is", "rot90"]
    assert isinstance(disturbed, Curves)
    assert (disturbed.lines[0].x, disturbed.lines[0].y) == ((0.0, 5.0), (0.5, 0.1))  # the undefined left out
    assert not list(robustness({}))


def test_where_nothing_could_be_turned_there_is_no_chart() -> None:
    nothing = {"figure": "top-1", "samples": 0, "views": {}}
    assert not list(robustness({"views": nothing}))


def test_the_charts_of_a_run_have_names_of_their_own_and_tables(named: Seen, found: Seen) -> None:
    for seen in (named, found):
        drawn = charts(seen.result.report, seen.survey)
        assert len({chart.name for chart in drawn}) == len(drawn) > 1
        assert all(len(row) == len(chart.table().head) for chart in drawn for row in chart.table().rows)
    kinds = {type(chart) for seen in (named, found) for chart in charts(seen.result.report, seen.survey)}
    assert {Bars, Matrix, Panels, Curves} <= kinds


def test_of_nothing_there_is_no_chart(tmp_path: Path) -> None:
    result = run(tmp_path, "images", scenes(6), [None] * 6, ORDER)
    assert result.ledger is not None
    seen = see(result.ledger.folder)
    assert charts(result.report, seen.survey) == ()


def test_tables_write_percent_where_values_are_fractions() -> None:
    bars = Bars("b", "B", Axis("AP (%)"), (Bar("x", 0.5, 0.25, 0.75, 4), Bar("y", None)))
    assert bars.table().rows == (("x", "4", "50.0", "25.0", "75.0"), ("y", "–", "–", "–", "–"))
    counted = Histogram("h", "H", Axis("tokens", 0, 4, False), (0.0, 2.0, 4.0), (3, 1))
    assert counted.table().rows == (("0 to 2", "3"), ("2 to 4", "1"))


def test_long_lines_are_thinned_and_keep_their_ends() -> None:
    line = Line("l", tuple(float(n) for n in range(1000)), (0.0,) * 1000)
    short = thinned(line, 50)
    assert len(short.x) == 50 and (short.x[0], short.x[-1]) == (0.0, 999.0)
    assert list(short.x) == sorted(short.x)


def test_doctests() -> None:
    assert doctest.testmod(chart_values).failed == 0
