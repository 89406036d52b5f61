"""Figures of which less is better, from a metric's names to a report and back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from rsbench.harness.contract import Figure, digest
from rsbench.harness.metrics.better import figure_of, less_is_better
from rsbench.harness.report import read, text

from .test_page import report


@pytest.mark.parametrize(
    ("name", "less"),
    [
        ("v/AP@0.50/voc07/orders/sd", True),
        ("v/AP@0.50/voc07/orders/sd/given", True),
        ("v/AP@0.50/voc07/orders/mean", False),
        ("vrsbench/left to a judge", True),
        ("rsvqa/strict/OA", False),
    ],
)
def test_spreads_and_what_is_undecided(name: str, less: bool) -> None:
    assert less_is_better(name) is less
    assert figure_of(name, 0.5, 0.4, 0.6) == Figure(name, 0.5, 0.4, 0.6, higher_is_better=not less)


def test_a_report_from_before_figures_said_it(tmp_path: Path) -> None:
    spread = Figure("v/AP/orders/sd", 0.1)
    old = json.loads(text(replace(report(), figures=(spread,))))
    assert old["figures"][0]["higher_is_better"] and old.pop("digest") == digest(old)
    (tmp_path / "report.json").write_text(text(replace(report(), figures=(spread,))))
    assert [found.higher_is_better for found in read(tmp_path).figures] == [False]
