"""Which recipe draws which scene class, and at which ground sampling distances."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import (
    scenes_air,
    scenes_built,
    scenes_fields,
    scenes_nature,
    scenes_roads,
    scenes_sport,
    scenes_water,
)
from .canvas import Canvas


@dataclass(frozen=True)
class Recipe:
    """How to draw a class.

    ``finest`` and ``coarsest`` are metres per pixel of a 256-pixel image. A class that shows one
    thing (``single``) keeps that thing's share of the image at any size; the others show more
    ground in a larger image. ``holds`` names the objects the class is good for.
    """

    draw: Callable[[Canvas], None]
    finest: float
    coarsest: float
    single: bool = False
    holds: tuple[str, ...] = ()


RECIPES: dict[str, Recipe] = {
    "airport": Recipe(scenes_air.airport, 0.5, 1.25, holds=("airplane",)),
    "bare land": Recipe(scenes_nature.bare_land, 0.5, 2.0),
    "baseball diamond": Recipe(scenes_sport.baseball_diamond, 0.45, 0.75, True, ("baseball diamond",)),
    "beach": Recipe(scenes_water.beach, 0.4, 1.2),
    "bridge": Recipe(scenes_water.bridge, 0.5, 1.1, True, ("bridge",)),
    "circular farmland": Recipe(scenes_fields.circular_farmland, 2.0, 10.0),
    "cloud": Recipe(scenes_nature.cloud, 5.0, 30.0),
    "commercial": Recipe(scenes_built.commercial, 0.5, 1.0),
    "desert": Recipe(scenes_nature.desert, 1.0, 10.0),
    "forest": Recipe(scenes_nature.forest, 0.8, 2.5),
    "golf course": Recipe(scenes_sport.golf_course, 0.8, 1.8),
    "highway": Recipe(scenes_roads.highway, 0.3, 0.75, holds=("small vehicle", "large vehicle")),
    "industrial": Recipe(scenes_built.industrial, 0.5, 1.1),
    "island": Recipe(scenes_water.island, 0.8, 4.0),
    "lake": Recipe(scenes_water.lake, 0.8, 3.0),
    "meadow": Recipe(scenes_nature.meadow, 0.5, 2.0),
    "mountain": Recipe(scenes_nature.mountain, 5.0, 30.0),
    "overpass": Recipe(scenes_roads.overpass, 0.45, 0.8),
    "park": Recipe(scenes_sport.park, 0.5, 1.0),
    "parking": Recipe(scenes_roads.parking, 0.22, 0.5, holds=("small vehicle",)),
    "playground": Recipe(scenes_sport.playground, 0.75, 1.05, True, ("ground track field",)),
    "port": Recipe(scenes_water.port, 0.6, 1.4, holds=("ship",)),
    "railway": Recipe(scenes_roads.railway, 0.25, 0.6),
    "railway station": Recipe(scenes_roads.railway_station, 0.45, 0.8),
    "rectangular farmland": Recipe(scenes_fields.rectangular_farmland, 0.8, 4.0),
    "residential": Recipe(scenes_built.residential, 0.4, 0.9),
    "river": Recipe(scenes_water.river, 0.8, 4.0),
    "roundabout": Recipe(scenes_roads.roundabout, 0.35, 0.6, True, ("roundabout",)),
    "runway": Recipe(scenes_air.runway, 0.8, 1.8),
    "snowberg": Recipe(scenes_nature.snowberg, 5.0, 30.0),
    "stadium": Recipe(scenes_sport.stadium, 0.95, 1.3, True),
    "storage tank": Recipe(scenes_built.storage_tank, 0.5, 1.2, holds=("storage tank",)),
    "tennis court": Recipe(scenes_sport.tennis_court, 0.25, 0.55, holds=("tennis court", "basketball court")),
}
