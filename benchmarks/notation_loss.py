"""What a notation costs: IoU of boxes with themselves, written and read, by dialect and object size.

    python benchmarks/notation_loss.py
    python benchmarks/notation_loss.py --dialects earthgpt,decimals=3 qwen,generation=3 --side 512

Objects lie anywhere in a square picture, both sides within a quarter of the size in the column; oriented ones
turn by any angle. The picture is what each dialect declares that its models see of it.
"""

from __future__ import annotations

import argparse
import math
from typing import Any

import numpy as np

from rsbench.harness.contract import Boxes, Region, Target
from rsbench.harness.geometry import from_rotated, hull, iou
from rsbench.harness.plan import build_dialect
from rsbench.harness.registry import names

SIZES = (8, 16, 32, 64, 128)  # pixels
VARIANTS = {
    "qwen": ("qwen,generation=2", "qwen", "qwen,generation=3"),
    "rscovlm": ("rscovlm", "rscovlm,box=obb"),
    "earthgpt": ("earthgpt", "earthgpt,decimals=3"),
}


def main() -> None:
    """Print a table: a row for each dialect and kind of box."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--side", type=int, default=800, help="side of the picture in pixels")
    parser.add_argument("--objects", type=int, default=300, help="objects a size and kind")
    parser.add_argument("--dialects", nargs="+", help="all that are listed, if none is named")
    options = parser.parse_args()
    spoken = options.dialects or [text for name in names("dialects") for text in VARIANTS.get(name, (name,))]
    print(f"picture of {options.side} x {options.side} pixels, {options.objects} objects a cell: mean IoU\n")
    print(f"| dialect | boxes | {' | '.join(f'{size} px' for size in SIZES)} |")
    print(f"|---|---|{'---|' * len(SIZES)}")
    for text in spoken:
        for oriented in (False, True):
            means = [overlaps(text, size, oriented, options.side, options.objects).mean() for size in SIZES]
            cells = " | ".join(f"{mean:.3f}" for mean in means)
            print(f"| `{text}` | {'OBB' if oriented else 'HBB'} | {cells} |", flush=True)


def overlaps(
    text: str, size: float, oriented: bool, side: int, count: int, seed: int = 0
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """IoU of each of `count` objects with what is read of it; 0 where nothing is."""
    rng = np.random.default_rng([seed, oriented, int(size)])
    dialect: Any = build_dialect(text)
    frame, wants = dialect.frame((side, side)), Boxes(("ship",), oriented)
    found = np.zeros(count)
    for i in range(count):
        w, h = size * rng.uniform(0.75, 1.25, 2)
        margin = math.hypot(w, h) / 2
        cx, cy = rng.uniform(margin, side - margin, 2)
        points = from_rotated(cx, cy, w, h, rng.uniform(0, math.pi) if oriented else 0.0)
        points = points if oriented else hull(points)
        answer = dialect.express(Target(regions=(Region(points, "ship"),)), wants, frame)
        regions = dialect.parse(answer, wants, frame).regions
        found[i] = iou([points], [regions[0].points])[0, 0] if regions else 0.0
    return found


if __name__ == "__main__":
    main()
