"""The verdict of a gate: is one run worse than another, by more than is tolerated and more than is chance?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

from .gate_config import FigureRule, GateConfig
from .metrics.holm import holm
from .metrics.paired import Difference

PASS, WORSE, REFUSED = "pass", "worse", "not comparable"
UNPARSABLE = "unparsable answers"
_ROUNDING = 1e-9  # a drop of exactly the tolerance is let pass, however its digits fall
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Observed:
    """A figure of two runs, before it is judged; values are fractions, shown in hundredths (points).

    `difference` is after minus before; None where no draws were made. `samples` are those compared.
    """

    task: str
    figure: str
    before: float
    after: float
    difference: Difference | None
    samples: int
    higher_is_better: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """One figure, judged. `tolerance` is in the words of the gate's file.

    `p` is adjusted over all figures of the gate (Holm). `seen` is about how often a true drop of twice the
    tolerance would be called worse with so many samples; None where that is not known.
    """

    observed: Observed
    state: str
    reason: str
    tolerance: str
    p: float | None = None
    seen: float | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """A task that cannot be judged, why, and what would make it so."""

    task: str
    reason: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Flip:
    """A sample that is worth less than before: its states, and its objects that only one side found."""

    sample: str
    before: str
    after: str
    lost: int
    won: int


@dataclass(frozen=True, slots=True)
class Flips:
    """How many samples of a task are worth less than before, and more; `worst` are the greatest losses.

    `run` is the folder of the current run, `figure` what samples are worth something by.
    """

    task: str
    run: str
    figure: str
    less: int
    more: int
    worst: tuple[Flip, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a gate says of two runs, or of two sets of runs; `notes` are of what was not judged."""

    lines: tuple[Line, ...]
    refusals: tuple[Refusal, ...]
    flips: tuple[Flips, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """Worse where any figure is; else not comparable where anything could not be judged; else pass."""
        if any(line.state == WORSE for line in self.lines):
            return WORSE
        return REFUSED if self.refusals else PASS


def judged(pairs: Sequence[tuple[Observed, FigureRule]], significance: float) -> list[Line]:
    """Every figure under its rule, p-values adjusted over those whose rule asks for more than chance.

    A figure is worse when it moved in its bad direction by more than its tolerance and, where the rule asks
    for it, when its adjusted two-sided p-value is at most `significance`. So the gate as a whole calls one of
    two equal models worse with a chance of at most `significance`, mostly of about half of it (the other half
    is on the better side), and less with a tolerance above 0.
    """
    raw = [o.difference.p if rule.chance and o.difference else None for o, rule in pairs]
    level = significance / max(1, sum(p is not None for p in raw))  # of Holm's strictest step
    return [
        _line(observed, rule, p, significance, level)
        for (observed, rule), p in zip(pairs, holm(raw), strict=True)
    ]


def resamples_for(config: GateConfig, figures: int) -> int:
    """Draws enough for the smallest p-value, times the number of figures, to lie well below the level.

    That p-value is 2 / (1 + draws): with too few draws a gate of many figures could never say worse.
    """
    return max(config.resamples, math.ceil(4 * figures / config.significance))


def at_most(task: str, share: float, limit: float, samples: int, before: float) -> Line:
    """The unparsable share of the current run against a fixed limit (per cent): chance plays no part."""
    observed = Observed(task, f"{UNPARSABLE}, at most", before, share, None, samples, higher_is_better=False)
    beyond = share > limit / 100 + _ROUNDING
    reason = f"{100 * share:.2f} % of the answers cannot be understood, {limit:g} % are let pass"
    return Line(observed, WORSE if beyond else PASS, reason, f"at most {limit:g} %")


def _line(observed: Observed, rule: FigureRule, p: float | None, significance: float, level: float) -> Line:
    tolerance = rule.tolerance(observed.before)
    drop = observed.before - observed.after
    drop = drop if observed.higher_is_better else -drop
    beyond = drop > tolerance + _ROUNDING
    chance = rule.chance and (p is None or p > significance)  # without draws nothing is more than chance
    state = WORSE if beyond and not chance else PASS
    seen = _seen(observed, tolerance, None if p is None else level)
    return Line(observed, state, _reason(observed, drop, beyond, chance, rule), rule.text(), p, seen)


def _reason(observed: Observed, drop: float, beyond: bool, chance: bool, rule: FigureRule) -> str:
    better, worse = ("rose", "fell") if observed.higher_is_better else ("fell", "rose")
    if abs(drop) <= _ROUNDING:
        return "unchanged"
    said = f"{worse if drop > 0 else better} by {100 * abs(drop):.2f} points"
    if drop < 0:
        return f"{said}, which is better"
    if not beyond:
        return f"{said}, within the tolerance of {rule.text()}"
    said = f"{said}, more than the tolerance of {rule.text()}"
    if chance:
        return f"{said}, but not more than chance alone may give"
    return f"{said} and more than chance alone gives" if rule.chance else said


def _seen(observed: Observed, tolerance: float, level: float | None) -> float | None:
    """How often a true drop of twice the tolerance is called worse, by the normal approximation.

    To the spread that the interval shows comes that of a share of samples as large as the drop turning from
    right to wrong: two runs that hardly differ would else say too much about others. `level` is that of the
    strictest step of Holm's procedure.
    """
    found, drop = observed.difference, 2 * tolerance
    if found is None or not 0 < drop < 1 or not observed.samples:
        return None
    shown = (found.high - found.low) / (2 * _NORMAL.inv_cdf(0.975))
    spread = math.hypot(shown, math.sqrt(drop * (1 - drop) / observed.samples))
    needed = tolerance if level is None else max(tolerance, -_NORMAL.inv_cdf(level / 2) * spread)
    return _NORMAL.cdf((drop - needed) / spread)
