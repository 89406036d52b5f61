"""Frozen splits: apart, whole, independent of order, and the same as worked out another way."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256

import pytest

from rsbench.harness.datasets.card import Card, read_card
from rsbench.harness.datasets.frozen import ALL, of_split, share_of
from rsbench.harness.errors import DataError

NAMES = [f"{n:03d}" for n in range(1, 651)]
PARTS = {"train": 0.2, "val": 0.2, "test": 0.6}


def card(**options: object) -> Card:
    return replace(read_card("voc"), options=options)


def test_shares_are_apart_and_whole_whatever_the_order() -> None:
    cut = {split: share_of(NAMES, PARTS, split) for split in PARTS}
    assert {split: len(names) for split, names in cut.items()} == {"train": 130, "val": 130, "test": 390}
    assert sorted(name for names in cut.values() for name in names) == NAMES
    assert all(share_of(reversed(NAMES), PARTS, split) == names for split, names in cut.items())


def test_the_cut_is_that_of_the_digests_as_numbers() -> None:
    numbers = sorted((int.from_bytes(sha256(name.encode()).digest(), "big"), name) for name in NAMES)
    assert share_of(NAMES, PARTS, "val") == [name for _, name in numbers[130:260]]


def test_match_share_or_everything() -> None:
    ends = {"test": "[19]$", "train": "[^19]$"}
    assert of_split(["01", "12", "19"], card(match=ends), "test") == ["01", "19"]
    assert of_split(["01", "12", "19"], card(match=ends), "train") == ["12"]
    kept = of_split(NAMES, card(share=PARTS), "test")
    assert kept == sorted(share_of(NAMES, PARTS, "test"))  # in the order given
    for made in (card(match=ends), card(share=PARTS)):
        assert of_split(NAMES, made, ALL) == NAMES
    assert of_split(NAMES, card(), "test") == of_split(NAMES, card(share=PARTS), "") == NAMES


def test_a_split_that_is_not_cut() -> None:
    with pytest.raises(DataError, match="no split 'dev'.*\n.*train, val, test"):
        of_split(NAMES, card(share=PARTS), "dev")


@pytest.mark.parametrize("name", ["nwpu_vhr10", "rsod", "ucas_aod", "air_sarship"])
def test_the_counts_of_the_cards_are_those_of_their_shares(name: str) -> None:
    made = read_card(name)
    share = made.options.get("share") or made.options["forms"][0]["share"]
    names = [str(n) for n in range(made.counts[ALL])]
    assert {s: len(share_of(names, share, s)) for s in share} == {
        s: count for s, count in made.counts.items() if s != ALL
    }
