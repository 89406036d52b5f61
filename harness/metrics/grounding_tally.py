"""Evidence of grounding to figures: what was said and two floors, under our rule and public ones."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..contract import Evidence
from ..geometry import Floats, box
from .grounding_floors import Boxes, centre_boxes, shuffled_boxes
from .grounding_pairs import KEYS, compared
from .grounding_rules import as_xywh, corners_sorted, plus_one, plus_one_areas, rscovlm
from .ratios import Ratios

THRESHOLDS = (0.5, 0.6, 0.7, 0.8, 0.9)
ACCURACIES = (0.5, 0.7)
FLOORS = ("floor: centre box", "floor: shuffled gold")

Part = tuple[str, Any, Any]  # figure, and what each sample adds to its numerator and denominator


@dataclass(frozen=True, slots=True)
class Table:
    """Answers to n expressions: what was said, what was meant, and the fields of `compared`, each (n,)."""

    said: Sequence[Boxes]
    gold: Sequence[Boxes]
    sizes: Floats | None  # (n, 2) width and height of the images; None where not all are known
    agreed: Mapping[str, Floats]
    counted: Floats  # (n,) 1, or 0 where there is nothing to say

    @classmethod
    def of(cls, said: Sequence[Boxes], gold: Sequence[Boxes], sizes: Floats) -> Table:
        """Compare anew."""
        return cls(said, gold, sizes, compared(said, gold), np.ones(len(gold)))

    @classmethod
    def of_evidence(cls, evidence: Sequence[Evidence], sizes: Floats | None) -> Table:
        """What a model said, compared when it was observed."""
        agreed = {key: np.array([e[key] for e in evidence], float) for key in KEYS}
        said, gold = [e["said"] for e in evidence], [e["gold"] for e in evidence]
        return cls(said, gold, sizes, agreed, np.ones(len(evidence)))

    @classmethod
    def silent(cls, gold: Sequence[Boxes]) -> Table:
        """A floor that cannot be known: its figures are undefined."""
        nothing = np.zeros(len(gold))
        return cls([[] for _ in gold], gold, None, dict.fromkeys(KEYS, nothing), nothing)


def grounding_tally(evidence: Sequence[Evidence], thresholds: Sequence[float], seed: int) -> Ratios:
    """The figures of `Grounding`, over the samples that have gold boxes."""
    rows = [i for i, e in enumerate(evidence) if e["gold"]]
    parts: dict[str, tuple[Floats, Floats]] = {}
    for floor, table in _tables([evidence[i] for i in rows], seed).items():
        figures = [*_plain_figures(table, thresholds, bool(floor)), *_public_figures(table)]
        for name, above, below in figures:
            spread = np.zeros((2, len(evidence)))
            spread[:, rows] = above, below
            parts[f"{floor}/{name}" if floor else name] = (spread[0], spread[1])
    return Ratios(len(evidence), parts)


def image_sizes(evidence: Sequence[Evidence]) -> Floats | None:
    """Width and height of every image, (n, 2); None where one is not known."""
    if not all(e["size"] for e in evidence):
        return None
    return np.array([e["size"] for e in evidence], float).reshape(-1, 2)


def _tables(asked: Sequence[Evidence], seed: int) -> dict[str, Table]:
    gold, sizes = [e["gold"] for e in asked], image_sizes(asked)
    tables = {"": Table.of_evidence(asked, sizes)} | {name: Table.silent(gold) for name in FLOORS}
    if sizes is not None:
        answers = centre_boxes(gold, sizes), shuffled_boxes(gold, sizes, seed)
        for name, said in zip(FLOORS, answers, strict=True):
            if said is not None:
                tables[name] = Table.of(said, gold, sizes)
    return tables


def _plain_figures(table: Table, thresholds: Sequence[float], floor: bool) -> Iterator[Part]:
    """Ours; of a floor without the strict forms and the second names."""
    least, one = table.agreed["least"], table.counted
    for word, levels in (("Pr", thresholds), ("Acc", () if floor else ACCURACIES)):
        for level in levels:
            yield f"{word}@{level:g}", least >= level, one
            if not floor:
                yield f"{word}@{level:g} (strict)", least > level, one
    yield "mean_iou", table.agreed["iou"], one
    yield "cum_iou", table.agreed["shared"], table.agreed["union"]


def _public_figures(table: Table) -> Iterator[Part]:
    """Public rules; all but those for sets look at the first box said and the first box meant, as hulls.

    The spaces are those of the scripts: pixels, but 0 to 1 for LHRS-Bot and 0 to 100 for VRSBench.
    """
    said, gold, one = _first(table.said), _first(table.gold), table.counted
    parsed = np.array([bool(boxes and boxes[0]) for boxes in table.said], float)
    tidy, wide, moved = (parsed * rule(said, gold) for rule in (corners_sorted, rscovlm, as_xywh))
    yield "sorted corners/Pr@0.5", tidy >= 0.5, one
    yield "sorted corners/mean_iou", tidy, one
    yield "rscovlm/Acc@0.5 (strict)", wide > 0.5, one
    yield "rscovlm-set/Pr@0.5", table.agreed["by_giou"], one
    yield "rsthinker/Acc@0.5", moved >= 0.5, one
    yield "rsthinker/mean_iou", moved, one
    yield "earthdial/precision@0.5", table.agreed["near"], one * [len(boxes) for boxes in table.said]
    known = table.sizes is not None
    whole = np.ones((len(said), 4)) if table.sizes is None else np.tile(table.sizes, 2)
    unit = parsed * plus_one(said / whole, gold / whole)
    yield "lhrs/Acc@0.5 (strict)", unit > 0.5, one * known
    percent = 100 * said / whole, 100 * gold / whole
    shared, union = plus_one_areas(*percent)
    value = parsed * plus_one(*percent)
    for level in ACCURACIES:
        yield f"vrsbench/Acc@{level:g}", value >= level, one * known
    yield "vrsbench/mean_iou", value, one * known
    yield "vrsbench/cum_iou", parsed * shared * known, parsed * union * known


def _first(lists: Sequence[Boxes]) -> Floats:
    """The hull of the first box of each list, (n, 4); zeros where there is none."""
    rows = [box(boxes[0]) if boxes and boxes[0] else (0.0,) * 4 for boxes in lists]
    return np.array(rows, float).reshape(-1, 4)
