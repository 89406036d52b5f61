"""What is said on the way: counts of everything, a rate of what is new."""

from __future__ import annotations

import re

import pytest

from rsbench.harness.progress import Meter


def test_a_continued_run_counts_what_it_found_and_rates_what_is_new(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with Meter("clrs", 1000) as meter:
        for i in range(990):
            meter.advance(unparsable=i < 3, new=False)
        for i in range(5):
            meter.advance(failed=i == 0)
    line = capsys.readouterr().err
    assert line.startswith("clrs: 995/1000, ") and "1 failed, 3 unparsable" in line
    rate, left = re.findall(r"([\d.]+)/s.* ([\d.]+) s left", line)[0]
    assert float(left) == pytest.approx(5 / float(rate), abs=0.6)


def test_nothing_is_said_where_nothing_was_new(capsys: pytest.CaptureFixture[str]) -> None:
    with Meter("clrs", 3) as meter:
        meter.found(2)
        meter.advance(new=False)
    with Meter("clrs", 0):
        pass
    assert capsys.readouterr().err == ""


def test_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    with Meter("clrs", 4, every_seconds=0.0) as meter:
        for _ in range(3):
            meter.advance()
        assert len(capsys.readouterr().err.splitlines()) == 3
