"""What it costs to compare two ledgers of 100,000 answers, asked to be under 20 s on 2 cores.

    python benchmarks/comparing.py

Two ledgers of RSVQA-HR questions are written as a run writes them, from a fixed seed: 50 questions a picture,
the second run a little better than the first. Timed is the whole command `rsbench compare A B` in a process
of its own: both ledgers read and scored again under all rules, figures, slices, flipped samples. The peer is
the least that shows a difference: both files read with json, answers set equal to the truth or not, and
scipy.stats.bootstrap of the paired difference with as many draws. It knows no pictures (it draws questions),
no rules, no slices and no samples. The runs take turns; the last line is JSON. With `--cpu-seconds` the
processor's time is taken in place of the wall's, for a busy machine.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import numpy as np

from rsbench.harness.contract import Decoding, Image, Response, Sample, Source, Spec, Target
from rsbench.harness.datasets.card import Dataset, read_card
from rsbench.harness.ledger import Ledger, start
from rsbench.harness.plan import build_dialect, build_task
from rsbench.harness.report import write
from rsbench.harness.score import score
from rsbench.harness.values import response_to

CARD = "rsvqa_hr"
KINDS = {"presence": 0.31, "comp": 0.34, "count": 0.18, "area": 0.17}
A_PICTURE = 50  # questions
PEER = """
import json, sys
import numpy as np
from scipy.stats import bootstrap
truth = {}
for line in open(f"{sys.argv[1]}/samples.jsonl", encoding="utf-8"):
    row = json.loads(line)
    truth[row["id"]] = row["target"]["texts"][0]
right = []
for folder in sys.argv[1:3]:
    said = {}
    for line in open(f"{folder}/responses.jsonl", encoding="utf-8"):
        row = json.loads(line)
        said[row["sample_id"]] = row["text"]
    right.append(np.array([said[name] == gold for name, gold in truth.items()], float))
mean = lambda a, b, axis: (b - a).mean(axis=axis)
found = bootstrap(right, mean, paired=True, n_resamples=1000, method="percentile", batch=50,
                  random_state=np.random.default_rng(0))
print(right[1].mean() - right[0].mean(), *found.confidence_interval)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--questions", type=int, default=100_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--cpu-seconds", action="store_true", help="Processor time, for a busy machine.")
    parser.add_argument("--keep", type=Path, help="Folder for the ledgers; a temporary one if not said.")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.keep or Path(temporary)
        runs = [str(made(folder, options.questions, seed, right)) for seed, right in ((1, 0.70), (2, 0.71))]
        ours = [sys.executable, "-m", "rsbench", "compare", *runs]
        peer = [sys.executable, "-c", PEER, *runs]
        times: dict[str, list[float]] = {"rsbench compare": [], "json and scipy": []}
        said = {}
        for _ in range(options.repeats):
            for name, command in zip(times, (ours, peer), strict=True):
                seconds, said[name] = timed(command, options.cpu_seconds)
                times[name].append(seconds)
    for name, taken in times.items():
        print(f"{name}: {median(taken):.2f} s ({min(taken):.2f} to {max(taken):.2f})")
        print(f"  {said[name].splitlines()[0]}")
    ratio = median(a / b for a, b in zip(*times.values(), strict=True))
    print(
        json.dumps({"seconds": round(median(times["rsbench compare"]), 2), "over the peer": round(ratio, 2)})
    )


def timed(command: list[str], cpu: bool) -> tuple[float, str]:
    """Seconds of a process from start to end, or of the processor for it, and what it printed."""
    clock = processor if cpu else time.perf_counter
    began = clock()
    found = subprocess.run(command, check=True, capture_output=True, text=True)
    return clock() - began, found.stdout


def processor() -> float:
    """Seconds of the processor that ended child processes took."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def made(folder: Path, questions: int, seed: int, right: float) -> Path:
    """The ledger and report of a run in which so large a share of the answers is right."""
    card = read_card(CARD)
    samples = list(drawn(questions))
    task = build_task(card, Dataset(tuple(samples), (), ()))
    source = Source("official", card.split, questions, "0" * 64, None)
    dialect = build_dialect("plain")
    assert dialect is not None
    spec = Spec(
        CARD, task.version, source, "replay", {"answers": f"{seed}.jsonl"}, None, "plain", dialect.version,
        Decoding(), None, 0,
    )  # fmt: skip
    ledger = start(folder, spec, (), samples, (), {})
    ledger.write_rows("responses.jsonl", answers(samples, seed, right))
    opened = Ledger(ledger.folder)
    write(opened, score(opened, task, dialect, resamples=100))
    return ledger.folder


def drawn(questions: int) -> Iterator[Sample]:
    rng = np.random.default_rng(0)
    kinds = rng.choice(list(KINDS), questions, p=list(KINDS.values()))
    for number, kind in enumerate(kinds):
        picture = f"Data/{number // A_PICTURE}.tif"
        target = Target(texts=(truth(kind, rng),), kind=str(kind))
        question = f"What is the {kind} of number {number % A_PICTURE}?"
        yield Sample(str(number), (Image(picture, ""),), target, question, {"question type": str(kind)})


def answers(samples: list[Sample], seed: int, right: float) -> Iterator[dict[str, object]]:
    rng = np.random.default_rng(seed)
    spelt: list[Callable[[str], str]] = [str, str.capitalize, lambda word: f"{word}.", str.upper]
    for sample in samples:
        said = sample.target.texts[0] if rng.random() < right else truth(sample.target.kind, rng)
        text = spelt[int(rng.integers(0, 4))](said) if rng.random() < 0.3 else said
        yield response_to(Response(f"{seed}-{sample.id:0>60}", sample.id, text=text, seconds=0.1))


def truth(kind: str, rng: np.random.Generator) -> str:
    if kind == "count":
        return str(int(rng.geometric(0.15)) - 1)
    if kind == "area":
        return f"{int(rng.exponential(900)) if rng.random() < 0.7 else 0}m2"
    return "yes" if rng.random() < 0.5 else "no"


if __name__ == "__main__":
    main()
