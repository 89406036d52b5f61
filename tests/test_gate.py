"""The rule of the gate: beyond the tolerance and beyond chance, in the direction that is bad."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from rsbench.harness.gate import (
    PASS,
    REFUSED,
    WORSE,
    Line,
    Observed,
    Refusal,
    Verdict,
    at_most,
    judged,
    resamples_for,
)
from rsbench.harness.gate_config import FigureRule, GateConfig
from rsbench.harness.metrics.paired import Difference, differences
from rsbench.harness.metrics.ratios import Ratios


def rule(points: float | None = 1.0, percent: float | None = None, chance: bool = True) -> FigureRule:
    return FigureRule("*", ("*",), points, percent, chance)


def observed(
    before: float, after: float, p: float = 0.001, better: bool = True, half: float = 0.01
) -> Observed:
    value = after - before
    difference = Difference(value, value - half, value + half, p)
    return Observed("clrs", "top-1", before, after, difference, 2500, higher_is_better=better)


def line(seen: Observed, by: FigureRule, significance: float = 0.05) -> Line:
    return judged([(seen, by)], significance)[0]


@pytest.mark.parametrize(
    ("seen", "by", "state", "reason"),
    [
        (observed(0.9, 0.88), rule(), WORSE, "fell by 2.00 points, more than the tolerance of 1 point and"),
        (observed(0.9, 0.88, p=0.2), rule(), PASS, "but not more than chance alone may give"),
        (observed(0.9, 0.88, p=0.2), rule(chance=False), WORSE, "more than the tolerance of 1 point"),
        (observed(0.9, 0.895), rule(), PASS, "fell by 0.50 points, within the tolerance"),
        (observed(0.9, 0.89), rule(), PASS, "within the tolerance"),  # 0.9 - 0.89 > 0.01 in binary
        (observed(0.9, 0.99), rule(), PASS, "rose by 9.00 points, which is better"),
        (observed(0.9, 0.9), rule(0.0), PASS, "unchanged"),
        (observed(0.1, 0.13, better=False), rule(), WORSE, "rose by 3.00 points, more than"),
        (observed(0.1, 0.05, better=False), rule(), PASS, "fell by 5.00 points, which is better"),
        (observed(0.5, 0.492), rule(None, 2.0), PASS, "within the tolerance of 2 % of the baseline"),
        (observed(0.5, 0.489), rule(None, 2.0), WORSE, "more than the tolerance of 2 % of the baseline"),
        (observed(0.5, 0.4, p=0.05), rule(), WORSE, "more than chance alone gives"),
    ],
)
def test_a_figure_under_its_rule(seen: Observed, by: FigureRule, state: str, reason: str) -> None:
    said = line(seen, by)
    assert said.state == state and reason in said.reason


def test_p_values_are_adjusted_over_the_figures_that_ask_for_more_than_chance() -> None:
    figures = [observed(0.9, 0.8, p) for p in (0.01, 0.02, 0.03)]
    both = judged([(figure, rule()) for figure in figures], 0.05)
    assert [round(said.p or 0, 6) for said in both] == [0.03, 0.04, 0.04]
    assert {said.state for said in judged([(figure, rule()) for figure in figures], 0.035)} == {WORSE, PASS}
    mixed = judged([(figures[0], rule()), (figures[1], rule(chance=False))], 0.05)
    assert mixed[0].p == 0.01 and mixed[1].p is None and mixed[1].state == WORSE


def test_without_draws_nothing_is_more_than_chance() -> None:
    bare = Observed("clrs", "top-1", 0.9, 0.1, None, 100)
    assert line(bare, rule()).state == PASS
    assert line(bare, rule(chance=False)).state == WORSE


def test_draws_are_enough_for_many_figures_to_be_called_worse() -> None:
    config = GateConfig((), significance=0.05)
    for figures in (1, 30, 200):
        least = 2 / (1 + resamples_for(config, figures))  # the smallest p-value there can be
        assert least * figures <= 0.05 / 2
    assert resamples_for(config, 1) == config.resamples


def test_how_often_a_drop_is_seen_agrees_with_drawn_differences() -> None:
    shown, tolerance = 0.006, 0.01
    spread = np.hypot(shown, np.sqrt(0.02 * 0.98 / 2500))  # of equal models, and of what turns wrong
    figure = observed(0.9, 0.9, half=shown * norm.ppf(0.975))
    said = line(figure, rule(100 * tolerance))
    drops = np.random.default_rng(0).normal(2 * tolerance, spread, 100_000)
    caught = (drops > tolerance) & (drops / spread > norm.ppf(0.975))
    assert said.seen == pytest.approx(caught.mean(), abs=0.005)
    assert line(figure, rule(0.0)).seen is None
    same = line(observed(0.9, 0.9, half=0.0), rule())  # two runs that answer alike say nothing of others
    assert same.seen is not None and same.seen < 1


def test_a_fixed_limit_has_no_chance_in_it() -> None:
    assert at_most("vqa", 0.11, 10.0, 100, 0.2).state == WORSE
    said = at_most("vqa", 0.10, 10.0, 100, 0.0)
    assert said.state == PASS and said.p is None and "10.00 %" in said.reason


def test_what_a_verdict_comes_to() -> None:
    good, bad = line(observed(0.9, 0.9), rule()), line(observed(0.9, 0.5), rule())
    refused = Refusal("clrs", "other data", "run again")
    assert Verdict((good,), ()).state == PASS
    assert Verdict((good,), (refused,)).state == REFUSED
    assert Verdict((good, bad), (refused,)).state == WORSE


@pytest.mark.parametrize(("drop", "least", "most"), [(0.0, 0.0, 0.05), (0.08, 0.9, 1.0)])
def test_equal_models_pass_and_a_drop_of_twice_the_tolerance_does_not(
    drop: float, least: float, most: float
) -> None:
    """In the small what benchmarks/gate_alarms.py measures: two figures, real draws, the rule."""
    generator = np.random.default_rng(7)
    pairs, samples = 60, 600
    fails = 0
    for seed in range(pairs):
        easy = generator.beta(0.4, 0.1, samples)
        said = [generator.random(samples) < easy * (1 - lost / 0.8) for lost in (0.0, drop)]
        halves = np.arange(samples) % 2
        tallies = [
            Ratios(samples, {"all": (one, np.ones(samples)), "half": (one * halves, halves)}) for one in said
        ]
        found = differences(tallies[0], tallies[1], samples, seed=seed, resamples=200)
        before, after = (tally.figures() for tally in tallies)
        figures = [
            (Observed("vqa", name, before[name] or 0, after[name] or 0, found[name], samples), rule(4.0))
            for name in found
        ]
        fails += any(said.state == WORSE for said in judged(figures, 0.05))
    assert least <= fails / pairs <= most
