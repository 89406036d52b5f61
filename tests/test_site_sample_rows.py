"""What the grid of samples filters and sorts by, from outcomes made by hand."""

from __future__ import annotations

from typing import Any

import pytest

from rsbench.harness.contract import Answer, Boxes, Image, Region, Response, Sample, Target
from rsbench.harness.judgement import FALSE, FOUND, MISSED, TRUE, Judgement
from rsbench.harness.outcomes import FAILED, RATED, RIGHT, UNPARSABLE, WRONG, Outcome
from rsbench.harness.score import Item
from rsbench.harness.site.sample_rows import Facet, facets, flipped, line, seconds, states, texts, tokens

WANTS = Boxes(("ship",))


def outcome(
    state: str = RIGHT,
    target: Target | None = None,
    answer: Answer | None = None,
    judgement: Judgement | None = None,
    **parts: Any,
) -> Outcome:
    sample = Sample(
        "s", (Image("s.png", ""),), target or Target(), parts.pop("question", ""), parts.pop("tags", {})
    )
    response = Response("k", "s", parts.pop("text", None), seconds=0.5, tokens_out=7)
    item = Item(sample, WANTS, None if state == FAILED else response, answer)
    return Outcome(sample, state, judgement or Judgement(None), answer, None, (item,))


BOXED = Judgement(0.5, False, (TRUE, FALSE, FALSE), (FOUND, MISSED))


def test_outcomes_name_the_kinds_of_wrong_boxes() -> None:
    assert states(outcome(WRONG, judgement=BOXED), None) == ["wrong", "false positive", "miss"]
    assert states(outcome(), outcome(UNPARSABLE)) == ["right", "flipped"]
    assert states(outcome(), None) == ["right"]


@pytest.mark.parametrize(
    ("one", "other", "turned"),
    [
        (RIGHT, WRONG, True),
        (UNPARSABLE, RIGHT, True),
        (WRONG, UNPARSABLE, False),
        (RIGHT, FAILED, False),
        (RATED, RATED, False),
    ],
)
def test_flipped_is_right_in_one_of_two_that_answered(one: str, other: str, turned: bool) -> None:
    assert flipped(outcome(one), outcome(other)) is turned


def test_facets_are_those_that_tell_something() -> None:
    pair = Target(regions=(Region((0, 0, 10, 10), "ship"), Region((0, 0, 200, 200), "plane")))
    said = Answer(regions=(Region((0, 0, 9, 9), "ship"),))
    outcomes = [
        outcome(WRONG, pair, said, BOXED, tags={"sensor": "SAR", "class": "x"}),
        outcome(RIGHT, Target(), Answer(), tags={}),
    ]
    found = {facet.key: facet for facet in facets(outcomes, [None, None])}
    assert [*found] == ["outcome", "class", "answer", "tag:sensor", "tag:object size"]
    assert found["outcome"].row()["values"] == ["right", "wrong", "false positive", "miss"]
    assert found["class"].values == [["x"], []]
    assert found["answer"].values == [["ship"], []]
    assert found["tag:sensor"].values == [["SAR"], ["not known"]]
    assert found["tag:object size"].values == [["large", "small"], []]


def test_short_answers_can_be_filtered_by_and_long_ones_cannot() -> None:
    asked = [
        outcome(WRONG, Target(texts=("yes",)), Answer(text="no")),
        outcome(RIGHT, Target(texts=("one", "two")), Answer(text="a long answer " * 9)),
    ]
    found = {facet.key: facet for facet in facets(asked, [None, None])}
    assert found["class"].title == "Answer (true)" and found["class"].values == [["yes"], []]
    assert found["answer"].values == [["no"], []]


def test_values_stand_in_the_order_that_people_expect() -> None:
    row = Facet("tag:n", "N", [["A10"], ["A2", "a1"], ["10"], ["9"], []]).row()
    assert row["values"] == ["9", "10", "a1", "A2", "A10"]
    assert row["rows"] == [[4], [3, 2], [1], [0], []]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (outcome(WRONG, judgement=BOXED), "1 true, 2 false, 1 missed"),
        (outcome(RIGHT, judgement=Judgement(1.0, True, (), ("ignored",))), "nothing that counts"),
        (outcome(FAILED), "no answer came"),
        (outcome(RIGHT, Target(label="beach"), Answer(label="beach")), "beach"),
        (outcome(WRONG, Target(label="beach"), Answer(label="forest")), "beach → forest"),
        (outcome(UNPARSABLE, Target(texts=("yes",)), Answer(unparsable="?", raw="a\nb")), "yes → a b"),
        (outcome(WRONG, answer=Answer(regions=(Region((), "roof"),) * 2)), "2 regions"),
        (outcome(RATED, Target(texts=("a", "b")), Answer(text="a ship")), "a ship"),
    ],
)
def test_a_line_says_what_became_of_a_sample(found: Outcome, words: str) -> None:
    assert line(found) == words


def test_time_tokens_and_what_is_searched() -> None:
    found = outcome(
        RIGHT, Target(texts=("yes",), choices=("red",)), Answer(text="Yes"), question="Is it?", text="Yes"
    )
    assert (seconds(found), tokens(found)) == (0.5, 7)
    assert texts(found) == ["s", "Is it?", "Yes", "yes", "red"]
    assert (seconds(outcome(FAILED)), tokens(outcome(FAILED))) == (None, 0)
    assert len(texts(outcome(text="x" * 9_000))[1]) < 4_100
