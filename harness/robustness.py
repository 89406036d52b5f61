"""What answers about turned and disturbed pictures say of a model, beside its figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .consistency import agreements
from .contract import Boxes, Mask, Wants
from .directions import speaks_of_directions
from .geometry import Floats
from .metrics.bootstrap import bounds, draws, resampled
from .observation import Item, Run
from .roles import Judging, Tally
from .turns import D4, FLIPS, ROTATIONS

AS_IS = "as it is"
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Change:
    """The figure's metric under one change, the answers turned back; None where it could not be observed."""

    name: str
    run: Run | None
    asked: int
    failed: int
    unparsable: int


def robustness(
    run: Run,
    changes: Sequence[Change],
    items: Sequence[Item],
    asked: int,
    shown: str,
    spec: Mapping[str, Any],
    resamples: int,
) -> dict[str, Any]:
    """`views` and `corruptions` of a report's details, each where it was asked for: docs/robustness.md.

    `run`, `items` and the number of samples `asked` are of the pictures as they are; `shown` is the figure
    that is compared. `spec` is the run's.
    """
    seed = int(spec["seed"])
    turned = [change for change in changes if change.name in D4]
    disturbed = [change for change in changes if change.name not in D4]
    found: dict[str, Any] = {}
    if turned:
        compared = _Compared.of(run, turned, shown, seed, resamples)
        found["views"] = _left_out(turned, items, asked) | _views(compared, turned, items[0].wants)
    elif spec.get("views"):
        found["views"] = _left_out(turned, items, asked) | {"figure": shown, "samples": 0, "views": {}}
    if disturbed:
        compared = _Compared.of(run, disturbed, shown, seed, resamples)
        found["corruptions"] = _corruptions(compared, disturbed)
    return found


@dataclass(frozen=True, slots=True)
class _Compared:
    """One figure of the pictures as they are, and under several changes, on the samples that all have.

    `runs`: the first is of the pictures as they are, with its name; `rows`: where the samples stand in each.
    `values` (runs,) and `drawn` (runs, draws) are NaN where undefined; all runs share the draws.
    """

    shown: str
    names: tuple[str, ...]
    runs: tuple[Run, ...]
    rows: tuple[tuple[int, ...], ...]
    values: Floats
    drawn: Floats

    @classmethod
    def of(cls, run: Run, changes: Sequence[Change], shown: str, seed: int, resamples: int) -> _Compared:
        known = {AS_IS: run} | {change.name: change.run for change in changes if change.run}
        places = [{sample.id: i for i, sample in enumerate(each.samples)} for each in known.values()]
        common = [name for name in places[0] if all(name in held for held in places[1:])]
        rows = tuple(tuple(held[name] for name in common) for held in places)
        only, groups = run.own(shown), [run.samples[i].images[0].name for i in rows[0]]
        tallies = [_tally(each, held) for each, held in zip(known.values(), rows, strict=True)]
        values = [_number(tally.figures(only=only).get(only)) for tally in tallies]
        parts = []
        for weights in draws(len(common), groups, seed, resamples if common else 0):
            drawn = [resampled(tally, weights, only).get(only) for tally in tallies]
            parts.append([np.full(len(weights), np.nan) if each is None else each for each in drawn])
        stacked = np.concatenate(parts, axis=1) if parts else np.zeros((len(tallies), 0))
        return cls(shown, tuple(known), tuple(known.values()), rows, np.array(values, float), stacked)

    @property
    def count(self) -> int:
        """Samples that are compared."""
        return len(self.rows[0])

    def places(self, names: Iterable[str]) -> list[int]:
        """Where the runs of these names stand; nowhere unless all are there."""
        held = tuple(names)
        return [self.names.index(name) for name in held] if set(held) <= set(self.names) else []

    def figure(self, name: str) -> dict[str, float | None]:
        """The figure of one run with its interval."""
        if name not in self.names:
            return {"figure": None, "low": None, "high": None}
        place = self.names.index(name)
        return {"figure": _value(self.values[place]), **_range(self.drawn[place])}

    def drop(self, name: str) -> dict[str, float | None]:
        """What part of the figure is lost, with its interval: the same draws for both."""
        if name not in self.names:
            return {"drop": None, "drop low": None, "drop high": None}
        place = self.names.index(name)
        limits = _range(_lost(self.drawn[0], self.drawn[place]))
        return {
            "drop": _value(_lost(self.values[:1], self.values[place : place + 1])[0]),
            "drop low": limits["low"],
            "drop high": limits["high"],
        }

    def over(self, names: Iterable[str]) -> dict[str, float | None]:
        """Mean, least and most of the figure over several runs, and the distance of these two."""
        places = self.places(names)
        values, drawn = self.values[places], self.drawn[places]
        if not places or np.isnan(values).any():
            return dict.fromkeys(("mean", "min", "max", "spread", "spread low", "spread high"))
        limits = _range(drawn.max(axis=0) - drawn.min(axis=0))
        return {
            "mean": float(values.mean()),
            "min": float(values.min()),
            "max": float(values.max()),
            "spread": float(values.max() - values.min()),
            "spread low": limits["low"],
            "spread high": limits["high"],
        }


def _tally(run: Run, rows: Sequence[int]) -> Tally:
    """The tally of some samples of a run, in this order; its own where these are all, as they stand."""
    whole = rows == tuple(range(len(run.evidence)))
    return run.tally if whole else run.metric.tally([run.evidence[i] for i in rows])


