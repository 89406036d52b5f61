"""What the gate makes of two runs: the difference of what was not understood, flips, draws, headlines."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rsbench.harness.contract import Figure
from rsbench.harness.errors import DataError
from rsbench.harness.gate import PASS, WORSE, Line, Verdict
from rsbench.harness.gate_config import parse_config
from rsbench.harness.gate_runs import gate, runs_of
from rsbench.harness.metrics.paired import differences
from rsbench.harness.metrics.ratios import Ratios

from . import made_answers

RULES = "figures: [{figure: headline, points: 90}]\nunparsable: {rise: 1}\nresamples: 100\n"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs of which the second leaves 15 % without words; not to be changed."""
    folder = tmp_path_factory.mktemp("runs")
    made_answers.run(folder / "before", 250)
    made_answers.run(folder / "after", 245, garbled=45)
    return folder


@pytest.fixture(scope="module")
def verdict(runs: Path) -> Verdict:
    return gate(runs / "before", runs / "after", parse_config(RULES, "gate.yaml"))


def rise(verdict: Verdict) -> Line:
    (found,) = (line for line in verdict.lines if line.observed.figure == "unparsable answers, rise")
    return found


def test_a_rise_of_what_is_not_understood_is_tested_by_picture(verdict: Verdict) -> None:
    line = rise(verdict)
    found = line.observed.difference
    assert found is not None and line.state == WORSE
    assert (line.observed.before, line.observed.after) == (0.0, 45 / 300) and found.value == 0.15
    assert found.p == pytest.approx(2 * 0.5**23)  # 23 pictures, the first with one of its two: sign test
    flags = (np.arange(300) >= 255).astype(float)
    pictures = [str(i // 2) for i in range(300)]
    ones = np.ones(300)
    drawn = differences(
        Ratios(300, {"share": (0 * flags, ones)}),
        Ratios(300, {"share": (flags, ones)}),
        300,
        pictures,
        resamples=4000,
    )["share"]
    assert drawn is not None
    assert found.high - found.low == pytest.approx(drawn.high - drawn.low, rel=0.12)


def test_flips_are_those_that_lost(verdict: Verdict) -> None:
    (flips,) = verdict.flips
    assert (flips.task, flips.figure, flips.less, flips.more) == ("vqa", "rsvqa/strict/OA", 5, 0)
    assert [flip.sample for flip in flips.worst] == [str(i) for i in range(245, 250)]
    assert {(flip.before, flip.after) for flip in flips.worst} == {("right", "wrong")}
    assert flips.run.startswith("vqa-replay-")


def test_a_run_against_itself_passes_without_a_flip(runs: Path) -> None:
    same = gate(runs / "after", runs / "after", parse_config(RULES, "gate.yaml"))
    assert same.state == PASS and same.flips[0].less == same.flips[0].more == 0
    assert {line.p for line in same.lines if line is not rise(same)} == {1.0}
    assert rise(same).observed.difference is None and rise(same).p is None  # no test could find anything
    assert rise(same).reason == "unchanged"


def test_figures_of_every_task_are_adjusted_together(runs: Path) -> None:
    rules = "figures: [{figure: '*/OA', points: 0}]\nresamples: 100\n"
    found = gate(runs / "before", runs / "after", parse_config(rules, "gate.yaml"))
    raw = [line.observed.difference.p for line in found.lines if line.observed.difference]
    assert len(raw) > 3
    smallest = min(raw)
    assert min(line.p or 0 for line in found.lines) == pytest.approx(min(1, smallest * len(raw)))


def test_results_are_named_by_their_places(runs: Path) -> None:
    (found,) = runs_of(runs / "before").values()
    assert found.name.startswith(str(runs / "before")) and found.ledger is not None
    (report,) = runs_of(next((runs / "before").glob("*/report.json"))).values()
    assert report.ledger is None and report.name.endswith("report.json")
    assert isinstance(report.report.headline, Figure)
    with pytest.raises(DataError, match="neither a run nor a report"):
        runs_of(runs)
