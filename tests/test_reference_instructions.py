"""Scenes as instructions: the conversation form, class lists, and the dialect's own words."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.contract import Boxes, Frame, Label, Region
from rsbench.harness.datasets.mini import AIRCRAFT, OBJECTS, SCENES
from rsbench.harness.dialects.earthgpt import EarthGPT
from rsbench.reference_model.instructions import choose_list, class_lists, classify, corpus, detect, wrapped


def test_the_conversation_form_is_llama2_accessorys() -> None:
    assert wrapped("What?", "Be kind.") == "Be kind.\n\n### Human: What?\n### Assistant:"
    assert wrapped("What?") == "### Human: What?\n### Assistant:"


@pytest.mark.parametrize("wording", ["paper", "released"])
def test_a_class_is_asked_for_among_its_list_and_understood(wording: str) -> None:
    dialect = EarthGPT(wording)
    choices = ("storage tanks", "sea ice", "airport")
    turn = classify(choices, "sea ice", dialect)
    assert turn.question.endswith("storage tanks, sea ice, airport")
    assert dialect.parse(turn.answer, Label(choices), None).label == "sea ice"


@pytest.mark.parametrize("oriented", [False, True])
def test_objects_are_asked_for_and_understood(oriented: bool) -> None:
    frame = Frame.plain(1, 1)
    points = (0.25, 0.25, 0.5, 0.25, 0.5, 0.75, 0.25, 0.75) if oriented else (0.25, 0.25, 0.5, 0.75)
    turn = detect([Region(points, "A7 airplane")], oriented, frame, EarthGPT())
    assert ("oriented" if oriented else "horizontal") in turn.question
    wants = Boxes(("A7",), oriented, parent="airplane")
    (found,) = EarthGPT().parse(turn.answer, wants, frame).regions
    assert found.points == points and found.label == "A7"
    assert detect((), oriented, frame, EarthGPT()).answer == "There are no objects in the image."


def test_the_lists_of_the_catalogue_name_what_is_drawn() -> None:
    lists = class_lists()
    assert len(lists) >= 2
    for known in lists:
        assert set(known.named.values()) <= set(known.choices) and set(known.named) <= set(SCENES)
        assert len(known.choices) > 5


def test_a_chosen_list_holds_the_scene_once() -> None:
    lengths, spellings = set(), set()
    for seed in range(200):
        rng = np.random.default_rng(seed)
        scene = SCENES[seed % len(SCENES)]
        choices, named = choose_list(scene, SCENES, rng)
        assert choices.count(named) == 1 and len(set(choices)) == len(choices)
        again = choose_list(scene, SCENES, np.random.default_rng(seed))
        assert again == (choices, named)
        lengths.add(len(choices))
        spellings.add(named)
    assert len(lengths) > 10 and len(spellings) > len(SCENES)


def test_the_corpus_has_every_name_and_no_coordinates() -> None:
    texts = list(corpus(SCENES, OBJECTS, AIRCRAFT))
    joined = "\n".join(texts)
    assert all(name in joined for name in (*SCENES, *OBJECTS, *AIRCRAFT)) and "0." not in joined
    assert texts == list(corpus(SCENES, OBJECTS, AIRCRAFT))
    for oriented in (False, True):
        assert wrapped(detect((), oriented, Frame.plain(1, 1), EarthGPT()).question) in texts
