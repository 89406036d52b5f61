"""The learning rate of the encoders."""

from __future__ import annotations

import math

import pytest

from rsbench.reference_model.schedule import BETAS, Schedule, rate_at


def test_the_rate_warms_up_in_a_line_and_cools_down_in_half_a_cosine() -> None:
    schedule = Schedule(2.0, 0.1, 50)
    assert [schedule.at(step) for step in range(5)] == pytest.approx([0.4, 0.8, 1.2, 1.6, 2.0])
    for step in range(5, 50):
        assert schedule.at(step) == pytest.approx(1 + math.cos(math.pi * (step - 5) / 45))
    assert schedule.at(50) == pytest.approx(0)
    assert Schedule(1.0, 0.0, 1).at(0) == 1


def test_cycles_follow_one_another() -> None:
    cycles = [Schedule(1.0, 0.2, 10), Schedule(0.5, 0.2, 10)]
    rates = [rate_at(cycles, step) for step in range(20)]
    assert rates == [cycle.at(step) for cycle in cycles for step in range(10)]
    assert max(rates[:10]) == 1.0 and max(rates[10:]) == 0.5 and rates[9] < 0.05 < rates[10]
    assert rate_at(cycles, 20) == 0 and BETAS == (0.9, 0.95)
