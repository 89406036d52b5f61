"""What the pages of a report cost: time to write them, size of the folder, time to open them in Chromium.

    python benchmarks/pages.py --images 2511

A data set as large as MAR20's test split is made of the miniature's scenes, enlarged to MAR20's usual 800
pixels and with noise of a sensor added, so that they do not compress better than photographs; the adapter
`random` answers. Only `rsbench report RUN --html` is timed, in a process of its own, and then every page in a
fresh window: until its load event, and until the first sample is drawn.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from rsbench.harness.contract import Sample
from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.open import open_dataset

if TYPE_CHECKING:
    from playwright.sync_api import Browser

SIDE, NOISE = 800, 6.0  # pixels; levels of 255
REPEATS = 5
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--images", type=int, default=2511)
    parser.add_argument("--thumbnails", type=int, default=320)
    parser.add_argument("--keep", type=Path, help="A folder for data, run and pages; else they are removed.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.keep or Path(scratch)
        data, runs = folder / "MAR20", folder / "runs"
        if not data.is_dir():
            enlarged(data, options.images, folder / "mini")
        if not runs.is_dir():
            rsbench(
                "run", "--model", "random", "--tasks", "mar20", "--data", str(data), "--output", str(runs)
            )
        (run,) = runs.glob("mar20-random-*")
        shutil.rmtree(folder / "pages", ignore_errors=True)
        busy, spent = os.getloadavg()[0], processor()
        started = time.perf_counter()
        size = str(options.thumbnails)
        rsbench(
            "report", str(run), "--html", str(folder / "pages"), "--data", str(data), "--thumbnails", size
        )
        seconds = time.perf_counter() - started
        print(f"{options.images:,} images of {SIDE} pixels, thumbnails of {size}; load before {busy:.2f}")
        print(f"written in {seconds:.1f} s, {processor() - spent:.1f} s of a processor")
        for name, weight in weights(folder / "pages"):
            print(f"{name:<14} {weight / 1e6:8.2f} MB")
        show_times(folder / "pages")


def enlarged(root: Path, count: int, cache: Path) -> None:
    """So many pictures in MAR20's layout, from the scenes of its miniature in turn."""
    drawn, _ = open_dataset(read_card("mar20"), "mini", cache=cache)
    for part in ("JPEGImages", "Annotations/Horizontal Bounding Boxes", "ImageSets/Main"):
        (root / part).mkdir(parents=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        samples = enumerate(islice(cycle(drawn.samples), count), 1)
        for _ in pool.map(lambda one: enlarge(root, *one), samples):
            pass
    numbers = "".join(f"{n}\n" for n in range(1, count + 1))
    (root / "ImageSets/Main/test.txt").write_text(numbers, encoding="utf-8")


def enlarge(root: Path, number: int, sample: Sample) -> None:
    import numpy as np
    from PIL import Image

    with Image.open(sample.images[0].path) as picture:
        scale = SIDE / picture.width
        pixels = np.asarray(picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BICUBIC), float)
    noise = np.random.default_rng(number).normal(0, NOISE, pixels.shape)
    noisy = Image.fromarray(np.clip(pixels + noise, 0, 255).astype(np.uint8))
    noisy.save(root / "JPEGImages" / f"{number}.jpg", quality=90)
    objects = []
    for region in sample.target.regions:
        ends = zip(("xmin", "ymin", "xmax", "ymax"), region.points, strict=True)
        box = "".join(f"<{name}>{round(value * scale)}</{name}>" for name, value in ends)
        objects.append(f"<object><name>{region.label}</name><bndbox>{box}</bndbox></object>")
    size = f"<size><width>{SIDE}</width><height>{SIDE}</height><depth>3</depth></size>"
    said = f"<annotation><filename>{number}.jpg</filename>{size}{''.join(objects)}</annotation>"
    place = root / "Annotations/Horizontal Bounding Boxes" / f"{number}.xml"
    place.write_text(said, encoding="utf-8")


def rsbench(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "rsbench", *arguments], check=True, stdout=subprocess.DEVNULL)


def processor() -> float:
    """Seconds that processes of ours which have ended kept a processor busy."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def weights(folder: Path) -> Iterator[tuple[str, int]]:
    """Bytes of every part of the folder, and of all of it."""
    total = 0
    for part in sorted(folder.iterdir()):
        files = [part] if part.is_file() else [path for path in part.rglob("*") if path.is_file()]
        weight = sum(path.stat().st_size for path in files)
        total += weight
        if weight > 100_000:
            yield part.name, weight
    yield "all", total


def show_times(folder: Path) -> None:
    place = next((found for name in CHROMIUM if (found := shutil.which(name))), None)
    if place is None:
        print("there is no Chromium here: loading was not measured")
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=place, args=["--no-sandbox"])
        for page, first in (("index.html", "main figure svg"), ("samples.html", "#grid > *")):
            times = [opened(browser, folder / page, first) for _ in range(REPEATS)]
            loaded, drawn = (median(column) for column in zip(*times, strict=True))
            most = max(drawn for _, drawn in times)
            print(f"{page:<14} loaded in {loaded:.2f} s, first drawn after {drawn:.2f} s (most {most:.2f} s)")
        browser.close()


def opened(browser: Browser, page: Path, first: str) -> tuple[float, float]:
    """Seconds to the load event, and until something of what the page is for can be seen."""
    window = browser.new_page()
    started = time.perf_counter()
    window.goto(page.resolve().as_uri())
    loaded = time.perf_counter() - started
    window.wait_for_selector(first)
    drawn = time.perf_counter() - started
    window.close()
    return loaded, drawn


if __name__ == "__main__":
    main()
