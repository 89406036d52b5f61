"""Every published data set at hand, in the layout its authors gave it, one command each.

    python benchmarks/real_data.py --data ../shared/data

Headlines in percent with their 95 % interval, of four models: the oracle, whose 100 % shows that data, task
and score agree; the oracle through EarthGPT's notation of two decimals; the answer that is right most often;
and the shipped nano, which never saw a real picture. Then what is at hand without its pictures: items,
differences from what is published, and the oracle alone. A dash has its reason below the table.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tabulate import tabulate

from rsbench.harness.cells import DASH, with_interval
from rsbench.harness.contract import Runtime
from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.verify import verify
from rsbench.harness.errors import RsbenchError
from rsbench.harness.plan import build_adapter, plan
from rsbench.harness.verbs.run import run_task

Row = tuple[str, str, str | None]  # task, folder, split
MODELS = ("oracle", "oracle,dialect=earthgpt", "constant", "earthgpt")
PICTURES: tuple[Row, ...] = (
    ("rsscn7", "RSSCN7", "all"),
    ("aid", "AID", "all"),
    ("rsicd", "RSICD", None),
    ("rsivqa", ".", None),  # its questions on AID are about the pictures of RSICD
    ("choice", "CHOICE", None),
    ("choice_grounding", "CHOICE", None),
    ("choice_masks", "CHOICE", None),
    ("nwpu_vhr10", "NWPU-VHR-10", "all"),
    ("ucas_aod", "UCAS50", "all"),
    ("dota", "DOTA", None),
    ("dota", "DOTA/split", None),
    ("dota_v1", "DOTA", None),
    ("hrsid", "HRSID", "train"),
    ("hit_uav", "HIT-UAV", "val"),
    ("hit_uav_obb", "HIT-UAV", "val"),
)
ANNOTATIONS: tuple[Row, ...] = (
    ("lrs_vqa", "LRS-VQA_annotations", None),
    ("dior", "DIOR_annotations", None),
    ("dior_r", "DIOR_annotations", None),
    ("ssdd", "SSDD_annotations", "all"),
)


def main() -> None:
    """Print both tables and the reasons of their dashes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--tasks", nargs="+", help="Only these.")
    parser.add_argument("--models", nargs="+", default=MODELS)
    options = parser.parse_args()
    wanted = [[r for r in rows if r[0] in (options.tasks or r[0])] for rows in (PICTURES, ANNOTATIONS)]
    reasons: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        runs = Path(folder)
        seen = [_row(options.data, row, options.models, runs, reasons) for row in wanted[0]]
        blind = [_verified(options.data, row, runs, reasons) for row in wanted[1]]
    heads = ("run --model MODEL", "samples", "problems", "headline", *options.models)
    _print(seen, heads)
    _print(blind, ("data verify", "items", "problems", "differs", "headline", "oracle"))
    print("\n".join(dict.fromkeys(reasons)))


def _row(data: Path, row: Row, models: Sequence[str], runs: Path, reasons: list[str]) -> list[str]:
    """A data set under every model: the command, samples, problems, name of the headline, figures."""
    task, folder, split = row
    planned = plan(task, str(data / folder), split, None, 0, runs / "mini")
    samples, problems, figures = len(planned.samples), 0, []
    for model in models:
        try:
            adapter, arguments = build_adapter(model, Runtime())
            report = run_task(planned, adapter, arguments, None, Runtime(), runs)
        except RsbenchError as error:
            figures.append(DASH)
            reasons.append(f"{task}, {model}: {error.message}")
            continue
        samples, problems = report.samples, len(report.problems)
        figures.append(with_interval(report.headline))
    return [
        f"--tasks {_words(row)}",
        str(samples),
        str(problems),
        planned.card.protocol["headline"],
        *figures,
    ]


def _verified(data: Path, row: Row, runs: Path, reasons: list[str]) -> list[str]:
    """Annotations without pictures: what verify finds, and the oracle's figure."""
    task, folder, split = row
    found = verify(read_card(task), data / folder, split, runs / "mini")
    differs = "; ".join(found.differences) or "nothing"
    oracle = _row(data, row, MODELS[:1], runs, reasons)[-2:]
    return [_words(row), found.items, str(len(found.dataset.problems)), differs, *oracle]


def _words(row: Row) -> str:
    task, folder, split = row
    return f"{task} --data {folder}" + (f" --split {split}" if split else "")


def _print(rows: list[list[str]], heads: tuple[str, ...]) -> None:
    if rows:
        print(tabulate(rows, heads, tablefmt="pipe", disable_numparse=True), end="\n\n")


if __name__ == "__main__":
    main()
