"""How far answers agree: words, boxes and masks, by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from rsbench.harness.consistency import MOST, agreements
from rsbench.harness.contract import Answer, Raster, Region, Target
from rsbench.harness.geometry import Floats
from rsbench.harness.metrics.mask_codec import encode

NOTHING = Target()


def agreed(answers: Sequence[Answer], kind: str, target: Target) -> Floats:
    """Of one picture."""
    (found,) = agreements([answers], kind, [target])
    return np.asarray(found)


def boxes(*points: tuple[float, ...], label: str = "ship") -> Answer:
    return Answer(regions=tuple(Region(p, label) for p in points))


def test_words_are_the_same_but_for_case_and_outer_punctuation() -> None:
    said = [Answer(label="Ship"), Answer(text=" ship. "), Answer(text="ships"), Answer(unparsable="empty")]
    assert agreed(said, "words", NOTHING).tolist() == [
        [1, 1, 0, 0],
        [1, 1, 0, 0],
        [0, 0, 1, 0],
        [0, 0, 0, 0],
    ]


def test_boxes_agree_by_f1_of_one_to_one_pairs() -> None:
    one, two, far = (0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 30.0, 10.0), (50.0, 50.0, 60.0, 60.0)
    answers = [
        boxes(one, two),
        boxes((0.0, 0.0, 10.0, 8.0), far),  # IoU 0.8 with one of two
        boxes(one, one, one),  # the same box thrice pairs once
        boxes(),
        boxes(),
        boxes(one, two, label="plane"),
    ]
    found = agreed(answers, "boxes", NOTHING)
    assert (found == found.T).all() and (np.diag(found) == 1).all()
    assert found[0].tolist() == pytest.approx([1, 2 / 4, 2 / 5, 0, 0, 0])
    assert found[3].tolist() == [0, 0, 0, 1, 1, 0]
    assert agreed(answers, "places", NOTHING)[0].tolist() == pytest.approx([1, 2 / 4, 2 / 5, 0, 0, 1])


def test_the_best_pair_is_taken_first() -> None:
    """A box that both could have goes to the one nearer to it; the other finds its own."""
    first = boxes((0.0, 0.0, 10.0, 10.0), (0.0, 4.0, 10.0, 14.0))
    second = boxes((0.0, 3.0, 10.0, 13.0), (0.0, 0.0, 10.0, 9.0))
    assert agreed([first, second], "boxes", NOTHING)[0, 1] == 1


def test_oriented_and_straight_boxes_are_compared_as_shapes() -> None:
    square, same = (0.0, 0.0, 10.0, 10.0), (0.0, 0.0, 10.0, 0.0, 10.0, 10.0, 0.0, 10.0)
    assert agreed([boxes(square), boxes(same)], "boxes", NOTHING)[0, 1] == 1


def test_of_many_boxes_the_surest_are_compared() -> None:
    sure = tuple(Region((i * 9.0, 0.0, i * 9.0 + 8, 8.0), "ship", score=0.9) for i in range(MOST))
    more = tuple(Region((i * 9.0, 90.0, i * 9.0 + 8, 98.0), "ship", score=0.1) for i in range(50))
    assert agreed([Answer(regions=(*more, *sure)), Answer(regions=sure)], "boxes", NOTHING)[0, 1] == 1


def mask(*columns: int) -> Region:
    pixels = np.zeros((4, 8), bool)
    pixels[:, list(columns)] = True
    return Region((), "", mask=encode(pixels))


def test_masks_agree_from_an_iou_of_one_half() -> None:
    answers = [
        Answer(regions=(mask(0, 1), mask(2, 3))),
        Answer(regions=(mask(0, 1),)),  # 2 of 4 columns
        Answer(regions=(mask(0),)),
        Answer(regions=(Region((0.0, 0.0, 4.0, 4.0), ""),)),  # an outline is filled
        Answer(regions=(Region((), "", mask=Raster(4, 8, "~~")),)),  # damaged: nothing
        Answer(),
    ]
    found = agreed(answers, "masks", Target(size=(8, 4)))
    assert found[0].tolist() == [1, 1, 0, 1, 0, 0]
    assert found[4].tolist() == [0, 0, 0, 0, 1, 1]


def test_pictures_do_not_mix() -> None:
    one, far = (0.0, 0.0, 10.0, 10.0), (50.0, 50.0, 60.0, 60.0)
    held = [[boxes(one), boxes(one), boxes()], [boxes(far), boxes(one), boxes(far, one)], [boxes()] * 3]
    found = agreements(held, "boxes", [NOTHING] * 3)
    assert found.shape == (3, 3, 3)
    for i, answers in enumerate(held):
        assert (found[i] == agreed(answers, "boxes", NOTHING)).all()
    assert found[:, 0, 1].tolist() == [1, 0, 1] and found[1, 0, 2] == pytest.approx(2 / 3)
    assert agreements([], "boxes", []).shape[0] == 0


def test_words_of_many_pictures_stay_apart() -> None:
    held = [[Answer(text="a"), Answer(text="b")], [Answer(text="b"), Answer(text="B.")]]
    assert agreements(held, "words", [NOTHING] * 2)[:, 0, 1].tolist() == [0, 1]
