"""How fast mini scenes are drawn, beside Pillow's own work on the same images in the same run.

    python benchmarks/mini_rendering.py --scenes 1000

The peer encodes each drawn image as JPEG and decodes it again. Both are timed in processor seconds of this
one process, scene by scene in turn, so a busy machine slows both alike.
"""

from __future__ import annotations

import argparse
import time
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from rsbench.harness.datasets.mini import draw_scene


def recoded(image: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The image after a JPEG round trip."""
    store = BytesIO()
    Image.fromarray(image).save(store, "JPEG", quality=90)
    return np.asarray(Image.open(store).convert("RGB"))


def main() -> None:
    """Draw the scenes, recode them, and print both rates and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--scenes", type=int, default=1000)
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    drawing, recoding = 0.0, 0.0
    for index in range(arguments.scenes):
        began = time.process_time()
        scene = draw_scene(None, seed=arguments.seed, index=index, size=arguments.size)
        drawn = time.process_time()
        recoded(scene.image)
        drawing += drawn - began
        recoding += time.process_time() - drawn
    count = arguments.scenes
    print(f"drawing        {count / drawing:8.1f} images/s  ({drawing:.1f} s for {count})")
    print(f"JPEG round trip{count / recoding:8.1f} images/s  ({recoding:.1f} s for {count})")
    print(f"a scene costs as much as {drawing / recoding:.2f} JPEG round trips of the same image")


if __name__ == "__main__":
    main()
