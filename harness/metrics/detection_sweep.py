"""A detector with scores made comparable to models without: cut at a score, then every score is 1.

The protocol of RSCoVLM and LMMRotate (eval_mmrotate_detector_mapnc.py): at each of nine scores keep what is
above it, set all scores to 1, evaluate, and take the best cut. Their script takes it on the set it reports,
so that the figure is too high; here the cut is chosen on one evidence and applied to another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..contract import Evidence, digest
from ..errors import DataError, UsageError
from .detection import Detection

CUTS = (0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.7)
ON_THE_TEST_SET = "cut chosen on the evaluated set"


@dataclass(frozen=True, slots=True)
class Cut:
    """A score above which detections are kept, and what it was chosen by.

    `values` the figure at every score that was tried; `seen` the digests of the samples it was chosen on.
    """

    score: float
    figure: str
    values: Mapping[float, float | None]
    seen: frozenset[str]


def cut_at(evidence: Sequence[Evidence], score: float) -> list[Evidence]:
    """The same evidence with the detections whose score is above `score` alone, each with the score 1.

    A detection without a score is not above any.
    """
    return [_cut(sample, score) for sample in evidence]


def choose(
    metric: Detection, validation: Sequence[Evidence], figure: str, cuts: Sequence[float] = CUTS
) -> Cut:
    """The cut under which `figure` is best on the validation evidence; of equal ones the lowest.

    Raises:
        UsageError: a figure that the metric does not have.
        DataError: a figure that is undefined at every cut.
    """
    values = {cut: _figures(metric, cut_at(validation, cut), figure) for cut in sorted(cuts)}
    defined = {cut: value for cut, value in values.items() if value is not None}
    if not defined:
        raise DataError(f"{figure} is undefined on the validation data: there is nothing to choose by.")
    best = max(defined, key=lambda cut: (defined[cut], -cut))
    return Cut(best, figure, values, frozenset(_marks(validation)))


def apply(
    cut: Cut, metric: Detection, evidence: Sequence[Evidence], same_set: bool = False
) -> Mapping[str, float | None]:
    """Every figure of the metric on other evidence under a cut that was chosen before.

    With `same_set` the samples the cut was chosen on are allowed, and every figure says so in its name.

    Raises:
        UsageError: some of these samples were those the cut was chosen on, and `same_set` does not say so.
    """
    common = cut.seen & set(_marks(evidence))
    if common and not same_set:
        raise UsageError(
            f"{len(common)} of the samples to be evaluated are those the cut was chosen on.",
            "Choose it on validation data, or say so: same_set=True puts it into the names of the figures.",
        )
    figures = metric.tally(cut_at(evidence, cut.score)).figures()
    return {f"{name} ({ON_THE_TEST_SET})": v for name, v in figures.items()} if same_set else figures


def _cut(sample: Evidence, score: float) -> Evidence:
    scores = sample["found"]["score"]
    kept = [i for i, value in enumerate(scores) if value is not None and value > score]
    views = {name: _kept_of_view(view, kept) for name, view in sample["views"].items()}
    area = [sample["found"]["area"][i] for i in kept]
    return {**sample, "found": {"area": area, "score": [1.0] * len(kept)}, "views": views}


def _kept_of_view(view: Mapping[str, Any], kept: Sequence[int]) -> dict[str, Any]:
    return {**view, **{column: [view[column][i] for i in kept] for column in ("found", "match", "iou")}}


def _figures(metric: Detection, evidence: Sequence[Evidence], figure: str) -> float | None:
    figures = metric.tally(evidence).figures(only=figure)
    if figure not in figures:
        raise UsageError(f"The metric has no figure {figure!r} under equal scores.")
    return figures[figure]


def _marks(evidence: Sequence[Evidence]) -> list[str]:
    """A digest of each sample that has objects or detections; empty ones are all alike and say nothing."""
    return [digest(sample) for sample in evidence if sample["gold"]["area"] or sample["found"]["area"]]
