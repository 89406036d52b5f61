"""The values the mini renderer returns: a drawn scene and the objects in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

SCENES = (
    "airport",
    "bare land",
    "baseball diamond",
    "beach",
    "bridge",
    "circular farmland",
    "cloud",
    "commercial",
    "desert",
    "forest",
    "golf course",
    "highway",
    "industrial",
    "island",
    "lake",
    "meadow",
    "mountain",
    "overpass",
    "park",
    "parking",
    "playground",
    "port",
    "railway",
    "railway station",
    "rectangular farmland",
    "residential",
    "river",
    "roundabout",
    "runway",
    "snowberg",
    "stadium",
    "storage tank",
    "tennis court",
)
OBJECTS = (
    "airplane",
    "ship",
    "small vehicle",
    "large vehicle",
    "storage tank",
    "tennis court",
    "basketball court",
    "baseball diamond",
    "ground track field",
    "bridge",
    "roundabout",
)
AIRCRAFT = tuple(f"A{number}" for number in range(1, 21))
LOOKS = ("optical", "sar", "infrared")
SENSORS = {"optical": "optical", "sar": "SAR", "infrared": "infrared"}  # looks as they are told

Corners = tuple[float, float, float, float, float, float, float, float]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class DrawnObject:
    """One labelled object.

    ``corners`` are x1, y1, ..., x4, y4 in continuous pixels of the image, clockwise on screen,
    starting at the front left of the object's heading; of an object cut by the image border they
    enclose the part inside. ``box`` is the tight horizontal box (x1, y1, x2, y2) of the same
    drawn part. ``visible`` is the share of the drawn shape that is inside the image and not
    under a cloud or a tree.
    """

    name: str
    type: str
    corners: Corners
    visible: float
    truncated: bool
    box: Box


@dataclass(frozen=True)
class Scene:
    """One drawn image (uint8, height x width x 3) and everything true about it.

    ``ground_sampling_distance`` is in metres per pixel.
    """

    image: npt.NDArray[np.uint8]
    label: str
    look: str
    ground_sampling_distance: float
    objects: tuple[DrawnObject, ...]
    caption: str
