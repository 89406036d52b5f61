"""The mini renderer: overhead scenes drawn from a seed, with exact labels.

It imports numpy, Pillow and scipy, so import it only where scenes are drawn.
"""

from __future__ import annotations

from .draw import draw_scene
from .scene import AIRCRAFT, LOOKS, OBJECTS, SCENES, DrawnObject, Scene

__all__ = ["AIRCRAFT", "LOOKS", "OBJECTS", "SCENES", "DrawnObject", "Scene", "draw_scene"]
