"""Masks of referring segmentation: mean IoU (gIoU), cumulative IoU (cIoU), precision at IoU thresholds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from ..contract import Answer, Evidence, Target
from ..errors import DataError
from ..judgement import Judgement, level_of
from .mask_codec import area, shared, union
from .mask_regions import answered, asked, canvas
from .ratios import Ratios

LEVELS = (0.5, 0.6, 0.7, 0.8, 0.9)
_FIELDS = ("shared", "union", "gold", "found", "broken")


class MaskIoU:
    """mean_iou, cum_iou, Pr@0.5 ... Pr@0.9, N-acc and T-acc of the pixels asked for.

    Per sample the objects' masks are joined, and so are those of the answer. mean_iou (elsewhere gIoU, mIoU)
    is the mean over samples of shared pixels / joined pixels; cum_iou (cIoU, oIoU) the sum of all shared
    pixels over the sum of all joined ones; Pr@t the share of samples with a target whose IoU reaches t.
    Samples without a target follow gRefCOCO (C. Liu, H. Ding, X. Jiang: GRES, CVPR 2023; its evaluator):
    their IoU is 1 if nothing is answered and else 0, what is answered adds to the sum of cum_iou, Pr@t leaves
    them out. N-acc is the share of them left empty, T-acc the share of the others answered with any pixel.

    Regions of the answer without a mask are their outline filled (see `mask_codec.polygon`). A mask that is
    damaged or not of the image's size counts as none and is counted as broken. An answer that cannot be
    parsed, or only has broken masks, is wrong, also where nothing was to be found.

    >>> from ..contract import Region
    >>> gold = Target(regions=(Region((0, 0, 2, 4), "roof"),), size=(4, 4))
    >>> metric = MaskIoU()
    >>> evidence = metric.observe(gold, Answer(regions=(Region((0, 0, 4, 4), "roof"),)))
    >>> evidence["shared"], evidence["union"], metric.tally([evidence]).figures()["mask/mean_iou"]
    (8, 16, 0.5)
    """

    name = "mask"
    confident = False

    def observe(self, target: Target, answer: Answer) -> Evidence:
        """Pixels shared, joined, asked for and answered; regions without a readable mask, or 1 if unparsable.

        Raises:
            DataError: an object without a readable mask, or masks of different size.
        """
        size = canvas(target, answer)
        gold = [asked(r, size) for r in target.regions]
        for mask in gold:
            if mask[:2] != size:
                raise DataError(
                    f"A mask of {mask.height} x {mask.width} pixels is not of its image's size {size}."
                )
        said = [answered(r, size) for r in answer.regions]
        found = [m.runs for m in said if m is not None and m[:2] == size]
        pixels = size[0] * size[1] if size else 0
        here, there = union([m.runs for m in gold], pixels), union(found, pixels)
        both, one, other = shared(here, there), area(here), area(there)
        broken = len(said) - len(found) + (answer.unparsable is not None)
        return dict(zip(_FIELDS, (both, one + other - both, one, other, broken), strict=True))

    def judged(self, target: Target, answer: Answer, evidence: Evidence, figure: str) -> Judgement:
        """The IoU of the joined masks; right where it reaches the level of a figure Pr@t, else 0.5."""
        if evidence["union"]:
            iou = evidence["shared"] / evidence["union"]
        else:
            iou = float(not evidence["broken"])
        return Judgement(iou, iou >= level_of(figure))

    def tally(self, evidence: Sequence[Evidence]) -> Ratios:
        """Every figure is a ratio of weighted sums; None where no sample counts, or no pixel was there."""
        table = np.array([[e[f] for f in _FIELDS] for e in evidence], float).reshape(-1, len(_FIELDS))
        both, joined, gold, found, broken = table.T
        nothing = (found == 0) & (broken == 0)
        iou = np.divide(both, joined, out=nothing.astype(float), where=joined > 0)
        asked_for, none_asked = (gold > 0).astype(float), (gold == 0).astype(float)
        parts = {
            "mask/mean_iou": (iou, np.ones(len(iou))),
            "mask/cum_iou": (both, joined),
            **{f"mask/Pr@{t}": (asked_for * (iou >= t), asked_for) for t in LEVELS},
            "mask/N-acc": (none_asked * nothing, none_asked),
            "mask/T-acc": (asked_for * (found > 0), asked_for),
        }
        return Ratios(len(evidence), parts)

    def details(self, evidence: Sequence[Evidence]) -> Mapping[str, Any]:
        """`counts`: samples with and without a target, answers with masks that could not be read."""
        return {
            "counts": {
                "with a target": sum(e["gold"] > 0 for e in evidence),
                "without a target": sum(e["gold"] == 0 for e in evidence),
                "broken answers": sum(e["broken"] > 0 for e in evidence),
            }
        }
