"""Values survive JSON: every field of a response and of a sample comes back."""

from __future__ import annotations

import json
from dataclasses import replace

from rsbench.harness.contract import (
    Boxes,
    Frame,
    Image,
    Label,
    Mask,
    Region,
    Response,
    Sample,
    Target,
    Text,
    Token,
    Wants,
)
from rsbench.harness.values import response_from, response_to, sample_from, sample_to, wants_to

REGION = Region((1.5, 2.0, 3.0, 4.0), "A7", score=0.25, ignore=True, crowd=True, area=7.5, span=(3, 9))


def through_json(row: object) -> dict[str, object]:
    values: dict[str, object] = json.loads(json.dumps(row))
    return values


def test_a_full_response_comes_back() -> None:
    response = Response(
        "key",
        "id",
        "text",
        (REGION,),
        "label",
        (Token("a", -0.5),),
        Frame.padded_square(30, 20, 128),
        1.5,
        3,
        4,
        "e",
    )
    assert response_from(through_json(response_to(response))) == response


def test_a_bare_response_is_two_fields() -> None:
    assert response_to(Response("k", "s")) == {"key": "k", "sample_id": "s"}
    assert response_from({"key": "k", "sample_id": "s"}) == Response("k", "s")


def test_no_boxes_and_no_answer_in_boxes_are_told_apart() -> None:
    assert response_from(through_json(response_to(Response("k", "s", regions=())))).regions == ()
    assert response_from(through_json(response_to(Response("k", "s")))).regions is None


def test_a_sample_comes_back_without_the_path() -> None:
    image = Image("dir/a.tif", "", page=2, window=(0, 1, 2, 3), size=(5, 6))
    sample = Sample("a", (image,), Target("beach", ("t",), (REGION,)), "how many?", {"sensor": "sar"})
    assert sample_from(through_json(sample_to(sample))) == sample


def test_a_changed_picture_comes_back_and_one_that_is_not_has_the_row_it_had() -> None:
    image = Image("a.tif", "", size=(5, 6), change="flip rot90")
    assert sample_from(through_json(sample_to(Sample("a", (image,), Target())))).images == (image,)
    (row,) = sample_to(Sample("a", (replace(image, change=""),), Target()))["images"]
    assert row == {"name": "a.tif", "size": (5, 6)}


def test_regions_that_are_shown_come_back() -> None:
    """A sample without any has the row it always had."""
    image = Image("a.tif", "", size=(5, 6))
    pointed = Sample("a", (image,), Target(texts=("t",)), regions=(Region((1.0, 2.0, 3.0, 4.5), ""),))
    assert sample_from(through_json(sample_to(pointed))) == pointed
    assert "regions" not in sample_to(Sample("a", (image,), Target(texts=("t",))))


def test_every_kind_of_wants_is_named() -> None:
    kinds: list[Wants] = [Text("q"), Label(("a",)), Boxes(("a",)), Mask("p")]
    assert [wants_to(w)["kind"] for w in kinds] == ["text", "label", "boxes", "mask"]
