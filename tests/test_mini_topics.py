"""Questions by topic say what was drawn, in the words and under the kinds of the card."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from rsbench.harness.datasets.card import Card, read_card
from rsbench.harness.datasets.mini.plan import shots
from rsbench.harness.datasets.mini.scene import Scene
from rsbench.harness.datasets.mini.topics import TOPICS, Asked, asked
from rsbench.harness.geometry import areas

VQA = read_card("vqa")
WORDS = {name: [name, f"{name} {{thing}} / {{other}}"] for name in ("more",)}
EVERY = {name: WORDS.get(name, [name, f"{name}"]) for name in TOPICS}
THINGS = {name: [name, "{thing}"] for name in ("presence", "count", "whole_count", "area", "place", "whole")}


def drawn(count: int = 12, asks: Mapping[str, Any] | None = None) -> list[tuple[str, Scene, list[Asked]]]:
    card: Card = replace(VQA, mini={**VQA.mini, "asks": asks or EVERY | THINGS})
    made = [(shot, shot.draw(1, 64)) for shot in shots(card, "test", 1, count)]
    return [(shot.scene, scene, list(asked(card, shot, scene, 1))) for shot, scene in made]


def test_answers_are_true_of_the_scene() -> None:
    """Against the objects of the scene, counted here."""
    seen: Counter[str] = Counter()
    for label, scene, rows in drawn(24):
        counts = Counter(item.name for item in scene.objects)
        for row in rows:
            seen[row.topic] += 1
            things = [item for item in scene.objects if item.name == row.question]
            if row.topic == "presence":
                assert row.answer == ("yes" if things else "no")
            elif row.topic == "count":
                assert row.answer == str(counts[row.question])
            elif row.topic == "whole_count":
                assert row.answer == str(sum(not item.truncated for item in things))
            elif row.topic == "whole":
                assert len(things) == 1 and row.answer == ("no" if things[0].truncated else "yes")
            elif row.topic == "area":
                pixels = sum(areas([item.corners])[0] for item in things)
                assert row.answer == f"{int(pixels * scene.ground_sampling_distance**2)}m2"
            elif row.topic == "more":
                thing, other = row.question.removeprefix("more ").split(" / ")
                assert thing != other and (row.answer == "yes") == (counts[thing] > counts[other])
            elif row.topic == "most":
                assert all(counts[row.answer] > n for name, n in counts.items() if name != row.answer)
            elif row.topic == "theme":
                assert row.answer == label
            elif row.topic == "settled":
                assert row.answer == ("rural" if label == "meadow" else "urban")
    assert set(seen) == set(TOPICS) and min(seen.values()) >= 3


def test_the_same_seed_asks_the_same_and_both_answers_occur() -> None:
    first, again = drawn(), drawn()
    assert [rows for _, _, rows in first] == [rows for _, _, rows in again]
    for topic in ("presence", "more"):
        assert {row.answer for _, _, rows in first for row in rows if row.topic == topic} == {"yes", "no"}


def test_kinds_and_words_are_the_cards() -> None:
    asks = {
        "their kind": ["theme", "what?"],
        "two": [["presence", "is {thing}?"], ["count", "n of {thing}?"]],
    }
    for _, _, rows in drawn(3, asks):
        assert [row.kind for row in rows] == ["their kind", "two", "two"]
        assert rows[0].question == "what?" and rows[1].question.startswith("is ")


@pytest.mark.parametrize(
    "name", ["rsvqa_lr", "rsvqa_hr", "crsvqa", "rsivqa", "floodnet_vqa", "vrsbench_vqa", "lrs_vqa"]
)
def test_the_cards_ask_what_there_is(name: str) -> None:
    card = read_card(name)
    for pairs in card.mini["asks"].values():
        topic, words = pairs
        assert topic in TOPICS and words.endswith("?")
