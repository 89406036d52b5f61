"""Questions about a drawn scene by topic, in a benchmark's own words and under its own kinds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ...geometry import areas
from ..card import Card
from .plan import Shot
from .records import ninth
from .scene import SENSORS, Scene

_STREAM = 13  # of random numbers, apart from those of plan, renderer and records
_OPEN_LAND = frozenset(
    (
        "bare land", "beach", "circular farmland", "cloud", "desert", "forest", "island", "lake", "meadow",
        "mountain", "rectangular farmland", "river", "snowberg",
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and its true answer; `kind` is the benchmark's, `topic` ours."""

    kind: str
    topic: str
    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class View:
    """A scene, what may stand in it, how often each does, and a source of chance."""

    scene: Scene
    label: str
    held: tuple[str, ...]
    counts: Counter[str]
    rng: np.random.Generator

    def thing(self, there: float = 0.5) -> str:
        """A class that may stand in the scene: one that does, with a chance of at least `there`."""
        present = list(self.counts)
        names = present if present and self.rng.random() < there else self.held
        return names[int(self.rng.integers(len(names)))]


Topic = Callable[
    [View], tuple[str, dict[str, str]] | None
]  # the answer, and words to fill in; None: no question


def asked(card: Card, shot: Shot, scene: Scene, seed: int) -> Iterator[Asked]:
    """The questions of a card's miniature about a scene; those that the scene has no answer to are left out.

    `mini.asks` in the card: kind -> [topic, words], or a list of such pairs. `{thing}` and `{other}` in the
    words are classes of objects.
    """
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence((_STREAM, seed, shot.index))))
    held = tuple(dict.fromkeys(name for names in card.mini["scenes"].values() for name in names))
    view = View(scene, shot.scene, held, Counter(item.name for item in scene.objects), rng)
    for kind, pairs in card.mini["asks"].items():
        for topic, words in [pairs] if isinstance(pairs[0], str) else pairs:
            if found := TOPICS[topic](view):
                answer, names = found
                yield Asked(kind, topic, words.format_map(names), answer)


def _presence(view: View) -> tuple[str, dict[str, str]]:
    thing = view.thing()
    return _yes(view.counts[thing] > 0), {"thing": thing}


def _count(view: View) -> tuple[str, dict[str, str]]:
    thing = view.thing(0.9)
    return str(view.counts[thing]), {"thing": thing}


def _whole_count(view: View) -> tuple[str, dict[str, str]]:
    thing = view.thing(0.9)
    whole = sum(item.name == thing and not item.truncated for item in view.scene.objects)
    return str(whole), {"thing": thing}


def _more(view: View) -> tuple[str, dict[str, str]]:
    thing = view.thing(0.7)
    others = [name for name in view.held if name != thing]
    other = others[int(view.rng.integers(len(others)))]
    return _yes(view.counts[thing] > view.counts[other]), {"thing": thing, "other": other}


def _area(view: View) -> tuple[str, dict[str, str]]:
    """Square metres, without the rest, as RSVQA counts them; what objects share is counted twice."""
    thing = view.thing(0.8)
    drawn = [item.corners for item in view.scene.objects if item.name == thing]
    pixels = float(areas(drawn).sum()) if drawn else 0.0
    return f"{int(pixels * view.scene.ground_sampling_distance**2)}m2", {"thing": thing}


def _theme(view: View) -> tuple[str, dict[str, str]]:
    return view.label, {}


def _settled(view: View) -> tuple[str, dict[str, str]]:
    return "rural" if view.label in _OPEN_LAND else "urban", {}


def _sky(view: View) -> tuple[str, dict[str, str]]:
    return "cloudy" if view.label == "cloud" else "clear", {}


def _sensor(view: View) -> tuple[str, dict[str, str]]:
    return SENSORS[view.scene.look], {}


def _place(view: View) -> tuple[str, dict[str, str]] | None:
    """Where the one object of its class lies."""
    height, width = view.scene.image.shape[:2]
    for item in view.scene.objects:
        if view.counts[item.name] == 1:
            return ninth(item.box, width, height), {"thing": item.name}
    return None


def _most(view: View) -> tuple[str, dict[str, str]] | None:
    """The class of most objects, where there is one."""
    common = view.counts.most_common(2)
    if not common or (len(common) == 2 and common[0][1] == common[1][1]):
        return None
    return common[0][0], {}


def _whole(view: View) -> tuple[str, dict[str, str]] | None:
    """Whether the one object of its class is cut by the border."""
    for item in view.scene.objects:
        if view.counts[item.name] == 1:
            return _yes(not item.truncated), {"thing": item.name}
    return None


def _yes(value: bool) -> str:
    return "yes" if value else "no"


TOPICS: Mapping[str, Topic] = {
    "presence": _presence,
    "count": _count,
    "whole_count": _whole_count,
    "more": _more,
    "area": _area,
    "theme": _theme,
    "settled": _settled,
    "sky": _sky,
    "sensor": _sensor,
    "place": _place,
    "most": _most,
    "whole": _whole,
}
