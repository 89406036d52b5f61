"""OBB AP against mmrotate and DOTA_devkit on the reference workloads: same boxes, same answer, how fast.

    python benchmarks/detection_obb.py --peer-python PYTHON --dota-devkit DIR [--memory] [--growth]

Each line is a row of a markdown table: work, peer, seconds of the peer, ours (milliseconds, the best of
several, compiled code warm), ratio, and whether the AP is the same, with the largest difference of any class.
`--peer-python` is an interpreter with mmrotate (onedl-mmrotate, mmcv with its operators); it runs
`eval_rbbox_map` with two processes, once, AP50:95 as ten calls. `--dota-devkit` is a folder with
dota_evaluation_task1.py and the built module polyiou; writing its text files is not counted. A peer that is
not there is said. `--memory`: peak resident memory of a process that does ours alone. `--growth`: time for
the workload once, twice, four and eight times over.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import types
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

TEN = [round(0.5 + 0.05 * k, 2) for k in range(10)]
NAMES = {"mar20": "MAR20-like", "dotaval": "DOTA-val-like"}


def main() -> None:
    """Make the workloads, time ours and every peer there is, print the rows."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    shared = os.environ.get("RSBENCH_SHARED", str(Path(__file__).parents[2] / "shared"))
    parser.add_argument("--workloads", default=f"{shared}/workloads", help="folder with detection.py")
    parser.add_argument("--peer-python", help="interpreter in which mmrotate can be imported")
    parser.add_argument("--dota-devkit", help="folder with dota_evaluation_task1.py and polyiou")
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--memory", action="store_true")
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--as", dest="role", choices=(*ROLES, "ours"), help=argparse.SUPPRESS)
    parser.add_argument("--data", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.role == "ours":
        print(json.dumps(peak_memory(options.data)))
    elif options.role:
        print(json.dumps(ROLES[options.role](options.data, options.dota_devkit)))
    else:
        with tempfile.TemporaryDirectory() as folder:
            run([sys.executable, f"{options.workloads}/detection.py", folder])
            compare(folder, options)


def compare(folder: str, options: argparse.Namespace) -> None:
    """Print the table of both workloads."""
    print("| work | peer | peer s | ours ms | ratio | same answer (largest difference of a class) |")
    print("|---|---|---|---|---|---|")
    peers = {"mmrotate": options.peer_python, "DOTA_devkit": options.dota_devkit and sys.executable}
    for name in NAMES:
        data = f"{folder}/{name}.npz"
        ours = {levels: ours_from_arrays(data, levels, options.repeat) for levels in ((0.5,), tuple(TEN))}
        for levels in ours:
            whole = ours_from_objects(data, levels, options.repeat)
            print(f"| {title(name, levels)} | (ours, from Target and Answer) | | {whole * 1e3:.0f} | | |")
        for peer, python in peers.items():
            if not python:
                print(f"| {NAMES[name]} | {peer} | not there | | | |")
                continue
            told = json.loads(run([python, __file__, "--as", peer, "--data", data,
                                   "--dota-devkit", str(options.dota_devkit)]).splitlines()[-1])  # fmt: skip
            for levels, (seconds, table) in ours.items():
                if len(told["by_class"]) < len(levels):
                    continue
                theirs, rule = np.array(told["by_class"][: len(levels)], float), told["rule"]
                table = table if rule == "exact" else by_rule(data, levels, rule)
                apart = float(np.nanmax(np.abs(table - theirs)))
                needed = sum(told["seconds"][: len(levels)])
                print(
                    f"| {title(name, levels)} | {told['version']} | {needed:.2f} | {seconds * 1e3:.1f} | "
                    f"{needed / seconds:.0f} | {'yes' if apart < 1e-6 else 'NO'} ({apart:.1e}) |"
                )
        if options.memory:
            told = json.loads(
                run([sys.executable, __file__, "--as", "ours", "--data", data]).splitlines()[-1]
            )
            print(
                f"\n{NAMES[name]}: peak memory {told['arrays']} MB from arrays, {told['objects']} MB in all\n"
            )
        if options.growth:
            print(f"\n{NAMES[name]}: {growth(data, options.repeat)}\n")


def title(name: str, levels: tuple[float, ...]) -> str:
    """What was computed."""
    return f"OBB {'AP50' if len(levels) == 1 else 'AP50:95'}, {NAMES[name]}"


def columns(data: str, points: str = "poly", times: int = 1) -> tuple[Any, Any, int]:
    """The workload, `times` over, as columns."""
    from rsbench.harness.metrics.detection_columns import Detections, Objects

    rows, images = np.load(data), int(np.load(data)["n_img"])

    def again(name: str) -> Any:
        step = images if name.endswith("_img") else 0
        return np.concatenate([rows[name] + k * step for k in range(times)])

    gold = Objects(again("gt_img"), again("gt_cls"), again(f"gt_{points}"), again("gt_diff") > 0)
    found = Detections(again("dt_img"), again("dt_cls"), again(f"dt_{points}"), again("dt_score"))
    return gold, found, int(rows["n_cls"])


def best_of(repeat: int, work: Callable[[], Any]) -> tuple[float, Any]:
    """The shortest time of several, after one that is not counted."""
    work()
    seconds = []
    for _ in range(repeat):
        start = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
    return min(seconds), result


def ours_from_arrays(data: str, levels: tuple[float, ...], repeat: int) -> tuple[float, Any]:
    """Seconds, and AP by 11 points (levels, classes)."""
    from rsbench.harness.metrics.detection_columns import average_precisions

    gold, found, classes = columns(data)
    seconds, result = best_of(repeat, lambda: average_precisions(gold, found, classes, levels))
    return seconds, result.by_class[:, 0]


def by_rule(data: str, levels: tuple[float, ...], rule: str) -> Any:
    """The same under a public rule, for the answer alone."""
    from rsbench.harness.metrics.detection_columns import average_precisions
    from rsbench.harness.metrics.detection_rules import RULES

    gold, found, classes = columns(data, "rbox" if RULES[rule].iou == "mmcv" else "poly")
    return average_precisions(gold, found, classes, levels, rule=RULES[rule]).by_class[:, 0]


def ours_from_objects(data: str, levels: tuple[float, ...], repeat: int) -> float:
    """Seconds from Target and Answer values to the figure, evidence in between."""
    from rsbench.harness.contract import Answer, Region, Target
    from rsbench.harness.metrics.detection import Detection

    gold, found, classes = columns(data)
    samples = int(np.load(data)["n_img"])
    wanted: list[list[Any]] = [[] for _ in range(samples)]
    said: list[list[Any]] = [[] for _ in range(samples)]
    for s, c, p, i in zip(gold.sample, gold.label, gold.points.tolist(), gold.ignored, strict=True):
        wanted[s].append(Region(tuple(p), str(c), ignore=bool(i)))
    for s, c, p, v in zip(found.sample, found.label, found.points.tolist(), found.score, strict=True):
        said[s].append(Region(tuple(p), str(c), float(v)))
    targets, answers = [Target(regions=tuple(r)) for r in wanted], [Answer(regions=tuple(r)) for r in said]
    metric = Detection({"all": {str(c): str(c) for c in range(classes)}}, levels, True, ("voc07",))
    return best_of(max(1, repeat // 2), lambda: metric.tally(metric.observe_all(targets, answers)).figures())[
        0
    ]


def peak_memory(data: str) -> dict[str, int]:
    """Peak resident megabytes after AP50:95 from arrays, and then from objects too."""
    import resource

    ours_from_arrays(data, tuple(TEN), 1)
    arrays = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    ours_from_objects(data, tuple(TEN), 1)
    return {"arrays": arrays, "objects": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}


def growth(data: str, repeat: int) -> str:
    """Time from arrays for 1, 2, 4 and 8 times the images."""
    from rsbench.harness.metrics.detection_columns import average_precisions

    parts = []
    for times in (1, 2, 4, 8):
        gold, found, classes = columns(data, times=times)
        seconds, _ = best_of(repeat, partial(average_precisions, gold, found, classes, TEN))
        parts.append(f"{times} x: {seconds * 1e3:.0f} ms")
    return "AP50:95, " + ", ".join(parts)


def as_mmrotate(data: str, _: str) -> dict[str, Any]:
    """Ten calls of eval_rbbox_map with two processes, run inside the peer's interpreter."""
    from importlib.metadata import version

    with contextlib.redirect_stdout(io.StringIO()):
        eval_rbbox_map = importlib.import_module("mmrotate.evaluation").eval_rbbox_map
    d = np.load(data)
    classes, images = range(int(d["n_cls"])), range(int(d["n_img"]))
    gold = np.searchsorted(d["gt_img"], [*images, len(images)])
    found = np.searchsorted(d["dt_img"], [*images, len(images)])
    rows = np.concatenate([d["dt_rbox"], d["dt_score"][:, None]], 1).astype(np.float32)
    results, truths = [], []
    for i in images:
        here, there = slice(gold[i], gold[i + 1]), slice(found[i], found[i + 1])
        results.append([rows[there][d["dt_cls"][there] == c] for c in classes])
        boxes, labels, hard = d["gt_rbox"][here], d["gt_cls"][here], d["gt_diff"][here] > 0
        truths.append({"bboxes": boxes[~hard], "labels": labels[~hard],
                       "bboxes_ignore": boxes[hard], "labels_ignore": labels[hard]})  # fmt: skip
    seconds, by_class = [], []
    for level in TEN:
        start = time.perf_counter()
        _, table = eval_rbbox_map(results, truths, iou_thr=level, logger="silent", nproc=2)
        seconds.append(time.perf_counter() - start)
        by_class.append([float(row["ap"]) for row in table])
    name = f"onedl-mmrotate {version('onedl-mmrotate')}, NumPy {np.__version__}"
    rule = "mmrotate-1" if int(np.__version__.split(".")[0]) > 1 else "mmrotate-1/numpy-1"
    return {"seconds": seconds, "by_class": by_class, "version": name, "rule": rule}


def as_dota_devkit(data: str, folder: str) -> dict[str, Any]:
    """voc_eval of every class from text files with all digits."""
    sys.path.insert(0, folder)
    sys.modules.setdefault(
        "matplotlib", types.ModuleType("matplotlib")
    )  # imported there, used for a plot only
    sys.modules.setdefault("matplotlib.pyplot", types.ModuleType("pyplot"))
    if not hasattr(np, "bool"):
        setattr(np, "bool", np.bool_)  # noqa: B010  # the name it has before NumPy 1.24 and from 2.0
    voc_eval = importlib.import_module("dota_evaluation_task1").voc_eval

    d = np.load(data)
    classes = range(int(d["n_cls"]))
    with tempfile.TemporaryDirectory() as text:
        lines: list[list[str]] = [[] for _ in range(int(d["n_img"]))]
        for i, c, p, hard in zip(d["gt_img"], d["gt_cls"], d["gt_poly"].tolist(), d["gt_diff"], strict=True):
            lines[i].append(" ".join([*map(repr, p), f"c{c}", str(int(hard))]) + "\n")
        for i, rows in enumerate(lines):
            Path(text, f"{i}.txt").write_text("".join(rows), encoding="utf-8")
        Path(text, "images.list").write_text("".join(f"{i}\n" for i in range(len(lines))), encoding="utf-8")
        for c in classes:
            part = np.flatnonzero(d["dt_cls"] == c)
            found = [
                " ".join(
                    [str(d["dt_img"][k]), repr(float(d["dt_score"][k])), *map(repr, d["dt_poly"][k].tolist())]
                )
                for k in part
            ]
            Path(text, f"Task1_c{c}.txt").write_text("\n".join(found) + "\n", encoding="utf-8")
        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            aps = [
                voc_eval(
                    f"{text}/Task1_{{:s}}.txt",
                    f"{text}/{{:s}}.txt",
                    f"{text}/images.list",
                    f"c{c}",
                    0.5,
                    True,
                )[2]
                for c in classes
            ]
        seconds = time.perf_counter() - start
    return {"seconds": [seconds], "by_class": [aps], "version": "DOTA_devkit task 1", "rule": "dota-devkit"}


ROLES = {"mmrotate": as_mmrotate, "DOTA_devkit": as_dota_devkit}


def run(command: list[str]) -> str:
    """The output of a command that must succeed."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    main()
