"""The canvas a scene is drawn on: finer than the image, told materials and not colours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from . import shapes, terrain
from .palettes import Palette
from .shapes import Points

FINER = 3  # canvas pixels per image pixel, each way


@dataclass(frozen=True)
class Draft:
    """An object as it was drawn: its parts (polygons in image pixels) and its heading."""

    name: str
    type: str
    parts: tuple[Points, ...]
    heading: float


class Canvas:
    """What recipes draw on, in pixels of the final image; ``metres`` turns metres into these.

    It knows the sensor, so a recipe says "a building here" and the canvas adds the shadow of the
    sun, or the layover and radar shadow, or neither.
    """

    def __init__(
        self,
        rng: np.random.Generator,
        size: int,
        ground_sampling_distance: float,
        look: str,
        palette: Palette,
        *,
        density: float = 1.0,
        wanted: Mapping[str, tuple[int, int]] | None = None,
    ) -> None:
        self.rng, self.size, self.look, self.palette = rng, size, look, palette
        self.ground_sampling_distance, self.density = ground_sampling_distance, density
        self.light = float(rng.uniform(0, 2 * np.pi))
        self.shadow_length = float(rng.uniform(0.4, 1.1) if look != "sar" else rng.uniform(0.7, 1.3))
        self.shadow_alpha = {"optical": int(rng.uniform(90, 150)), "sar": 225}.get(look, 26)
        self.drafts: list[Draft] = []
        self.wanted = {name: _drawn_count(rng, span) for name, span in (wanted or {}).items()}
        self.image = Image.new("RGB", (size * FINER, size * FINER))
        self.draw = ImageDraw.Draw(self.image)
        self.veil = ImageDraw.Draw(self.image, "RGBA")
        self.solids: list[Points] = []
        self.cover = Image.new("L", (size, size))
        self.cover_draw = ImageDraw.Draw(self.cover)

    def metres(self, length: float) -> float:
        """A length on the ground in pixels."""
        return length / self.ground_sampling_distance

    def chance(self, probability: float) -> bool:
        """True with the given probability."""
        return bool(self.rng.random() < probability)

    def pick(self, *materials: str) -> str:
        """One of the materials."""
        return materials[int(self.rng.integers(len(materials)))]

    def between(self, low: float, high: float) -> float:
        """A uniform number."""
        return float(self.rng.uniform(low, high))

    def number(self, low: int, high: int) -> int:
        """A whole number from low to high."""
        return int(self.rng.integers(low, high + 1))

    def pick_angle(self) -> float:
        """An angle, more often than not nearly along the image."""
        if self.chance(0.5):
            return self.between(-0.1, 0.1)
        return self.between(0, np.pi / 2)

    # -- ground ---------------------------------------------------------------------------------

    def ground(self, pixels: npt.NDArray[np.floating]) -> None:
        """Cover everything with an image (H, W, 3) of floats 0..255."""
        self.image.paste(self._scaled(pixels))

    def textured(self, material: str, texture: terrain.Field | float = 1.0) -> terrain.Field:
        """The material's colour times a texture (H, W) about 1: (H, W, 3)."""
        field = np.broadcast_to(np.asarray(texture, np.float32), (self.size, self.size))
        red, green, blue = self.palette.rgb(material).astype(np.float32)
        return np.stack([field * red, field * green, field * blue]).transpose(1, 2, 0)

    def patch(self, outline: Points, pixels: npt.NDArray[np.floating]) -> None:
        """Fill a polygon with an image (H, W, 3)."""
        left, top, right, bottom = self._bounds(outline)
        if left < right and top < bottom:
            self._fill(outline, pixels[top:bottom, left:right], left, top)

    def crop(self, outline: Points, material: str, texture: terrain.Field, shade: float = 1.0) -> None:
        """Fill a polygon with a material times a texture (H, W) about 1."""
        left, top, right, bottom = self._bounds(outline)
        if left < right and top < bottom:
            colour = (self.palette.rgb(material) * shade).astype(np.float32)
            pixels = texture[top:bottom, left:right, None] * colour
            self._fill(outline, pixels, left, top)

    def _bounds(self, outline: Points) -> tuple[int, int, int, int]:
        left, top = np.clip(np.floor(outline.min(0)), 0, self.size).astype(int).tolist()
        right, bottom = np.clip(np.ceil(outline.max(0)) + 1, 0, self.size).astype(int).tolist()
        return left, top, right, bottom

    def _fill(self, outline: Points, pixels: npt.NDArray[np.floating], left: int, top: int) -> None:
        scaled = self._scaled(pixels)
        mask = Image.new("L", scaled.size)
        ImageDraw.Draw(mask).polygon(_flat(outline - (left, top)), fill=255)
        self.image.paste(scaled, (left * FINER, top * FINER), mask)

    def _scaled(self, pixels: npt.NDArray[np.floating]) -> Image.Image:
        small = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
        return small.resize((small.width * FINER, small.height * FINER), Image.Resampling.NEAREST)

    # -- figures --------------------------------------------------------------------------------

    def polygon(self, points: Points, material: str, shade: float = 1.0) -> None:
        """A filled polygon."""
        self.draw.polygon(_flat(points), fill=self.palette.colour(material, shade))

    def disc(
        self, centre: Points | Sequence[float], radius: float, material: str, shade: float = 1.0
    ) -> None:
        """A filled circle."""
        x, y = float(centre[0]) * FINER - 0.5, float(centre[1]) * FINER - 0.5
        r = radius * FINER - 0.5
        if r < 0.5:
            self.draw.point((x, y), fill=self.palette.colour(material, shade))
        else:
            self.draw.ellipse((x - r, y - r, x + r, y + r), fill=self.palette.colour(material, shade))

    def line(self, points: Points, material: str, width: float, shade: float = 1.0) -> None:
        """A line; ``width`` in image pixels, never thinner than the canvas can show."""
        thickness = max(1, round(width * FINER))
        self.draw.line(_flat(points), self.palette.colour(material, shade), thickness)

    def outline(self, points: Points, material: str, width: float, shade: float = 1.0) -> None:
        """A closed line."""
        self.line(np.concatenate([points, points[:1]]), material, width, shade)

    def dashes(
        self, path: Points, material: str, width: float, dash: float, gap: float, start: float = 0.0
    ) -> None:
        """A broken line."""
        for point, heading in shapes.along(path, dash + gap, start):
            if self.inside(point, dash):
                half = shapes.direction(heading) * dash / 2
                self.line(np.array([point - half, point + half]), material, width)

    def road(self, path: Points, width: float, material: str = "asphalt") -> None:
        """A band of one material along a path."""
        self.polygon(shapes.ribbon(path, width), material)

    # -- things that stand up -------------------------------------------------------------------

    @property
    def away(self) -> Points:
        """The way shadows fall: from the sun, or from the radar."""
        return shapes.direction(self.light)

    def shadow(self, points: Points, height: float) -> None:
        """The shadow on the ground of a convex body ``height`` metres high."""
        fall = self.away * self.metres(height) * self.shadow_length
        low = height < 4 or len(points) > 12  # then the moved outline shows no gap
        cast = points + fall if low else shapes.hull(np.concatenate([points, points + fall]))
        self.veil.polygon(_flat(cast), fill=(0, 0, 0, self.shadow_alpha))

    def cast(self, parts: Sequence[Points], height: float) -> None:
        """The shadow of a body of any form, given by its parts, lying ``height`` metres up."""
        fall = self.away * self.metres(height) * self.shadow_length
        moved = [(part + fall) * FINER for part in parts]
        everything = np.concatenate(moved)
        left, top = np.maximum(np.floor(everything.min(0)), 0).astype(int).tolist()
        right, bottom = np.minimum(np.ceil(everything.max(0)) + 1, self.image.width).tolist()
        if right <= left or bottom <= top:
            return
        mask = Image.new("L", (int(right) - left, int(bottom) - top))
        pen = ImageDraw.Draw(mask)
        for part in moved:
            pen.polygon((part - (left, top)).ravel().tolist(), fill=self.shadow_alpha)
        self.image.paste((0, 0, 0), (left, top), mask)

    def raised(
        self, points: Points, height: float, material: str, shade: float = 1.0, *, lean: float = 0.0
    ) -> None:
        """A convex body: shadow, layover towards a radar, roof, and its lit edges.

        ``lean`` limits the layover to this many pixels.
        """
        self.shadow(points, height)
        if height > 6 and len(points) == 4:
            self.solids.append(points)
        if self.look == "sar":
            reach = min(self.metres(height) * 0.5, lean)
            if reach > 0:
                laid = shapes.hull(np.concatenate([points, points - self.away * reach]))
                self.polygon(laid, material, 1.15)
        self.polygon(points, material, shade)
        if self.look == "sar":
            self.bright_edges(points)

    def bright_edges(self, points: Points) -> None:
        """The edges that face the radar, very bright: the double bounce at the foot of a wall."""
        middle = points.mean(0)
        for here, there in zip(points, np.roll(points, -1, 0), strict=True):
            if ((here + there) / 2 - middle) @ self.away < -0.3 * np.hypot(*(there - here)) / 2:
                # drawn a little inside, so that a labelled body keeps its outline
                pulled = np.array([here, there]) * 0.93 + middle * 0.07
                self.line(pulled, "metal", 0.7, 1.25)

    def glints(self, points: Points, count: int) -> None:
        """Bright points of metal inside a body, for a radar only."""
        if self.look != "sar":
            return
        share = self.rng.random((count, len(points))) ** 3
        share *= 0.9 / share.sum(1, keepdims=True)
        for spot in share @ points + 0.1 * points.mean(0):
            self.disc(spot, 0.55, "metal", 1.35)

    def tree(self, centre: Points, radius: float, *, over: bool = False) -> None:
        """One tree; ``over`` when its crown may hide an object."""
        material = "tree" if self.rng.random() < 0.7 else "light tree"
        if self.shadow_alpha > 60:
            x, y = (centre + self.away * radius * 0.7) * FINER
            r = radius * FINER
            self.veil.ellipse((x - r, y - r, x + r, y + r), fill=(0, 0, 0, self.shadow_alpha))
        self.disc(centre, radius, material, 0.88)
        self.disc(centre - self.away * radius * 0.25, radius * 0.62, material, 1.08)
        if over:
            x, y = centre
            self.cover_draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)

    # -- objects --------------------------------------------------------------------------------

    def room(self, name: str) -> bool:
        """Whether one more object of the class is wanted."""
        return name not in self.wanted or self.count(name) < self.wanted[name]

    def count(self, name: str) -> int:
        """How many objects of the class have been drawn."""
        return sum(draft.name == name for draft in self.drafts)

    def add(self, name: str, parts: Sequence[Points], heading: float, kind: str = "") -> None:
        """Record a drawn object for its label."""
        self.drafts.append(Draft(name, kind, tuple(parts), heading))

    def forget(self, zone: Points) -> None:
        """Drop objects whose middle something drawn later over a convex zone has hidden."""
        edges = np.roll(zone, -1, 0) - zone

        def hidden(draft: Draft) -> bool:
            offset = np.concatenate(draft.parts).mean(0) - zone
            return bool(np.all(edges[:, 0] * offset[:, 1] - edges[:, 1] * offset[:, 0] >= 0))

        self.drafts = [draft for draft in self.drafts if not hidden(draft)]

    def inside(self, point: Points, margin: float = 0.0) -> bool:
        """Whether a point is in the image or at most ``margin`` outside it."""
        low, high = -margin, self.size + margin
        return bool(low < point[0] < high and low < point[1] < high)


def _flat(points: Points) -> list[float]:
    flat: list[float] = np.rint(points.ravel() * FINER - 0.5).tolist()
    return flat


def _drawn_count(rng: np.random.Generator, span: tuple[int, int]) -> int:
    return int(rng.integers(span[0], span[1] + 1))
