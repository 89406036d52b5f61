"""How often the gate calls one of two equal models worse, and how often it sees a true drop.

    python benchmarks/gate_alarms.py [--pairs 1000] [--drops 200] [--resamples 400] [--processes 2]

A pair is two models that answer one test set: of detection as large as MAR20's test split (2,511 pictures,
14,602 objects; the task is the card's own), or of classification with 1,000 to 5,000 pictures. Each test set
is drawn anew, with four models: six pairs of equal ones, or four of a model and a worse one, which misses
more objects or turns right answers into wrong ones. All find the same objects hard and the same places
tempting, as checkpoints do. From there on all is the program's own: evidence, tallies, paired differences
with draws by picture, p-values adjusted over all figures of the gate, the rule. The true drop is not assumed:
the mean of each figure's over the pairs is printed.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import combinations, product
from multiprocessing import get_context

import numpy as np

from rsbench.harness.contract import Answer, Image, Region, Sample, Target
from rsbench.harness.datasets.card import Dataset, read_card
from rsbench.harness.gate import WORSE, Observed, judged
from rsbench.harness.gate_config import FigureRule
from rsbench.harness.metrics.choice import Choice
from rsbench.harness.metrics.detection import Detection
from rsbench.harness.metrics.paired import Difference, differences
from rsbench.harness.plan import build_task
from rsbench.harness.roles import Tally

PICTURES, OBJECTS, SIDE = 2511, 14602, 800  # of MAR20's test split; 22,341 objects x 2,511 / 3,842
AP = ("one-class/AP@0.40/area", "one-class/AP@0.40/voc07", "20 classes/mAP@0.50/area")
ACCURACY = ("top-1", "macro top-1")
FOUND, RIGHT = 0.86, 0.8  # of the objects, of the answers; by either of two equal models
AP_NEAR = 0.8  # the area under the curve that follows; it falls with recall
SIGNIFICANCE = 0.05
CLASSES = tuple(f"class {n}" for n in range(25))


@dataclass(frozen=True)
class Case:
    """What is drawn, and the tolerance in points: a family, its number of pictures, its figures."""

    family: str
    samples: int
    figures: tuple[str, ...]
    tolerance: float

    @property
    def name(self) -> str:
        return f"{self.family}, {self.samples:,} pictures"


MAR20 = Case("detection", PICTURES, AP, 1.0)
SCENES = Case("classification", PICTURES, ACCURACY, 1.5)
CASES = (
    MAR20,
    Case("classification", 1000, ACCURACY, 2.0),
    Case("classification", PICTURES, ACCURACY, 1.0),
    SCENES,
    Case("classification", 5000, ACCURACY, 1.0),
)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--pairs", type=int, default=1000, help="pairs of equal models")
    parser.add_argument("--drops", type=int, default=200, help="pairs with a true drop, for each size of it")
    parser.add_argument("--resamples", type=int, default=400)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    print("| data | tolerance, points | true drop, points | pairs | the gate fails | each figure alone "
          "| no rule of chance | tolerance 0 |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|")
    drawn: dict[tuple[str, float], list[list[Observed]]] = {}  # cases that differ in tolerance share pairs
    with get_context("spawn").Pool(options.processes) as pool:
        for case in CASES:
            for times, pairs in ((0, options.pairs), (1, options.drops), (2, options.drops)):
                drop = times * case.tolerance / 100
                if (case.name, drop) not in drawn:
                    work = partial(pairs_of, case.family, case.samples, case.figures, drop, options.resamples)
                    sets = pool.imap(work, range(math.ceil(pairs / (4 if drop else 6))))
                    drawn[case.name, drop] = [one for some in sets for one in some][:pairs]
                _row(case.name, [case.tolerance] * len(case.figures), drawn[case.name, drop])
    tolerances = [case.tolerance for case in (MAR20, SCENES) for _ in case.figures]
    for drop in (0, 2 * MAR20.tolerance / 100):  # one gate over two tasks, of which the first alone drops
        both = [a + b for a, b in zip(drawn[MAR20.name, drop], drawn[SCENES.name, 0], strict=False)]
        _row(f"{MAR20.name}, and {SCENES.name}", tolerances, both)


def _row(name: str, tolerances: Sequence[float], drawn: Sequence[Sequence[Observed]]) -> None:
    def fails(chance: bool = True, tolerated: float = 1.0, part: slice = slice(None)) -> float:
        rules = [FigureRule("*", ("*",), t * tolerated, None, chance) for t in tolerances]
        judgements = (judged(list(zip(one, rules, strict=True))[part], SIGNIFICANCE) for one in drawn)
        return 100 * sum(any(line.state == WORSE for line in lines) for lines in judgements) / len(drawn)

    figures = range(len(tolerances))
    drops = [100 * np.mean([one[i].before - one[i].after for one in drawn]) for i in figures]
    cells = [name, " / ".join(f"{t:g}" for t in dict.fromkeys(tolerances))]
    cells += [" / ".join(f"{drop:.2f}" for drop in drops), f"{len(drawn):,}", f"{fails():.1f} %"]
    cells += [" / ".join(f"{fails(part=slice(i, i + 1)):.1f}" for i in figures)]
    cells += [f"{fails(chance=False):.1f} %", f"{fails(tolerated=0):.1f} %"]
    print(f"| {' | '.join(cells)} |", flush=True)


def pairs_of(
    family: str, samples: int, figures: Sequence[str], drop: float, resamples: int, seed: int
) -> list[list[Observed]]:
    """The figures of every pair of models on one test set; with a `drop`, of a model and a worse one."""
    generator = np.random.default_rng((seed, samples, round(drop * 1e4)))
    model = (_detections if family == "detection" else _answers)(samples, generator)
    tallies = [model(lost) for lost in (0, 0, drop, drop)]
    values = [{figure: _value(tally, figure) for figure in figures} for tally in tallies]
    places = product((0, 1), (2, 3)) if drop else combinations(range(4), 2)
    found = []
    for first, second in places:
        said: dict[str, Difference | None] = {}
        for name in figures:
            said |= differences(tallies[first], tallies[second], samples, None, seed, resamples, only=name)
        before, after = values[first], values[second]
        found.append([Observed(family, f, before[f], after[f], said[f], samples) for f in figures])
    return found


def _value(tally: Tally, figure: str) -> float:
    value = tally.figures(only=figure)[figure]
    assert value is not None, "every drawn test set has objects, and pictures of every class"
    return value


def _answers(samples: int, generator: np.random.Generator) -> Callable[[float], Tally]:
    """Classification: a picture is as hard for one model as for another, each errs on its own."""
    metric = Choice(CLASSES)
    golds = generator.integers(0, len(CLASSES), samples)
    targets = [Target(label=CLASSES[number]) for number in golds.tolist()]
    easy = generator.beta(RIGHT / 2, (1 - RIGHT) / 2, samples)

    def model(lost: float) -> Tally:
        right = generator.random(samples) < easy * (1 - lost / RIGHT)
        wrong = generator.integers(1, len(CLASSES), samples)
        said = np.where(right, golds, (golds + wrong) % len(CLASSES)).tolist()
        answers = [Answer(label=CLASSES[number]) for number in said]
        return metric.tally([metric.observe(*one) for one in zip(targets, answers, strict=True)])

    return model


def _detections(samples: int, generator: np.random.Generator) -> Callable[[float], Tally]:
    """Aircraft: objects differ in how hard they are, and other places look like one, for every model."""
    card = read_card("mar20")
    share = generator.gamma(1.3, 1.0, samples)
    counts = 1 + generator.multinomial(OBJECTS - samples, share / share.sum())
    image = np.repeat(np.arange(samples), counts)
    total = len(image)
    centre, side = generator.uniform(0, SIDE, (total, 2)), generator.normal(70, 18, total).clip(20, 160)
    label = generator.integers(0, len(card.classes), total)
    easy, fit = generator.beta(0.7 * FOUND, 0.7 * (1 - FOUND), total), generator.gamma(1.6, 0.55, total)
    spots = int(0.7 * total)  # each model takes half of them for an object
    spot_image, spot = generator.integers(0, samples, spots), generator.uniform(0, SIDE, (spots, 2))
    truth = _regions(samples, card.classes, image, centre, side, label, None)
    targets = [Target(regions=regions) for regions in truth]
    data = tuple(Sample(str(i), (Image(f"{i}.jpg", ""),), target) for i, target in enumerate(targets))
    metric = build_task(card, Dataset(data, (), card.classes)).metrics[0]
    assert isinstance(metric, Detection)

    def model(lost: float) -> Tally:
        hit = generator.random(total) < easy * (1 - lost / AP_NEAR)
        taken = generator.random(spots) < 0.5
        loose = fit * generator.gamma(4.0, 0.25, total)
        at = centre + generator.normal(0, 0.08, (total, 2)) * (side * loose)[:, None]
        wide = side * np.exp(generator.normal(0, 0.1, total) * loose)
        called = np.where(generator.random(total) < 0.06, generator.integers(0, 20, total), label)
        sure = 1 / (1 + np.exp(-(2.4 - 1.6 * loose + generator.normal(0, 0.8, total))))
        false = int(taken.sum())
        found = _regions(
            samples,
            card.classes,
            np.concatenate([image[hit], spot_image[taken]]),
            np.concatenate([at[hit], spot[taken]]),
            np.concatenate([wide[hit], generator.normal(70, 18, false).clip(20, 160)]),
            np.concatenate([called[hit], generator.integers(0, 20, false)]),
            np.concatenate([sure[hit], generator.beta(1.2, 4, false)]),
        )
        return metric.tally(metric.observe_all(targets, [Answer(regions=regions) for regions in found]))

    return model


def _regions(
    samples: int,
    classes: Sequence[str],
    image: np.ndarray,
    centre: np.ndarray,
    side: np.ndarray,
    label: np.ndarray,
    score: np.ndarray | None,
) -> list[tuple[Region, ...]]:
    """The boxes of every picture."""
    boxes = np.concatenate([centre - side[:, None] / 2, centre + side[:, None] / 2], 1).tolist()
    scores: list[float | None] = [None] * len(boxes) if score is None else score.tolist()
    found: list[list[Region]] = [[] for _ in range(samples)]
    for i, box, name, sure in zip(image.tolist(), boxes, label.tolist(), scores, strict=True):
        found[i].append(Region(tuple(box), classes[name], sure))
    return [tuple(regions) for regions in found]


if __name__ == "__main__":
    main()
