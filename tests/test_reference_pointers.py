"""Pointers: proposals as the coordinates they stand for, and back."""

from __future__ import annotations

from rsbench.reference_model.pointers import Slots
from rsbench.reference_model.tokenizer import pointer

SLOTS = Slots(
    boxes=((0.1, 0.2, 0.3, 0.4), (0.5, 0.5, 0.75, 0.999)),
    corners=((0.3, 0.4, 0.1, 0.4, 0.1, 0.2, 0.3, 0.2), (0.5, 0.6, 0.6, 0.5, 0.7, 0.6, 0.6, 0.7)),
)


def test_a_pointer_prints_its_proposal_in_the_papers_notation() -> None:
    assert SLOTS.written(pointer(0, False)) == "0.10,0.20,0.30,0.40"
    assert SLOTS.written(pointer(1, False)) == "0.50,0.50,0.75,1.00"
    assert (
        SLOTS.written(pointer(0, True)) == "0.10,0.20,0.30,0.20,0.30,0.40,0.10,0.40"
    )  # nearest corner first


def test_words_are_left_alone_and_an_empty_slot_has_no_numbers() -> None:
    assert SLOTS.written(" ships") == " ships"
    assert SLOTS.written(pointer(7, False)) == ""


def test_an_answer_and_its_pointers_are_one() -> None:
    answer = f"There are <p>2 ships</p>[{SLOTS.numbers(1, False)};{SLOTS.numbers(0, False)}] in the image."
    pointed = SLOTS.pointed(answer, False, (0, 1))
    assert pointed == "There are <p>2 ships</p>[<b1>;<b0>] in the image."
    parts = pointed.replace("<b1>", SLOTS.written("<b1>")).replace("<b0>", SLOTS.written("<b0>"))
    assert parts == answer


def test_an_answer_without_boxes_stays() -> None:
    assert (
        SLOTS.pointed("There are no objects in the image.", False, ()) == "There are no objects in the image."
    )
