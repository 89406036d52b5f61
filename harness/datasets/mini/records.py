"""Questions about a drawn scene with what is true of it: for answers, captions, regions and grounding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

import numpy as np

from ..card import Card
from .captions import caption
from .plan import Shot
from .scene import SENSORS, DrawnObject, Scene

_STREAM = 11  # of random numbers, apart from those of plan and renderer
_REFERENCES = 5  # RSICD, UCM-captions, Sydney, NWPU-Captions and RSITMD have five each
_THIRDS = (
    ("top left", "top", "top right"),
    ("left", "center", "right"),
    ("bottom left", "bottom", "bottom right"),
)


def questions(card: Card, shot: Shot, scene: Scene, seed: int) -> Iterator[Mapping[str, Any]]:
    """The records of one scene, by the card's family; no record where the scene has nothing to ask."""
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((_STREAM, seed, shot.index))))
    held = dict.fromkeys(name for names in card.mini["scenes"].values() for name in names)
    counts = Counter(item.name for item in scene.objects)
    if card.family == "captioning":
        yield from _captions(shot, scene, rng)
    elif str(card.protocol.get("rule", "")).startswith("choice/"):
        yield from _choices(card, shot, rng)
    elif card.family == "vqa":
        yield from _vqa(list(held), counts, scene.look, rng)
    elif card.family == "region_captioning":
        yield from _regions(scene)
    else:
        yield from _grounding(scene, counts, outlines=card.family == "segmentation")


def _captions(shot: Shot, scene: Scene, rng: np.random.Generator) -> Iterator[Mapping[str, Any]]:
    said = [caption(shot.scene, scene.objects, rng) for _ in range(_REFERENCES)]
    yield {"references": said}


def _vqa(
    held: list[str], counts: Counter[str], look: str, rng: np.random.Generator
) -> Iterator[Mapping[str, Any]]:
    """RSVQA's kinds, presence, count and comp, and which sensor it was."""
    first, second = (held[int(i)] for i in rng.choice(len(held), 2, replace=False))
    there = list(counts) or held
    asked = first if rng.random() < 0.5 else there[int(rng.integers(len(there)))]
    yield {
        "question": f"Is there a {asked} in the image?",
        "kind": "presence",
        "truth": "yes" if counts[asked] else "no",
    }
    counted = there[int(rng.integers(len(there)))]
    yield {"question": f"How many {counted}s are there?", "kind": "count", "truth": str(counts[counted])}
    more = counts[first] > counts[second]
    yield {
        "question": f"Are there more {first}s than {second}s?",
        "kind": "comp",
        "truth": "yes" if more else "no",
    }
    yield {"question": "Which sensor took this image?", "kind": "sensor", "truth": SENSORS[look]}


def _choices(card: Card, shot: Shot, rng: np.random.Generator) -> Iterator[Mapping[str, Any]]:
    """Which scene it is, of four."""
    others = [name for name in card.mini["scenes"] if name != shot.scene]
    picked = [others[int(i)] for i in rng.choice(len(others), 3, replace=False)]
    picked.insert(int(rng.integers(4)), shot.scene)
    truth = "ABCD"[picked.index(shot.scene)]
    yield {"question": "What does the image show?", "kind": "scene", "choices": picked, "truth": truth}


def _regions(scene: Scene) -> Iterator[Mapping[str, Any]]:
    for item in scene.objects[:3]:
        yield {
            "region": [round(v, 1) for v in item.box],
            "label": item.name,
            "truth": f"1 {item.name} at the {_place(item, scene)}",
        }


def _grounding(scene: Scene, counts: Counter[str], outlines: bool) -> Iterator[Mapping[str, Any]]:
    """One object that its class, or its class and place, tells from all others; or all objects of a class.

    What is true are boxes, or the `outlines` of the objects by four corners.
    """

    def true(item: DrawnObject) -> list[float]:
        return [round(v, 2) for v in (item.corners if outlines else item.box)]

    for phrase, item in islice(phrases(scene), 1):
        yield {"question": phrase, "kind": "one object", "truth": [true(item)]}
    several = [name for name, count in counts.items() if 2 <= count <= 5]
    if several:
        boxes = [true(item) for item in scene.objects if item.name == several[0]]
        yield {"question": f"all {several[0]}s", "kind": "several objects", "truth": boxes}


def phrases(scene: Scene) -> Iterator[tuple[str, DrawnObject]]:
    """Each object that its class, or its class and place, tells from all others."""
    counts = Counter(item.name for item in scene.objects)
    places = Counter((item.name, _place(item, scene)) for item in scene.objects)
    for item in scene.objects:
        place = _place(item, scene)
        if counts[item.name] == 1 or places[item.name, place] == 1:
            yield f"the {item.name}" + ("" if counts[item.name] == 1 else f" at the {place}"), item


def _place(item: DrawnObject, scene: Scene) -> str:
    height, width = scene.image.shape[:2]
    return ninth(item.box, width, height)


def ninth(box: Sequence[float], width: float, height: float) -> str:
    """The ninth of a picture that holds the middle of a box.

    >>> ninth((80, 10, 100, 20), 100, 100)
    'top right'
    """
    x, y = (box[0] + box[2]) / 2 / width, (box[1] + box[3]) / 2 / height
    return _THIRDS[min(int(3 * y), 2)][min(int(3 * x), 2)]
