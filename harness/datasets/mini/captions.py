"""One true sentence about a drawn scene."""

from __future__ import annotations

from collections import Counter

import numpy as np

from .scene import DrawnObject

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

# What is said of a class when its objects are not counted; every word holds for every drawing.
_PLAIN: dict[str, tuple[str, ...]] = {
    "airport": ("an airport with a paved apron and taxiways", "part of an airfield"),
    "bare land": ("a piece of rough bare land", "bare brown soil with hardly any plants"),
    "baseball diamond": ("a baseball field with a clay infield", "a baseball diamond on grass"),
    "beach": ("a sandy beach between the sea and the land", "waves rolling onto a beach"),
    "bridge": ("a bridge over a river", "a road that crosses the water on a bridge"),
    "circular farmland": ("round irrigated fields", "circular farmland under centre pivots"),
    "cloud": ("clouds over the ground", "a cloudy sky seen from above"),
    "commercial": ("large flat-roofed buildings along city streets", "a dense commercial area"),
    "desert": ("sand dunes in a desert", "a desert of wavy sand"),
    "forest": ("a dense forest", "closed tree crowns of a forest"),
    "golf course": ("a golf course with fairways and sand bunkers", "greens and bunkers of a golf course"),
    "highway": ("a highway with several lanes each way", "a wide dual carriageway"),
    "industrial": ("large halls of an industrial area", "an industrial area with long roofs"),
    "island": ("an island surrounded by water", "a small island in the sea"),
    "lake": ("a lake surrounded by land", "a closed sheet of water in the land"),
    "meadow": ("a smooth green meadow", "an open meadow"),
    "mountain": ("a mountain range with ridges and valleys", "rugged mountains"),
    "overpass": ("an overpass where two highways cross", "a crossing of roads on two levels"),
    "park": ("a park with lawns, trees and paths", "winding paths through a park"),
    "parking": ("a parking lot with marked bays", "rows of parking bays"),
    "playground": ("a running track around a sports field", "a playground with a running track"),
    "port": ("a port with quays", "a harbour with paved quays"),
    "railway": ("a railway line", "railway tracks through the land"),
    "railway station": ("a railway station with platforms", "platforms and tracks of a station"),
    "rectangular farmland": ("rectangular fields of farmland", "a patchwork of straight fields"),
    "residential": ("houses along the streets of a residential area", "a residential area"),
    "river": ("a winding river", "a river that flows through the land"),
    "roundabout": ("a roundabout where several roads meet", "roads meeting at a roundabout"),
    "runway": ("a runway with white markings", "a long straight runway"),
    "snowberg": ("snow-covered mountains", "mountain ridges under snow"),
    "stadium": ("a stadium with stands around a pitch", "a large oval stadium"),
    "storage tank": ("a tank farm with service roads", "a site for storage tanks"),
    "tennis court": ("tennis courts beside trees", "a tennis ground"),
}
_PLACE = {
    "airport": "at an airport",
    "highway": "on and beside a highway",
    "port": "in a port",
    "parking": "in a parking lot",
    "bridge": "where a road crosses a river",
    "storage tank": "in a tank farm",
}


def caption(
    label: str, objects: tuple[DrawnObject, ...], rng: np.random.Generator, *, first: tuple[str, ...] = ()
) -> str:
    """A sentence naming the scene, with the counts of one or two classes of its objects.

    The classes in ``first`` are told before others, more frequent ones before rarer ones.
    """
    plain = _PLAIN[label][int(rng.integers(len(_PLAIN[label])))]
    pattern, told = rng.integers(3), rng.integers(1, 3)
    counts = Counter(item.name for item in objects)
    order = sorted(counts, key=lambda name: (name not in first, -counts[name], name))[:told]
    if not order:
        text = (f"this image shows {plain}", f"{_there(plain)} {plain}", plain)[pattern]
    else:
        number = " and ".join(counted(name, counts[name]) for name in order)
        verb = "is" if counts[order[0]] == 1 and len(order) == 1 else "are"
        place = _PLACE.get(label, f"in this image of {plain}")
        text = (
            f"{number} {verb} {place}",
            f"there {'is' if counts[order[0]] == 1 else 'are'} {number} {place}",
            f"this image shows {plain}, with {number} in view",
        )[pattern]
    return text[0].upper() + text[1:] + "."


def counted(name: str, count: int) -> str:
    """A count in words with the noun in the right number."""
    number = _NUMBERS[count] if count < len(_NUMBERS) else str(count)
    return f"{number} {name}" if count == 1 else f"{number} {name}s"


def _there(plain: str) -> str:
    return "there is" if plain.startswith(("a ", "an ", "part")) else "there are"
