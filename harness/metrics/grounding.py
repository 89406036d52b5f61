"""Visual grounding: how often, and how closely, the boxes of an expression are found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..contract import Answer, Evidence, Region, Target
from ..geometry import box
from ..judgement import FALSE, FOUND, MISSED, NEUTRAL, TRUE, Judgement, level_of
from .grounding_floors import centre_size
from .grounding_pairs import compared
from .grounding_sets import near_pairs
from .grounding_tally import THRESHOLDS, grounding_tally, image_sizes
from .ratios import Ratios

_LIMIT = 1e100  # as in geometry.py: squares of larger numbers leave float64


class Grounding:
    """IoU of the boxes said with the boxes that an expression refers to.

    - `Pr@0.5` ... `Pr@0.9`: share of expressions right at that IoU (>=); `Pr@0.5 (strict)` ...: above it (>).
      `Acc@0.5`, `Acc@0.7` are other names of the same numbers. An expression of one box is right by the first
      box said, whatever follows; one of several is right if the boxes said and meant pair off one to one at
      that IoU, none missing and none left over.
    - `mean_iou`: the mean IoU of all expressions. Of several boxes, the sum over the best pairing divided by
      the larger of the two counts.
    - `cum_iou`: the sum of the intersections over the sum of the unions, of all expressions; where nothing
      was said, the boxes meant count in the union.
    - `lhrs/...`, `vrsbench/...`, `rscovlm/...`, `rscovlm-set/...`, `rsthinker/...`, `earthdial/...`, `sorted
      corners/...`: the same answers under public rules (grounding_rules.py, grounding_tally.py).
    - `floor: centre box/...` and `floor: shuffled gold/...`: what is scored without looking
      (grounding_floors.py), under ours and under the public rules.

    Floors, lhrs and vrsbench need `Target.size` of every sample, and are None without.

    Boxes are of 4 numbers or 8 (oriented), in pixels, mixed as they come; with `oriented=False` every one is
    replaced by its hull. A sample without gold boxes counts for nothing. A region that is not 4 or 8 numbers
    below 1e100 has no area and IoU 0, but was said.

    >>> metric = Grounding()
    >>> said = (0, 0, 100, 100), (0, 0, 10, 10), (0, 0, 10, 10)
    >>> gold = (0, 0, 100, 100), (20, 20, 30, 30), (0, 0, 10, 20)
    >>> regions = [[(Region(points, "ship"),) for points in boxes] for boxes in (said, gold)]
    >>> pairs = zip(*regions, strict=True)
    >>> seen = [metric.observe(Target(regions=b), Answer(regions=a)) for a, b in pairs]
    >>> figures = metric.tally(seen).figures()
    >>> [round(figures[name], 3) for name in ("mean_iou", "cum_iou", "Pr@0.5", "Pr@0.5 (strict)")]
    [0.5, 0.971, 0.667, 0.333]
    """

    name = "grounding"
    confident = False

    def __init__(
        self, thresholds: Sequence[float] = THRESHOLDS, oriented: bool = True, seed: int = 0
    ) -> None:
        self._thresholds, self._oriented, self._seed = tuple(thresholds), oriented, seed

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """Boxes in pixels (a region that is none is an empty list), the image's size, and how they agree.

        For the keys of the agreement see grounding_pairs.compared.
        """
        return self.observe_all([target], [answer])[0]

    def observe_all(self, targets: Sequence[Target], answers: Sequence[Answer]) -> Sequence[Evidence]:
        """The evidence of every pair, in order."""
        said = [self._points(answer.regions) for answer in answers]
        gold = [self._points(target.regions) for target in targets]
        agreed = {key: values.tolist() for key, values in compared(said, gold).items()}
        return [
            {
                "said": said[i],
                "gold": gold[i],
                "size": list(target.size) if target.size and min(target.size) > 0 else None,
                **{key: values[i] for key, values in agreed.items()},
            }
            for i, target in enumerate(targets)
        ]

    def judged(self, target: Target, answer: Answer, evidence: Evidence, figure: str) -> Judgement:
        """The IoU; right by the level of a figure Pr@t, else by 0.5, as our own rule has it.

        Boxes are told apart by the pairing that right and wrong rest on; of several said for one object, all
        after the first are neutral. Without an object there is nothing to be right about.
        """
        if not evidence["gold"]:
            return Judgement(None, None, (NEUTRAL,) * len(evidence["said"]))
        level, strict = level_of(figure), figure.endswith("(strict)")
        said, gold = near_pairs(evidence["said"], evidence["gold"], level, strict)
        right = evidence["least"] > level if strict else evidence["least"] >= level
        return Judgement(
            evidence["iou"],
            right,
            tuple(NEUTRAL if hit is None else TRUE if hit else FALSE for hit in said),
            tuple(FOUND if hit else MISSED for hit in gold),
        )

    def tally(self, evidence: Sequence[Evidence]) -> Ratios:
        """Lay the evidence out as a table of figures, with those of both floors."""
        return grounding_tally(evidence, self._thresholds, self._seed)

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """Counts of samples; Pr@0.5 by the number of boxes meant; the centre box, in parts of the image."""
        asked = [e for e in evidence if e["gold"]]
        sizes = image_sizes(asked)
        single = [e for e in asked if len(e["gold"]) == 1]
        several = [e for e in asked if len(e["gold"]) > 1]
        return {
            "expressions": len(asked),
            "without gold": len(evidence) - len(asked),
            "without size": sum(not e["size"] for e in asked),
            "nothing said": sum(not e["said"] for e in asked),
            "several said for one": sum(len(e["said"]) > 1 for e in single),
            "centre box": None if sizes is None else centre_size([e["gold"] for e in asked], sizes),
            "boxes": {
                name: {
                    "expressions": len(rows),
                    "Pr@0.5": sum(e["least"] >= 0.5 for e in rows) / len(rows) if rows else None,
                }
                for name, rows in (("one", single), ("several", several))
            },
        }

    def _points(self, regions: Sequence[Region]) -> list[list[float]]:
        points = [region.points if self._oriented else box(region.points) for region in regions]
        return [[float(v) for v in p] if _proper(p) else [] for p in points]


def _proper(points: Sequence[float]) -> bool:
    return len(points) in (4, 8) and all(abs(v) < _LIMIT for v in points)  # false for what is no number
