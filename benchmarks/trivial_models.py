"""What every task family gives for nothing: five models that are none, on the miniatures.

    python benchmarks/trivial_models.py

Headlines in percent. An empty answer must score 0 everywhere; what the others score is the floor of a figure.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tabulate import tabulate

from rsbench.harness.contract import Runtime
from rsbench.harness.plan import build_adapter, plan
from rsbench.harness.verbs.run import run_task

MODELS = ("blank", "constant", "echo", "shuffled", "oracle")
CARDS = (
    "clrs",
    "vqa",
    "choices",
    "captions",
    "region_captions",
    "grounding",
    "masks",
    "mar20",
    "mar20_obb",
    "coco",
)


def main() -> None:
    """Print one row a card, one column a model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cards", nargs="+", default=CARDS)
    options = parser.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for card in options.cards:
            row, name = [card], ""
            for model in MODELS:
                adapter, arguments = build_adapter(model, Runtime())
                planned = plan(card, "mini", None, None, 0, Path(folder) / "mini")
                report = run_task(planned, adapter, arguments, None, Runtime(), Path(folder), resamples=1)
                value, name = report.headline.value, report.headline.name
                row.append("–" if value is None else f"{100 * value:.1f}")
            rows.append([*row[:1], name, *row[1:]])
    print(tabulate(rows, ["card", "headline", *MODELS], tablefmt="pipe", disable_numparse=True))


if __name__ == "__main__":
    main()
