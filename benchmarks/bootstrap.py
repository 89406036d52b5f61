"""10,000 bootstrap resamples of an oriented AP: all at once, against a loop over the metric.

    python benchmarks/bootstrap.py [--workloads DIR] [--resamples 10000] [--loop 10]

DIR holds detection.py, which draws the data (MAR20-like: 3,842 images, 20 classes). Two loops are measured:
over the whole metric (each resample observed, laid out and counted, as a script around an evaluation does),
and over `figures` alone (evidence laid out once, one weighting a call). Both are measured on `--loop` draws
and scaled to all of them; their draws are the first of the same stream, and their values are compared with
the ones counted at once. Ours is timed whole: drawing, counting, and the interval.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from rsbench.harness.contract import Answer, Region, Target
from rsbench.harness.metrics.bootstrap import draws, intervals
from rsbench.harness.metrics.detection import Detection

Pairs = tuple[list[Target], list[Answer]]
Loop = Callable[[np.ndarray], Mapping[str, float | None]]
WORK = {"OBB AP50": (0.5,), "OBB AP50:95": tuple(np.linspace(0.5, 0.95, 10).round(2).tolist())}


def main() -> None:
    """Print a row for every work and loop."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shared = Path(os.environ.get("RSBENCH_SHARED", Path(__file__).parents[2] / "shared"))
    parser.add_argument("--workloads", type=Path, default=shared / "workloads")
    parser.add_argument("--resamples", type=int, default=10_000)
    parser.add_argument("--loop", type=int, default=10, help="draws that the loops are measured on")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        script = options.workloads / "detection.py"
        subprocess.run([sys.executable, script, folder], check=True, stdout=sys.stderr)
        pairs, classes = _read(Path(folder) / "mar20.npz")
    print(f"| {options.resamples:,} resamples, MAR20-like, {os.cpu_count()} cores | peer (scaled from "
          f"{options.loop} draws) | peer s | rsbench s | ratio | asked | same answer |")  # fmt: skip
    print("|---|---|---|---|---|---|---|")
    for work, thresholds in WORK.items():
        view = {name: name for name in classes}
        metric = Detection({"view": view}, thresholds, oriented=True, interpolations=("voc07",))
        _compare(work, metric, pairs, options.resamples, options.loop)


def _compare(work: str, metric: Detection, pairs: Pairs, resamples: int, loop: int) -> None:
    samples = len(pairs[0])
    tally = metric.tally(metric.observe_all(*pairs))
    intervals(tally, samples, resamples=3)  # compiled code is made or fetched before any clock runs
    ours = min(_seconds(lambda: intervals(tally, samples, resamples=resamples)) for _ in range(3))
    weights = np.concatenate(list(draws(samples, None, 0, loop)))
    at_once = tally.resampled(weights)

    def again(weight: np.ndarray) -> dict[str, float | None]:
        rows = np.repeat(np.arange(samples), weight).tolist()
        drawn = [pairs[0][i] for i in rows], [pairs[1][i] for i in rows]
        return dict(metric.tally(metric.observe_all(*drawn)).figures())

    peers: dict[str, tuple[Loop, str]] = {
        "the whole metric": (again, "200"),
        "figures alone": (tally.figures, ""),
    }
    for peer, (one, asked) in peers.items():
        values: list[Mapping[str, float | None]] = []
        theirs = _seconds(partial(_collect, values, one, weights))
        theirs *= resamples / loop
        apart = max(
            abs((row[name] or 0) - at_once[name][k]) for k, row in enumerate(values) for name in at_once
        )
        same = f"{'yes' if apart < 1e-12 else 'NO'} ({apart:.0e})"
        print(f"| {work} | a loop over {peer} | {theirs:.0f} | {ours:.2f} | {theirs / ours:.0f} "
              f"| {asked} | {same} |", flush=True)  # fmt: skip


def _collect(
    values: list[Mapping[str, float | None]],
    one: Loop,
    weights: np.ndarray,
) -> None:
    values += map(one, weights)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _read(path: Path) -> tuple[Pairs, list[str]]:
    """Objects and detections of every image, as the harness has them."""
    data = np.load(path)
    count, classes = int(data["n_img"]), [f"class {c}" for c in range(int(data["n_cls"]))]
    objects: list[list[Region]] = [[] for _ in range(count)]
    found: list[list[Region]] = [[] for _ in range(count)]
    rows = zip(data["gt_img"].tolist(), data["gt_cls"].tolist(), data["gt_poly"].tolist(), strict=True)
    for image, label, points in rows:
        objects[image].append(Region(tuple(points), classes[label]))
    columns = (data[f"dt_{name}"].tolist() for name in ("img", "cls", "poly", "score"))
    for image, label, points, score in zip(*columns, strict=True):
        found[image].append(Region(tuple(points), classes[label], score))
    targets = [Target(regions=tuple(regions)) for regions in objects]
    return (targets, [Answer(regions=tuple(regions)) for regions in found]), classes


if __name__ == "__main__":
    main()
