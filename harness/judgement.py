"""What became of one sample under the figure that is shown: right or wrong, and which of its boxes."""

from __future__ import annotations

import re
from dataclasses import dataclass

TRUE, FALSE, NEUTRAL = "true", "false", "neutral"  # of a box of an answer
FOUND, MISSED, IGNORED = "found", "missed", "ignored"  # of an object


@dataclass(frozen=True, slots=True)
class Judgement:
    """`value` in [0, 1] is what the sample adds (1 or 0, an IoU, F1 of its boxes); None where undefined.

    `right` is None where an answer is neither right nor wrong, such as a caption. `found` says of every box
    of the answer, `objects` of every region of the target, what it counts as: true, false, or neutral (on an
    ignored object, or outside the classes that count); found, missed or ignored. Both are empty where boxes
    are not judged.
    """

    value: float | None
    right: bool | None = None
    found: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()


def level_of(figure: str) -> float:
    """The IoU threshold in a figure's name; one half where there is none, the least of a range.

    >>> level_of("Pr@0.7"), level_of("ships/AP@0.50:0.95/voc07"), level_of("mean_iou"), level_of("AP75")
    (0.7, 0.5, 0.5, 0.75)
    """
    found = re.search(r"@(\d+(?:\.\d+)?)|AP(\d\d)\b", figure)
    if not found:
        return 0.5
    return float(found[1]) if found[1] else int(found[2]) / 100


def of_boxes(found: tuple[str, ...], objects: tuple[str, ...]) -> Judgement:
    """The judgement on a sample from that on its boxes: right when all is found and nothing else.

    The value is F1, 2 true / (boxes that count + objects that count), and 1 where nothing is asked for and
    nothing is said.

    >>> of_boxes(("true", "false"), ("found",)).value
    0.6666666666666666
    """
    true, false, missed = found.count(TRUE), found.count(FALSE), objects.count(MISSED)
    counted = 2 * true + false + missed
    return Judgement(2 * true / counted if counted else 1.0, not false and not missed, found, objects)
