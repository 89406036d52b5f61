"""Caption metrics beside pycocoevalcap on the same 3,150 images in the same run, as rows of a markdown table.

    python benchmarks/captions.py --workloads ../shared/workloads --repeat 3

Both sides start from raw captions and tokenise them. The peer runs its own tokeniser (Java), then each of its
scorers; METEOR's process is started anew for every measurement on both sides. Times are the best of several.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from rsbench.harness.contract import Answer, Target
from rsbench.harness.metrics.caption import Caption
from rsbench.harness.metrics.meteor_process import aligner

Figures = dict[str, float]
NAMES = ("BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr-D", "METEOR")


def workload(folder: Path, images: int) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """References and captions by image, made by the workload's own script."""
    with tempfile.TemporaryDirectory() as scratch:
        made = Path(scratch, "captions.json")
        command = [sys.executable, str(folder / "captions.py"), str(made), str(images)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        sets = json.loads(made.read_text())
    return sets["gts"], sets["res"]


def ours(true: dict[str, list[str]], said: dict[str, list[str]], meteor: bool) -> Figures:
    """All figures by rsbench."""
    if program := aligner():
        program.close()
    metric = Caption(meteor=meteor, spice=False)
    targets = [Target(texts=tuple(texts)) for texts in true.values()]
    answers = [Answer(text=texts[0]) for texts in said.values()]
    figures = metric.tally(metric.observe_all(targets, answers)).figures()
    return {name: value for name, value in figures.items() if value is not None}


def theirs(true: dict[str, list[str]], said: dict[str, list[str]], meteor: bool) -> Figures:
    """The same by pycocoevalcap, one scorer after the other as its eval.py has them."""
    from pycocoevalcap.bleu.bleu import Bleu
    from pycocoevalcap.cider.cider import Cider
    from pycocoevalcap.meteor.meteor import Meteor
    from pycocoevalcap.rouge.rouge import Rouge
    from pycocoevalcap.tokenizer.ptbtokenizer import PTBTokenizer

    def tokenised(texts: dict[str, list[str]]) -> Any:
        return PTBTokenizer().tokenize({k: [{"caption": c} for c in v] for k, v in texts.items()})

    gold, found = tokenised(true), tokenised(said)
    figures = dict(zip(NAMES, Bleu(4).compute_score(gold, found, verbose=0)[0], strict=False))
    if meteor:
        figures["METEOR"] = Meteor().compute_score(gold, found)[0]
    figures["ROUGE-L"] = float(Rouge().compute_score(gold, found)[0])
    figures["CIDEr-D"] = float(Cider().compute_score(gold, found)[0])
    return figures


def best(repeat: int, *works: Callable[[], Figures]) -> list[tuple[float, Figures]]:
    """The shortest time of each work, taken in turn, and its figures."""
    shortest: list[tuple[float, Figures]] = [(float("inf"), {}) for _ in works]
    for _ in range(repeat):
        for k, work in enumerate(works):
            began = time.perf_counter()
            figures = work()
            shortest[k] = min(shortest[k], (time.perf_counter() - began, figures), key=lambda pair: pair[0])
    return shortest


def row(work: str, peer: tuple[float, Figures], own: tuple[float, Figures]) -> str:
    """A line of the table; the answer is the same if no figure differs by more than 1e-6."""
    apart = max(abs(value - own[1].get(name, float("inf"))) for name, value in peer[1].items())
    same = "yes" if apart <= 1e-6 else "NO"
    return (
        f"| {work} | pycocoevalcap | {peer[0]:.2f} | {own[0]:.2f} | {peer[0] / own[0]:.1f} x "
        f"| {same} ({apart:.0e}) |"
    )


def main() -> None:
    """Time both sides on the same captions and print the table."""
    shared = Path(os.environ.get("RSBENCH_SHARED", Path(__file__).parents[2] / "shared"))
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--workloads", type=Path, default=shared / "workloads")
    parser.add_argument("--images", type=int, default=3150)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--no-meteor", action="store_true", help="only the figures that need no Java of ours")
    arguments = parser.parse_args()
    true, said = workload(arguments.workloads, arguments.images)
    print("| work | peer | peer s | rsbench s | ratio | same answer (largest difference) |")
    print("|---|---|---|---|---|---|")
    suites = [(False, "tokenise + BLEU + ROUGE-L + CIDEr"), (True, "the whole suite with METEOR")]
    for meteor, name in suites[: 1 if arguments.no_meteor else 2]:
        peer, own = best(
            arguments.repeat,
            partial(theirs, true, said, meteor),
            partial(ours, true, said, meteor),
        )
        print(row(f"{name}, {arguments.images:,} images x 5 references", peer, own), flush=True)


if __name__ == "__main__":
    main()
