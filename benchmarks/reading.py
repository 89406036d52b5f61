"""Decoded pictures per second through the harness, over the same decoder in a bare loop of two threads.

    python benchmarks/reading.py --images 300 --side 512

Draws JPEGs, PNGs and tifs. The harness arm goes through the serial engine and an adapter that looks ahead and
takes its pictures batch by batch; the bare arm maps Pillow's own open and convert over as many threads. The
arms take turns; a ratio is the median of paired ratios, with its range. Asked: 0.9 at least. With
`--cpu-seconds` the processor's time is compared in place of the wall's, for a busy machine; the last line is
JSON.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import numpy as np
import PIL.Image

from rsbench.harness.contract import Image, Request, Response, Text
from rsbench.harness.engines.serial import Serial
from rsbench.harness.pictures import Pictures

BATCH = 16
FORMATS = (".jpg", ".png", ".tif")


class Looking:
    """An adapter that asks for pictures, ahead and in batches, and says what size they had."""

    name = "looking"
    dialect: str | None = None
    checkpoint: str | None = None

    def __init__(self, threads: int) -> None:
        self.pictures: Pictures[tuple[int, int]] = Pictures(lambda picture: picture.size, threads=threads)

    def ahead(self, requests: Sequence[Request]) -> None:
        self.pictures.ahead([request.images[0] for request in requests])

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        sizes = self.pictures.take([request.images[0] for request in requests])
        for request, size in zip(requests, sizes, strict=True):
            yield Response(request.key, request.sample_id, text=str(size))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--images", type=int, default=300, help="of every format")
    parser.add_argument("--side", type=int, default=512)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--cpu-seconds", action="store_true")
    options = parser.parse_args()
    clock = time.process_time if options.cpu_seconds else time.perf_counter
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for suffix in FORMATS:
            paths = list(drawn(Path(folder), suffix, options.images, options.side))
            ratios, rate = compare(paths, options.threads, options.repeats, clock)
            found[suffix[1:]] = [round(median(ratios), 4), round(min(ratios), 4), round(max(ratios), 4)]
            print(
                f"{suffix[1:]}: harness / bare loop = {median(ratios):.3f} "
                f"({min(ratios):.3f} to {max(ratios):.3f}), {rate:.0f} pictures a second"
            )
    print(json.dumps({"images per second, harness / bare": found}))


def compare(
    paths: Sequence[Path], threads: int, repeats: int, clock: Callable[[], float]
) -> tuple[list[float], float]:
    """Throughput through the harness over that of the bare loop, pair by pair, and the former's median."""
    ratios, rates = [], []
    for repeat in range(repeats + 1):
        began = clock()
        bare(paths, threads)
        middle = clock()
        harness(paths, threads)
        end = clock()
        if repeat:  # the first round warms up
            ratios.append((middle - began) / (end - middle))
            rates.append(len(paths) / (end - middle))
    return ratios, median(rates)


def bare(paths: Sequence[Path], threads: int) -> None:
    def decoded(path: Path) -> tuple[int, int]:
        with PIL.Image.open(path) as picture:
            return picture.convert("RGB").size

    with ThreadPoolExecutor(threads) as pool:
        assert len(list(pool.map(decoded, paths))) == len(paths)


def harness(paths: Sequence[Path], threads: int) -> None:
    asked = [Request(p.name, p.name, (Image(p.name, str(p)),), Text("?")) for p in paths]
    batches = (asked[i : i + BATCH] for i in range(0, len(asked), BATCH))
    adapter = Looking(threads)
    responses = list(Serial().run(adapter, batches))
    assert len(responses) == len(paths) and not any(response.error for response in responses)
    adapter.pictures.close()


def drawn(folder: Path, suffix: str, count: int, side: int) -> Iterator[Path]:
    """Pictures with the detail of a photograph: noise of several scales."""
    for number in range(count):
        rng = np.random.default_rng(number)
        layers = [
            np.kron(rng.normal(0, 40, (side // size, side // size, 3)), np.ones((size, size, 1)))
            for size in (32, 8, 2)
        ]
        path = folder / f"{number}{suffix}"
        PIL.Image.fromarray(np.clip(sum(layers) / 2 + 120, 0, 255).astype(np.uint8)).save(path)
        yield path


if __name__ == "__main__":
    main()
