"""What is asked of a training scene is true of it, and asked in the words the harness asks in."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from rsbench.harness.contract import Boxes, Frame, Image, Region, Request, Sample, Target, Text
from rsbench.harness.datasets.card import Dataset, read_card
from rsbench.harness.datasets.mini.scene import DrawnObject
from rsbench.harness.dialects.earthgpt import EarthGPT
from rsbench.reference_model.conversation import conversation
from rsbench.reference_model.data.record import Turn
from rsbench.reference_model.instructions import wrapped
from rsbench.reference_model.lessons import (
    Facts,
    answered,
    facts_of,
    ground,
    grounded,
    how_many,
    options,
    reminded,
)
from rsbench.reference_model.scenes import read_shards
from rsbench.tasks.vqa import build


def drawn(name: str, x: float, y: float, size: float = 0.1) -> DrawnObject:
    box = (x, y, x + size, y + size)
    return DrawnObject(name, "", (x, y, x + size, y, x + size, y + size, x, y + size), 1.0, False, box)


PORT = Facts(
    "port", "sar", (drawn("ship", 0.05, 0.1), drawn("ship", 0.8, 0.1), drawn("large vehicle", 0.4, 0.8))
)


def asked(seed: int) -> dict[str, str]:
    turns = answered(PORT, "paper", np.random.default_rng(seed))
    return {
        turn.question.removesuffix(" Answering the question using a single word or phrase"): turn.answer
        for turn in turns
    }


def test_answers_are_true() -> None:
    kinds: set[str] = set()
    for seed in range(60):
        for question, answer in asked(seed).items():
            words = question.split()
            if question.startswith("Is there"):
                assert answer == ("yes" if " ship " in question or "large vehicle" in question else "no")
            elif question.startswith("How many"):
                assert answer == (
                    "2" if "ships" in question else "1" if "large vehicles" in question else "0"
                )
            elif question.startswith("Which sensor"):
                assert answer == "SAR"
            elif question.startswith("Are there more"):
                first, second = question.removeprefix("Are there more ").removesuffix("?").split(" than ")
                counts = {"ships": 2, "large vehicles": 1}
                assert answer == ("yes" if counts.get(first, 0) > counts.get(second, 0) else "no")
            elif question.endswith("]"):
                assert answer in (
                    "1 ship at the top left",
                    "1 ship at the top right",
                    "1 large vehicle at the bottom",
                )
            else:
                assert answer.endswith(".") and "sentence" in question
            kinds.add(words[0] + words[1])
    assert {"Isthere", "Howmany", "Arethere", "Whichsensor", "Pleaseprovide", "Describethis"} <= kinds


def test_the_words_are_those_of_the_harness() -> None:
    paper, image = EarthGPT("paper"), Image("a.png", "", size=(1, 1))
    described = Text("", sentences=True)
    possible = {paper.render(Request("", "", (image,), described))}
    box = PORT.objects[0].box
    possible.add(paper.render(Request("", "", (image,), described, regions=(Region(box, ""),))))
    said = {
        turn.question for seed in range(20) for turn in answered(PORT, "paper", np.random.default_rng(seed))
    }
    assert possible <= said


def test_phrases_mean_what_they_say() -> None:
    found = dict(grounded(PORT, np.random.default_rng(0)))
    assert found["all ships"] == list(PORT.objects[:2])
    assert found["the ship at the top right"] == [PORT.objects[1]]
    assert found["the large vehicle"] == found["the object at the bottom"] == [PORT.objects[2]]
    both = Facts("port", "sar", (PORT.objects[0], drawn("ship", 0.1, 0.2)))
    assert dict(grounded(both, np.random.default_rng(0)))["all objects at the top left"] == list(both.objects)
    turn = ground("all ships", [Region(o.box, "ship") for o in PORT.objects[:2]], False, EarthGPT(), str)
    wants = Boxes(("all ships",), phrase="all ships")
    assert turn.question == EarthGPT().render(Request("", "", (), wants))
    read = EarthGPT().parse(turn.answer, wants, Frame.plain(100, 100))
    assert [r.points for r in read.regions] == [(5, 10, 15, 20), (80, 10, 90, 20)]


def test_a_second_turn_reads_like_a_conversation() -> None:
    first, second = how_many("airplane", 3), Turn("Where?", "Here.")
    both = reminded(first, second)
    assert wrapped(both.question) == conversation("", [first], "Where?")
    assert first.question.startswith("How many airplanes are there in the image?") and both.answer == "Here."


def test_options_are_asked_as_the_task_asks() -> None:
    for seed in range(20):
        turn = options("port", ("port", "desert", "farmland", "meadow", "park"), np.random.default_rng(seed))
        question, *lines = turn.question.split("\n")
        named = tuple(line[3:] for line in lines)
        assert turn.answer == "port" and named.count("port") == 1 and len(set(named)) == len(named) > 1
        sample = Sample("s", (Image("a.png", ""),), Target(label="A", choices=named), question)
        wants = build(read_card("choices"), Dataset((sample,), (), ())).request(sample, ())
        assert wants is not None
        assert EarthGPT().render(Request("", "", sample.images, wants)) == turn.question


def test_facts_are_those_of_the_shard(scenes_folder: Path) -> None:
    shard = read_shards(sorted(scenes_folder.glob("*.npz")))
    every = [facts_of(shard, scene) for scene in range(len(shard.images))]
    assert sum(len(facts.objects) for facts in every) == len(shard.name)
    for facts, label in zip(every, shard.label, strict=True):
        assert (facts.label is None) == (label < 0) and facts.look in ("optical", "sar", "infrared")
        for item in facts.objects:
            assert item.name and all(-0.01 <= v <= 1.01 for v in item.box)
