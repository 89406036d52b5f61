"""Rating boxes: each answer once per source, again when the boxes or the source's weights change."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from rsbench.harness.contract import Answer, Boxes, Image, Region, Request, Response
from rsbench.harness.errors import DataError
from rsbench.harness.rating import rate, with_scores

from .test_ledger import begin

BOX = Region((0.0, 0.0, 1.0, 1.0), "ship")
REQUEST = Request("k", "a", (Image("a.png", ""),), Boxes(("ship",)))


class Counting:
    """A source that counts how often it is asked."""

    name, needs_images = "count", False

    def __init__(self, digest: str = "w1") -> None:
        self.digest, self.asked = digest, 0

    def scores(self, request: Request, response: Response, answer: Answer) -> list[float | None]:
        self.asked += 1
        return [0.5] * len(answer.regions)


def rated(folder: Path, source: Counting, *regions: Region) -> int:
    answer = Answer(regions=regions)
    rate(source, [(REQUEST, Response("k", "a"), answer)], begin(folder), lambda: None)
    return source.asked


def test_a_rated_answer_is_not_rated_again(tmp_path: Path) -> None:
    assert rated(tmp_path, Counting(), BOX) == 1
    assert rated(tmp_path, Counting(), BOX) == 0
    (row,) = begin(tmp_path).confidences().values()
    assert row["scores"] == [0.5]


def test_other_boxes_or_other_weights_are_rated_anew(tmp_path: Path) -> None:
    rated(tmp_path, Counting(), BOX)
    assert rated(tmp_path, Counting(), BOX, BOX) == 1
    assert rated(tmp_path, Counting("w2"), BOX, BOX) == 1


def test_an_answer_without_boxes_costs_nothing(tmp_path: Path) -> None:
    assert rated(tmp_path, Counting()) == 0


def test_scores_are_put_on_the_boxes_in_order() -> None:
    answer = with_scores(Answer(regions=(BOX, replace(BOX, label="plane"))), [0.1, 0.9])
    assert [(r.label, r.score) for r in answer.regions] == [("ship", 0.1), ("plane", 0.9)]


def test_a_damaged_picture_is_kept_as_an_error_and_tried_again(tmp_path: Path) -> None:
    class Blind(Counting):
        def scores(self, request: Request, response: Response, answer: Answer) -> list[float | None]:
            raise DataError("a.png is damaged")

    rated(tmp_path, Blind(), BOX)
    (row,) = begin(tmp_path).confidences().values()
    assert row["scores"] == [None] and row["error"] == "a.png is damaged"
    assert rated(tmp_path, Counting(), BOX) == 1
    (row,) = begin(tmp_path).confidences().values()
    assert row["scores"] == [0.5] and "error" not in row
