"""What speaks of directions is told from what does not, on sentences as benchmarks write them."""

from __future__ import annotations

import pytest

from rsbench.harness.contract import Region, Sample, Target
from rsbench.harness.datasets.card import read_card
from rsbench.harness.directions import directed, speaks_of_directions
from rsbench.harness.suites import selected

DIRECTED = (
    "Is there a road at the top of the building?",
    "the ship on the bottom-left",
    "Upper right corner",
    "a windmill in the lower part",
    "The north-western harbour",
    "NORTHEAST of the storage tank",
    "a southbound lane",
    "The plane in the SW corner",
    "vehicles above the roundabout",
    "A horizontal runway",
    "runways cross diagonally",
    "turned counterclockwise",
    "the plane at 3 o'clock",
    "at two o’clock",
    "Which way is down?",
    "the arrow points up",
    "What is the orientation of the ship?",
    "In which direction does it sail?",
    "the second row",
    "the vehicle in column 3",
    "the rightmost tank",
    "What is at [12, 30, 40, 52]?",
    "What is at {<12><30><40><52>}?",
    "<box>(120, 33), (160, 80)</box>",
    "0.12, 0.40, 0.31, 0.52",
    "the pier behind the house",
    "图片左上角的船",
)
PLAIN = (
    "Is there a ship?",
    "How many small buildings are next to a road?",
    "many planes are parked near several terminals in an airport",
    "the residential area is made up of rows of houses",
    "up to five storage tanks",
    "cars lined up in two rows",
    "a close up of a baseball field",
    "Is it a rural or an urban area?",
    "a bright red roof",
    "1,024 houses",
    "the largest ship, which is next to the smallest one",
    "rectangular farmland",
    "in the middle of a forest",
    "Which option is it?",
    "an overhead view of a stadium",
    "a desktop in a laptop bag",
    "copyright 2024",
    "between 10m2 and 100m2",
    "it lies on both sides of a river",
)


@pytest.mark.parametrize("text", DIRECTED)
def test_a_direction_is_seen(text: str) -> None:
    assert directed(text)


@pytest.mark.parametrize("text", PLAIN)
def test_what_a_turn_does_not_change_is_no_direction(text: str) -> None:
    assert not directed(text)


def test_all_that_is_asked_and_true_is_read() -> None:
    assert not speaks_of_directions(Sample("a", (), Target("beach", ("a ship",)), "Where is it?"))
    for sample in (
        Sample("a", (), Target(texts=("a ship", "a ship at the top")), "Describe it"),
        Sample("a", (), Target("A", choices=("top left", "centre")), "Where is it?"),
        Sample("a", (), Target("A"), "What is left of the road?"),
        Sample("a", (), Target(regions=(Region((0, 0, 1, 1), "upper deck"),))),
        Sample("a", (), Target("west coast")),
    ):
        assert speaks_of_directions(sample)


def test_no_class_of_a_shipped_card_is_a_direction() -> None:
    """A class that were one would leave out all samples of it."""
    cards = [read_card(name) for name, _ in selected("*")]
    assert len(cards) > 30
    assert not [(card.name, name) for card in cards for name in card.classes if directed(name)]
