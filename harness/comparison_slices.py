"""Where the difference of two runs lies: the figure shown over every tag value and every class."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from .comparison_runs import Pair
from .contract import Sample
from .metrics.bootstrap import subset
from .metrics.holm import holm
from .metrics.paired import Difference, differences
from .roles import Bulk, Tally
from .score import Run

FEW = 30  # pictures: of fewer, a bootstrap says little, and a slice is not tested
_VALUES = 12  # of a tag, more are no slices but names
_CLASSES = 100
_ENOUGH = 80  # draws for each slice that is tested, so that Holm's least p-value is half of 0.05


@dataclass(frozen=True, slots=True)
class SliceCompared:
    """The figure shown over the samples of a tag value, or over the objects of a class.

    `samples` are counted, or objects where the tag is "class" and boxes are asked for; `pictures` are what is
    drawn. `contribution` is the difference times the slice's share of all samples (objects): over the values
    of one tag these add up to the whole difference where the figure is a mean over samples. `few`: the slice
    has under 30 pictures; it is shown and not tested. `adjusted` is the p-value after Holm over all slices
    that are tested.
    """

    tag: str
    value: str
    samples: int
    pictures: int
    first: float | None
    second: float | None
    difference: Difference | None
    contribution: float
    few: bool
    adjusted: float | None = None


@dataclass(frozen=True, slots=True)
class _Part:
    """Both tallies of a slice; `rows` where they are of all samples, and only those are meant."""

    tag: str
    value: str
    count: int
    share: float
    tallies: tuple[Tally, Tally]
    groups: Sequence[str]
    pictures: int
    rows: Sequence[int] | None = None


def slices_of(pair: Pair, figure: str, draws: int, seed: int) -> tuple[SliceCompared, ...]:
    """Every slice of two values or more, the one that contributes most first."""
    only = pair.first.own(figure)
    parts = [*_tagged(pair, only), *_classes(pair, only)]
    tested = sum(part.pictures >= FEW for part in parts)
    found = [_compared(part, only, max(draws, _ENOUGH * tested), seed) for part in parts]
    adjusted = holm([s.difference.p if s.difference and not s.few else None for s in found])
    found = [replace(s, adjusted=p) for s, p in zip(found, adjusted, strict=True)]
    return tuple(sorted(found, key=lambda s: -abs(s.contribution)))


def _compared(part: _Part, only: str, draws: int, seed: int) -> SliceCompared:
    weights = subset(len(part.groups), part.rows)
    first, second = (tally.figures(weights, only).get(only) for tally in part.tallies)
    size = len(part.groups)
    found = differences(*part.tallies, size, part.groups, seed, draws, only=only, rows=part.rows).get(only)
    contribution = found.value * part.share if found else 0.0
    few = part.pictures < FEW
    return SliceCompared(
        part.tag, part.value, part.count, part.pictures, first, second, found, contribution, few
    )


def _tagged(pair: Pair, only: str) -> Iterator[_Part]:
    samples = pair.first.samples
    by_tag = {tag: [sample.tags.get(tag, "") for sample in samples] for tag in _tags(samples)}
    for tag, values in by_tag.items():
        if 2 <= len(set(values)) <= _VALUES:
            yield from _split(pair, only, tag, values)
    labels = [_label(sample) for sample in samples]
    if None not in labels and 2 <= len(set(labels)) <= _CLASSES:
        yield from _split(pair, only, "class", [str(label) for label in labels])


def _tags(samples: Sequence[Sample]) -> list[str]:
    return sorted({tag for sample in samples for tag in sample.tags} - {"class"})


def _label(sample: Sample) -> str | None:
    """The class of a picture; the letter of a choice is none."""
    target = sample.target
    return None if target.choices or target.regions else target.label


def _split(pair: Pair, only: str, tag: str, values: Sequence[str]) -> Iterator[_Part]:
    rows: dict[str, list[int]] = defaultdict(list)
    for row, value in enumerate(values):
        rows[value].append(row)
    for value, chosen in sorted(rows.items()):
        groups = [pair.groups[i] for i in chosen]
        of = tag, value or "not known", len(chosen), len(chosen) / len(values)
        parts = _alone(pair.first, chosen), _alone(pair.second, chosen)
        weights = subset(len(values), chosen)
        whole = (run.tally.figures(weights, only).get(only) for run in (pair.first, pair.second))
        if all(map(_same, whole, (part.figures(only=only).get(only) for part in parts))):
            yield _Part(*of, parts, groups, len(set(groups)))
        else:  # a figure that looks at all samples, as CIDEr does at the words of all references
            tallies = pair.first.tally, pair.second.tally
            yield _Part(*of, tallies, pair.groups, len(set(groups)), chosen)


def _alone(run: Run, rows: Sequence[int]) -> Tally:
    """The tally of some samples alone: a draw of them costs no pass over the others."""
    return run.metric.tally([run.evidence[i] for i in rows])


def _same(first: float | None, second: float | None) -> bool:
    if first is None or second is None:
        return first is second
    return math.isclose(first, second, abs_tol=1e-9)


def _classes(pair: Pair, only: str) -> Iterator[_Part]:
    """A mean over classes of boxes, class by class: all else is taken from truths and answers alike."""
    if "mAP" not in only:
        return
    asked = [
        (region.label, picture)
        for sample, picture in zip(pair.first.samples, pair.groups, strict=True)
        for region in sample.target.regions
        if not (region.ignore or region.crowd)
    ]
    counts = Counter(name for name, _ in asked)
    pictures = Counter(name for name, _ in set(asked))
    if not 2 <= len(counts) <= _CLASSES:
        return
    for name, count in sorted(counts.items()):
        tallies = _of_class(pair.first, name), _of_class(pair.second, name)
        yield _Part("class", name, count, count / len(asked), tallies, pair.groups, pictures[name])


def _of_class(run: Run, name: str) -> Tally:
    targets = [
        replace(s.target, regions=tuple(r for r in s.target.regions if r.label == name)) for s in run.samples
    ]
    answers = [replace(a, regions=tuple(r for r in a.regions if r.label == name)) for a in run.answers]
    if isinstance(run.metric, Bulk):
        return run.metric.tally(run.metric.observe_all(targets, answers))
    return run.metric.tally(list(map(run.metric.observe, targets, answers)))