def _left_out(changes: Sequence[Change], items: Sequence[Item], asked: int) -> dict[str, int]:
    """How many samples there are, and how many of them were not turned, by reason."""
    directed = sum(speaks_of_directions(item.sample) for item in items)
    most = max((change.asked for change in changes), default=0)
    return {"asked": asked, "directions": directed, "unknown size": asked - directed - most}


def _views(compared: _Compared, changes: Sequence[Change], wants: Wants) -> dict[str, Any]:
    by_name = {change.name: change for change in changes}
    names = (AS_IS, *D4[1:])
    rotations, flips = (AS_IS, *ROTATIONS[1:]), FLIPS
    kind = "boxes" if isinstance(wants, Boxes) else "masks" if isinstance(wants, Mask) else "words"
    agreed = _agreed(compared, kind) if compared.places(names) else np.zeros((0, 0, 0))
    classes = {
        title: compared.over(held) | {"agreement": _with_first(agreed, compared.places(held))}
        for title, held in (("rotations", rotations), ("flips", flips))
    }
    found: dict[str, Any] = {
        "figure": compared.shown,
        "samples": compared.count,
        "views": {name: compared.figure(name) | _counts(by_name.get(name)) for name in names},
        **compared.over(names),
        "agreement": _value(_upper(agreed).mean()) if agreed.size else None,
        "the same in all": _value((_upper(agreed) == 1).all(axis=1).mean()) if agreed.size else None,
        "classes": classes,
    }
    if agreed.size and isinstance(wants, Boxes) and len(wants.classes) > 1:
        found["agreement of places"] = float(_upper(_agreed(compared, "places")).mean())
    if agreed.size and (right := _right(compared)):
        found["right"] = right
    return found


def _corruptions(compared: _Compared, changes: Sequence[Change]) -> dict[str, Any]:
    by_kind: dict[str, dict[str, Change]] = {}
    for change in changes:
        kind, _, strength = change.name.partition("/")
        by_kind.setdefault(kind, {})[strength] = change
    clean = compared.figure(AS_IS)
    kinds: dict[str, Any] = {}
    for kind, held in by_kind.items():
        rows: dict[str, dict[str, Any]] = {
            strength: {**compared.figure(change.name), **compared.drop(change.name), **_counts(change)}
            for strength, change in sorted(held.items())
        }
        values = [row["figure"] for row in rows.values()]
        lost = [row["drop"] for row in rows.values()]
        kinds[kind] = {"strengths": {"0": clean, **rows}, "mean": _mean(values), "drop": _mean(lost)}
    return {
        "figure": compared.shown,
        "samples": compared.count,
        "kinds": kinds,
        "mean": _mean([kind["mean"] for kind in kinds.values()]),
        "drop": _mean([kind["drop"] for kind in kinds.values()]),
    }


def _counts(change: Change | None) -> dict[str, int]:
    """What became of the questions of a change; those of the pictures as they are stand in the report."""
    if change is None:
        return {}
    return {"asked": change.asked, "failed": change.failed, "unparsable": change.unparsable}


def _agreed(compared: _Compared, kind: str) -> Floats:
    """How far the answers of every two views agree: (samples, views, views)."""
    answers = [
        [run.answers[i] for run, i in zip(compared.runs, rows, strict=True)]
        for rows in zip(*compared.rows, strict=True)
    ]
    samples = compared.runs[0].samples
    return agreements(answers, kind, [samples[i].target for i in compared.rows[0]])


def _upper(agreed: Floats) -> Floats:
    """Every two different views once: (samples, pairs)."""
    one, other = np.triu_indices(agreed.shape[1], 1)
    return agreed[:, one, other]


def _with_first(agreed: Floats, places: Sequence[int]) -> float | None:
    """The mean agreement of these views with the picture as it is."""
    others = [place for place in places if place]
    return _value(agreed[:, 0, others].mean()) if agreed.size and others else None


def _right(compared: _Compared) -> dict[str, float] | None:
    """The share of samples right in all views, in some and in none, where there is a right and a wrong."""
    figure, verdicts = compared.runs[0].own(compared.shown), []
    for run, rows in zip(compared.runs, compared.rows, strict=True):
        if not isinstance(run.metric, Judging):
            return None
        judged = [
            run.metric.judged(run.samples[i].target, run.answers[i], run.evidence[i], figure).right
            for i in rows
        ]
        verdicts.append(judged)
    whole = [held for held in zip(*verdicts, strict=True) if None not in held]
    if not whole:
        return None
    every, no = (sum(test(held) for held in whole) / len(whole) for test in (all, _none))
    return {"in all": every, "in some": 1 - every - no, "in none": no}


def _none(verdicts: Iterable[bool | None]) -> bool:
    return not any(verdicts)


def _lost(before: Floats, after: Floats) -> Floats:
    """(before - after) / before; NaN where there was nothing to lose."""
    lost: Floats = np.divide(before - after, before, out=np.full(len(before), np.nan), where=before > 0)
    return lost


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if len(known) == len(values) and known else None


def _range(drawn: Floats) -> dict[str, float | None]:
    low, high = bounds([drawn], _LEVEL) or (None, None)
    return {"low": low, "high": high}


def _number(value: float | None) -> float:
    return np.nan if value is None else float(value)


def _value(number: Any) -> float | None:
    return None if np.isnan(number) else float(number)
