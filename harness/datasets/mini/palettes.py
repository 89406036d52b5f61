"""What each ground material looks like to each sensor, with the variation from scene to scene."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

# Columns: optical red, green, blue (0..255); radar amplitude and thermal brightness (0..100).
MATERIALS: dict[str, tuple[int, int, int, int, int]] = {
    "grass": (92, 118, 64, 30, 40),
    "lawn": (104, 142, 70, 27, 38),
    "meadow": (122, 152, 78, 26, 42),
    "fairway": (126, 164, 84, 20, 38),
    "green": (150, 190, 104, 15, 34),
    "dry grass": (158, 148, 98, 27, 50),
    "soil": (150, 116, 84, 22, 60),
    "pale soil": (178, 156, 128, 20, 64),
    "dark soil": (112, 90, 70, 30, 50),
    "sand": (216, 190, 142, 14, 66),
    "dune": (206, 164, 104, 17, 70),
    "rock": (138, 126, 114, 40, 56),
    "snow": (236, 241, 246, 34, 14),
    "water": (44, 82, 104, 6, 22),
    "deep water": (24, 54, 90, 5, 18),
    "shallow water": (74, 150, 156, 8, 26),
    "foam": (226, 234, 234, 36, 28),
    "forest": (50, 80, 42, 46, 32),
    "tree": (56, 86, 44, 58, 30),
    "light tree": (84, 112, 56, 55, 32),
    "asphalt": (88, 88, 92, 11, 68),
    "old asphalt": (120, 118, 114, 13, 64),
    "concrete": (176, 172, 164, 16, 60),
    "pavement": (158, 154, 146, 20, 58),
    "path": (196, 182, 154, 18, 56),
    "marking": (236, 236, 230, 15, 62),
    "yellow marking": (222, 190, 80, 13, 64),
    "red roof": (168, 88, 66, 52, 74),
    "brown roof": (128, 98, 80, 50, 58),
    "grey roof": (146, 148, 152, 54, 60),
    "dark roof": (86, 86, 92, 50, 82),
    "white roof": (224, 224, 220, 58, 34),
    "blue roof": (74, 122, 182, 60, 56),
    "tank": (228, 228, 222, 66, 28),
    "tank rim": (168, 168, 164, 92, 24),
    "rust": (158, 98, 66, 60, 40),
    "container red": (178, 66, 52, 80, 70),
    "container blue": (52, 92, 156, 80, 44),
    "container green": (62, 124, 92, 80, 38),
    "container orange": (214, 132, 56, 80, 62),
    "metal": (196, 200, 204, 84, 50),
    "white paint": (232, 232, 230, 84, 46),
    "black paint": (46, 46, 50, 80, 74),
    "silver paint": (172, 176, 180, 84, 56),
    "red paint": (168, 46, 42, 82, 60),
    "blue paint": (50, 80, 140, 82, 60),
    "yellow paint": (218, 180, 60, 82, 56),
    "glass": (58, 70, 84, 40, 36),
    "hot": (70, 68, 68, 92, 98),
    "hull": (92, 92, 100, 76, 50),
    "red hull": (140, 60, 50, 78, 52),
    "deck": (172, 164, 150, 72, 54),
    "navy": (140, 148, 156, 82, 50),
    "light airframe": (214, 218, 220, 80, 28),
    "mid airframe": (168, 174, 180, 76, 32),
    "dark airframe": (102, 106, 108, 74, 82),
    "blue airframe": (134, 156, 178, 78, 30),
    "olive airframe": (112, 116, 92, 74, 78),
    "silver airframe": (194, 196, 192, 82, 24),
    "hard court": (58, 104, 148, 15, 76),
    "green court": (70, 128, 96, 15, 74),
    "clay": (184, 104, 66, 20, 80),
    "infield": (186, 136, 92, 21, 60),
    "track": (178, 80, 62, 17, 80),
    "pitch": (86, 144, 66, 22, 34),
    "seats": (150, 154, 172, 62, 66),
    "blue seats": (64, 92, 158, 62, 54),
    "red seats": (168, 70, 66, 62, 56),
    "ballast": (128, 116, 106, 32, 62),
    "rail": (186, 176, 168, 82, 40),
    "sleeper": (88, 78, 70, 38, 58),
    "crop green": (84, 132, 62, 40, 36),
    "crop light": (148, 172, 88, 26, 44),
    "crop dark": (54, 96, 54, 52, 30),
    "crop yellow": (206, 190, 104, 18, 54),
    "crop ripe": (190, 164, 104, 22, 62),
    "cloud": (242, 244, 247, 22, 10),
}
PLANTS = frozenset(
    ("grass", "lawn", "meadow", "fairway", "green", "dry grass", "forest", "tree", "light tree")
    + ("crop green", "crop light", "crop dark", "pitch")
)

Colour = tuple[int, int, int]


class Palette:
    """The colours of one scene: the table above under this scene's light, season and sensor."""

    def __init__(self, rng: np.random.Generator, look: str, *, shifted: bool) -> None:
        names = list(MATERIALS)
        table = np.array(list(MATERIALS.values()), dtype=np.float64)
        wobble = rng.normal(0.0, 1.0, (len(names), 3))
        light = rng.normal(0.0, 1.0, 6)
        if look == "optical":
            colours = _optical(table[:, :3], names, wobble, light, shifted=shifted)
        else:
            grey = table[:, 3 if look == "sar" else 4] * 2.55
            spread = 0.16 if shifted else 0.1
            grey = grey * (1 + spread * wobble[:, 0]) + 5 * wobble[:, 1] * (look == "infrared")
            if look == "infrared":
                # Day, evening and night order ground temperatures differently: flatten at random.
                keep = 0.55 + 0.4 / (1 + np.exp(-light[0])) - 0.2 * shifted
                grey = 120 + (grey - 120) * keep + 8 * light[1]
            colours = np.repeat(grey[:, None], 3, axis=1)
        limited = np.clip(colours, 3, 252)
        self._colours: dict[str, npt.NDArray[np.float64]] = dict(zip(names, limited, strict=True))
        self._paints = {name: colour.tolist() for name, colour in self._colours.items()}

    def rgb(self, material: str) -> npt.NDArray[np.float64]:
        """The material's colour as three floats 0..255."""
        return self._colours[material]

    def colour(self, material: str, shade: float = 1.0) -> Colour:
        """The material's colour times ``shade``, as Pillow wants it."""
        red, green, blue = (min(max(int(c * shade), 2), 255) for c in self._paints[material])
        return red, green, blue


def _optical(
    table: npt.NDArray[np.float64],
    names: list[str],
    wobble: npt.NDArray[np.float64],
    light: npt.NDArray[np.float64],
    *,
    shifted: bool,
) -> npt.NDArray[np.float64]:
    common = wobble[:, :1]
    vivid = np.ptp(table, axis=1, keepdims=True) / table.max(1, keepdims=True)
    colours = table * (1 + 0.07 * common + (0.012 + 0.05 * vivid) * wobble)
    plants = np.array([name in PLANTS for name in names])
    season = 0.16 * light[0] + (0.3 if shifted else 0.0)
    autumn = np.array([1 + 0.9 * season, 1 - 0.1 * season, 1 - 0.2 * season])
    colours[plants] *= np.maximum(autumn, 0.5)
    tint = 1 + 0.022 * light[2:5] + (np.array([0.07, -0.03, -0.12]) if shifted else 0.0)
    colours = colours * tint * (1 + 0.1 * light[1])
    haze = 0.06 * abs(light[5]) + (0.12 if shifted else 0.0)
    hazy: npt.NDArray[np.float64] = colours * (1 - haze) + 178 * haze
    return hazy
