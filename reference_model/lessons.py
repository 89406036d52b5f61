"""What is asked of a rendered training scene, and the true answers: every task format of the paper."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..harness.contract import Boxes, Frame, Image, Region, Request, Target, Text, Wants
from ..harness.datasets.mini.captions import caption
from ..harness.datasets.mini.records import ninth
from ..harness.datasets.mini.scene import SENSORS, DrawnObject
from ..harness.dialects.earthgpt import EarthGPT, plural
from .data.record import Turn
from .instructions import ASSISTANT, HUMAN

if TYPE_CHECKING:
    import numpy as np

    from .scenes import Shard

ASKED = ("airplane", "ship", "small vehicle", "large vehicle", "storage tank", "tennis court")
_DESCRIBED = Text("", sentences=True)  # a picture, or a region of it
_PLAIN_CAPTION = "Describe this image in one sentence."
_WHOLE = (Image("", "", size=(1, 1)),)
_UNIT = Frame.plain(1, 1)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is true of a scene. `label` is None where the class says little; places are fractions of the
    padded square."""

    label: str | None
    look: str
    objects: tuple[DrawnObject, ...]


def answered(
    facts: Facts,
    wording: str,
    rng: np.random.Generator,
    counted: Callable[[str, str], str] = lambda answer, name: answer,
) -> Iterator[Turn]:
    """Questions answered with words: captions, presence, count, comparison, sensor, regions.

    `counted` may put before an answer how the objects of a name were counted.
    """
    dialect = EarthGPT(wording)
    if facts.label is not None:
        asked = str(rng.choice((_said(_DESCRIBED, dialect), _PLAIN_CAPTION)))
        yield Turn(asked, caption(facts.label, facts.objects, rng))
    counts = Counter(item.name for item in facts.objects)
    for question, answer, name in _questions(counts, facts.look, rng):
        yield Turn(_said(Text(question), dialect), counted(answer, name) if name else answer)
    order = rng.permutation(len(facts.objects))[:2]
    for item in (facts.objects[i] for i in order):
        asked = _said(_DESCRIBED, dialect, Region(item.box, item.name))
        yield Turn(asked, f"1 {item.name} at the {place(item)}")


def grounded(facts: Facts, rng: np.random.Generator) -> Iterator[tuple[str, list[DrawnObject]]]:
    """Phrases with the objects they refer to: one that its class and place tell apart, all of a class, all
    that are in a place."""
    counts = Counter(item.name for item in facts.objects)
    places = Counter((item.name, place(item)) for item in facts.objects)
    for item in facts.objects:
        if counts[item.name] == 1:
            yield f"the {item.name}", [item]
        if places[item.name, place(item)] == 1 and (counts[item.name] > 1 or rng.random() < 0.3):
            yield f"the {item.name} at the {place(item)}", [item]
    for name, count in counts.items():
        if count > 1:
            yield f"all {name}s", [item for item in facts.objects if item.name == name]
    for spot in dict.fromkeys(place(item) for item in facts.objects):
        there = [item for item in facts.objects if place(item) == spot]
        yield f"{'all objects' if len(there) > 1 else 'the object'} at the {spot}", there


def ground(
    phrase: str, regions: Sequence[Region], oriented: bool, dialect: EarthGPT, pointed: Callable[[str], str]
) -> Turn:
    """Grounding-to-instruction; `pointed` may put pointers for the coordinates."""
    wants = Boxes((phrase,), oriented, phrase=phrase)
    return Turn(_said(wants, dialect), pointed(dialect.express(Target(regions=tuple(regions)), wants, _UNIT)))


def options(label: str, scenes: Sequence[str], rng: np.random.Generator) -> Turn:
    """Which scene it is, of two to five behind letters; answered with its words, which the rules take too."""
    others = [name for name in scenes if name != label]
    named = [others[i] for i in rng.choice(len(others), rng.integers(1, 5), replace=False)]
    named.insert(int(rng.integers(len(named) + 1)), label)
    question = str(rng.choice(("What does the image show?", "Which scene is this?", "Which one is it?")))
    lines = [question, *(f"{letter}. {name}" for letter, name in zip("ABCDE", named, strict=False))]
    return Turn(_said(Text("\n".join(lines)), EarthGPT()), label)


def place(item: DrawnObject) -> str:
    """The ninth of the picture that holds the middle of an object."""
    return ninth(item.box, 1, 1)


def _questions(counts: Counter[str], look: str, rng: np.random.Generator) -> Iterator[tuple[str, str, str]]:
    """RSVQA's kinds, and the sensor; as often yes as no where the scene allows it. Third, what a single count
    answers it, or nothing."""
    there = [name for name in ASKED if counts[name]]
    first, second = (ASKED[int(i)] for i in rng.choice(len(ASKED), 2, replace=False))
    if there and rng.random() < 0.5:
        first = there[int(rng.integers(len(there)))]
    yield f"Is there a {first} in the image?", "yes" if counts[first] else "no", first
    if there:
        counted = there[int(rng.integers(len(there)))] if rng.random() < 0.85 else first
        yield (
            f"How many {counted}s are there{' in the image' if rng.random() < 0.3 else ''}?",
            str(counts[counted]),
            counted,
        )
    if there and rng.random() < 0.6:
        pair = [there[int(rng.integers(len(there)))], second]
        first, second = pair if rng.random() < 0.5 else pair[::-1]
    if first != second:
        more = counts[first] > counts[second]
        yield f"Are there more {first}s than {second}s?", "yes" if more else "no", ""
    if rng.random() < 0.5:
        yield "Which sensor took this image?", SENSORS[look], ""


def reminded(first: Turn, turn: Turn) -> Turn:
    """A turn that the model answers after another: the question holds the conversation so far (VI-C).

    >>> reminded(Turn("How many?", "2"), Turn("Where?", "[...]")).question
    'How many?\\n### Assistant: 2\\n### Human: Where?'
    """
    return Turn(f"{first.question}{ASSISTANT} {first.answer}\n{HUMAN}{turn.question}", turn.answer)


def how_many(noun: str, count: int) -> Turn:
    """The count that is asked for before the boxes."""
    question = f"How many {plural(noun)} are there in the image?"
    return Turn(_said(Text(question), EarthGPT()), str(count))


def _said(wants: Wants, dialect: EarthGPT, *regions: Region) -> str:
    return dialect.render(Request("", "", _WHOLE, wants, regions=regions))


def facts_of(shard: Shard, scene: int) -> Facts:
    """The truths of one scene of a shard."""
    from ..harness.datasets.mini import AIRCRAFT, LOOKS, OBJECTS, SCENES

    rows = range(int(shard.offsets[scene]), int(shard.offsets[scene + 1]))
    objects = tuple(
        DrawnObject(
            OBJECTS[int(shard.name[row])],
            AIRCRAFT[int(shard.type[row])] if shard.type[row] >= 0 else "",
            tuple(shard.corners[row].tolist()),
            float(shard.visible[row]),
            False,
            tuple(shard.box[row].tolist()),
        )
        for row in rows
    )
    label = int(shard.label[scene])
    return Facts(SCENES[label] if label >= 0 else None, LOOKS[int(shard.look[scene])], objects)
