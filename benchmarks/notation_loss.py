"""What EarthGPT's notation costs: IoU of boxes with themselves after being written and read, by object size.

    python benchmarks/notation_loss.py

Objects lie anywhere in a square image, sides of ratio 1 to 3, oriented ones at any angle.
"""

from __future__ import annotations

import argparse
import math

import numpy as np

from rsbench.harness.contract import Boxes, Frame, Region, Target
from rsbench.harness.dialects.earthgpt import EarthGPT
from rsbench.harness.geometry import from_rotated, hull, iou

EDGES = (
    0.005,
    0.01,
    0.02,
    0.04,
    0.08,
    0.16,
    0.32,
)  # square root of an object's area, parts of the image's side


def main() -> None:
    """Print a table for each number of decimals."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--side", type=int, default=800, help="side of the image in pixels")
    parser.add_argument("--objects", type=int, default=500, help="objects a size and kind")
    parser.add_argument("--decimals", type=int, nargs="+", default=[2, 3])
    options = parser.parse_args()
    for decimals in options.decimals:
        print(f"\n{decimals} decimals, image of {options.side} pixels, {options.objects} objects a row")
        print(
            f"{'size in pixels':>16} {'kind':>5} {'mean IoU':>9} {'IoU>=.5':>8} {'IoU>=.75':>9} {'lost':>6}"
        )
        for low, high in zip(EDGES, EDGES[1:], strict=False):
            for oriented in (False, True):
                found = overlaps(low, high, oriented, decimals, options.side, options.objects)
                size = f"{low * options.side:.1f} to {high * options.side:.1f}"
                row = [found.mean(), (found >= 0.5).mean(), (found >= 0.75).mean(), (found == 0).mean()]
                cells = " ".join(f"{v:>{n}.3f}" for v, n in zip(row, (9, 8, 9, 6), strict=True))
                print(f"{size:>16} {'OBB' if oriented else 'HBB':>5} {cells}")


def overlaps(
    low: float, high: float, oriented: bool, decimals: int, side: int, count: int, seed: int = 0
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """IoU of each of `count` objects with what is read of it; 0 where nothing is."""
    rng = np.random.default_rng([seed, decimals, oriented, int(low * 1e6)])
    dialect, wants, frame = EarthGPT(decimals=decimals), Boxes(("ship",), oriented), Frame.plain(side, side)
    found = np.zeros(count)
    for i in range(count):
        size = math.exp(rng.uniform(math.log(low), math.log(high))) * side
        ratio = math.sqrt(rng.uniform(1, 3))
        w, h = (size * ratio, size / ratio) if rng.uniform() < 0.5 else (size / ratio, size * ratio)
        margin = math.hypot(w, h) / 2
        cx, cy = rng.uniform(margin, side - margin, 2)
        points = from_rotated(cx, cy, w, h, rng.uniform(0, math.pi) if oriented else 0.0)
        points = points if oriented else hull(points)
        text = dialect.express(Target(regions=(Region(points, "ship"),)), wants, frame)
        regions = dialect.parse(text, wants, frame).regions
        found[i] = iou([points], [regions[0].points])[0, 0] if regions else 0.0
    return found


if __name__ == "__main__":
    main()
