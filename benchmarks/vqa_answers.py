"""What it costs to score the answers of RSVQA-HR's second test set: 105,647 questions of four types.

    python benchmarks/vqa_answers.py

The answers are made here, from a fixed seed: yes and no, counts, areas such as 23m2, each as models write
them (capitals, full stops, number words, units apart, a sentence, nothing at all). Timed are the reading of
every answer, and all figures: overall, average, both without counts and areas, and of each type.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np

from rsbench.harness.contract import Answer, Evidence, Target
from rsbench.harness.metrics.vqa import VQA
from rsbench.harness.rules.table import RSVQA

QUESTIONS = 105_647
TYPES = {"presence": 0.31, "comp": 0.34, "count": 0.18, "area": 0.17}
WORDS = "zero one two three four five six seven eight nine ten".split()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    targets, answers = drawn(options.questions, options.seed)
    strict, every = (VQA("rsvqa/strict", others, ("area", "count"), "hr") for others in ((), RSVQA))
    works: dict[str, tuple[VQA, Callable[[VQA], list[Evidence]]]] = {
        "rsvqa/strict, all at once": (strict, lambda metric: list(metric.observe_all(targets, answers))),
        "rsvqa/strict, one by one": (strict, lambda metric: list(map(metric.observe, targets, answers))),
        f"all {len(RSVQA)} rules for RSVQA": (
            every,
            lambda metric: list(metric.observe_all(targets, answers)),
        ),
    }
    print(f"{len(answers):,} answers, {len({a.raw for a in answers}):,} of them different\n")
    print("| work | peer | peer seconds | seconds | ratio | same answer |")
    print("|---|---|---|---|---|---|")
    found = {}
    for name, (metric, observe) in works.items():
        times = []
        for _ in range(options.repeats):
            began = time.perf_counter()
            found[name] = metric.tally(observe(metric)).figures()
            times.append(time.perf_counter() - began)
        print(f"| {name} | none | | {min(times):.2f} | | |")
    first, second = list(found.values())[:2]
    print(f"\nall at once and one by one agree: {'yes' if first == second else 'no'}")
    print({name: round(value or 0.0, 4) for name, value in first.items()})


def drawn(questions: int, seed: int) -> tuple[list[Target], list[Answer]]:
    """Questions and answers, four in five of the answers right in some spelling."""
    rng = np.random.default_rng(seed)
    kinds = rng.choice(list(TYPES), questions, p=list(TYPES.values()))
    targets, answers = [], []
    for kind in kinds:
        gold, said = _truth(kind, rng), _truth(kind, rng)
        text = _spelt(gold if rng.random() < 0.8 else said, rng)
        targets.append(Target(texts=(gold,), kind=str(kind)))
        answers.append(Answer(text=text, raw=text))
    return targets, answers


def _truth(kind: str, rng: np.random.Generator) -> str:
    if kind == "count":
        return str(int(rng.geometric(0.15)) - 1)
    if kind == "area":
        return f"{int(rng.exponential(900)) if rng.random() < 0.7 else 0}m2"
    return "yes" if rng.random() < 0.5 else "no"


def _spelt(answer: str, rng: np.random.Generator) -> str:
    """One of the ways in which models write an answer."""
    way = int(rng.integers(0, 10))
    if answer.endswith("m2") and way in (1, 2, 3):
        return (f"{answer[:-2]} m2", f"{answer[:-2]} m\u00b2.", f"{answer[:-2]} square meters")[way - 1]
    if answer.isdigit() and int(answer) < len(WORDS) and way == 1:
        return WORDS[int(answer)].capitalize()
    if way == 7 and rng.random() < 0.2:
        return "" if rng.random() < 0.5 else "The answer is not clear."
    ways = {4: f"{answer.capitalize()}.", 5: f" {answer.upper()}", 6: f"{answer}, it is {answer}."}
    return ways.get(way, answer)


if __name__ == "__main__":
    main()
