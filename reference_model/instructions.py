"""Rendered scenes as instructions: questions and answers in the dialect's own words (IV-A, IV-B)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from ..harness.contract import Boxes, Frame, Label, Region, Request, Target, Wants
from ..harness.datasets.card import card_names, read_card
from ..harness.datasets.names import ClassNames
from ..harness.dialects.earthgpt import EarthGPT, plural
from .data.record import Turn

if TYPE_CHECKING:
    import numpy as np

HUMAN, ASSISTANT, END = "### Human: ", "\n### Assistant:", "\n###"
NOUN = "airplane"  # of what has a type: "A7 airplane" answers for the type and for the noun


@dataclass(frozen=True, slots=True)
class ClassList:
    """The classes of a benchmark as they are shown, and the shown name of each scene it has."""

    choices: tuple[str, ...]
    named: dict[str, str]


def wrapped(question: str, system: str = "") -> str:
    """One question in the conversation form of LLaMA2-Accessory (`conv_v1_2`), open for the answer.

    >>> wrapped("Is there a ship?")
    '### Human: Is there a ship?\\n### Assistant:'
    """
    return f"{system}\n\n{HUMAN}{question}{ASSISTANT}" if system else f"{HUMAN}{question}{ASSISTANT}"


def classify(choices: Sequence[str], answer: str, dialect: EarthGPT) -> Turn:
    """Category-to-instruction (IV-A)."""
    wants = Label(tuple(choices))
    return Turn(_prompt(wants, dialect), dialect.express(Target(label=answer), wants, None))


def detect(regions: Sequence[Region], oriented: bool, frame: Frame, dialect: EarthGPT) -> Turn:
    """Detection-to-instruction (IV-B); labels are written as they are, in the order of their first region."""
    order = tuple(dict.fromkeys(region.label for region in regions))
    answer = dialect.express(Target(regions=tuple(regions)), Boxes(order, oriented), frame)
    return Turn(_prompt(Boxes((), oriented), dialect), answer)


@lru_cache(maxsize=1)
def class_lists() -> tuple[ClassList, ...]:
    """The lists of every classification card of the catalogue whose miniature draws scenes."""
    lists = []
    for name in card_names():
        card = read_card(name)
        if card.family != "classification" or not card.classes:
            continue
        names = ClassNames(card)
        named: dict[str, str] = {}
        for own, scenes in card.mini["classes"].items():
            shown = names.find(str(own))
            assert shown is not None, f"{own} of the miniature is no class of {name}"
            named |= dict.fromkeys(scenes, shown)
        lists.append(ClassList(names.classes, named))
    return tuple(lists)


def choose_list(scene: str, scenes: Sequence[str], rng: np.random.Generator) -> tuple[list[str], str]:
    """A list of classes and the scene's name in it: a benchmark's, or some scenes in some order and spelling.

    Lists of any length, order and spelling teach to read the list rather than to remember it.
    """
    fitting = [known for known in class_lists() if scene in known.named]
    if fitting and rng.random() < 0.8:
        known = fitting[rng.integers(len(fitting))]
        return list(known.choices), known.named[scene]
    others = [name for name in scenes if name != scene]
    some = rng.choice(len(others), size=rng.integers(3, 24), replace=False)
    names = [others[i] for i in some]
    names.insert(int(rng.integers(len(names) + 1)), scene)
    style = rng.choice(("plain", "plain", "plain", "plain", "camel", "underscore"))
    spelled = [_spelled(name, str(style)) for name in names]
    return spelled, _spelled(scene, str(style))


def corpus(scenes: Sequence[str], objects: Sequence[str], types: Sequence[str]) -> Iterator[str]:
    """What the vocabulary is learned from: every prompt, name and answer pattern, coordinates left out."""
    for wording in ("paper", "released"):
        dialect = EarthGPT(wording)
        for known in class_lists():
            yield from (wrapped(classify(known.choices, known.choices[0], dialect).question),) * 4
        for oriented in (False, True):
            yield wrapped(detect((), oriented, Frame.plain(1, 1), dialect).question)
    for style in ("plain", "camel", "underscore"):
        yield from (f" {_spelled(name, style)},{_spelled(name, style)}{END}" for name in scenes)
    for noun in [*objects, *(f"{t} {NOUN}" for t in types)]:
        yield from (f" There is <p>{noun}</p>[", f" and <p>{noun}</p>[", f"], <p>{noun}</p>[")
        yield from (f" There are <p>{count} {plural(noun)}</p>[" for count in range(2, 33))
        yield from (f"] and <p>{count} {plural(noun)}</p>[" for count in range(2, 33))
    yield from (";", f"] in the image.{END}", f" There are no objects in the image.{END}") * 50


def _prompt(wants: Wants, dialect: EarthGPT) -> str:
    return dialect.render(Request("", "", (), wants))


def _spelled(name: str, style: str) -> str:
    if style == "camel":
        return "".join(word.capitalize() for word in name.split(" "))
    return name.replace(" ", "_") if style == "underscore" else name
