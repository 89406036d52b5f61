"""What every benchmark in the catalogue and its metrics must do: a card is tested by being there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Label, Region, Request, Sample, Target, Turn
from rsbench.harness.datasets.card import card_names, read_card
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.open import open_dataset
from rsbench.harness.plan import build_task
from rsbench.harness.registry import load, names
from rsbench.harness.roles import Dialect, Metric, Task

CARDS = card_names()
MADE: dict[str, Task] = {}


@pytest.fixture(params=CARDS)
def task(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Task:
    """The task of a card over a small miniature, drawn once."""
    name = str(request.param)
    if name not in MADE:
        card, out = read_card(name), tmp_path_factory.mktemp(name) / "mini"
        write_mini(card, out, count=1 if card.family == "classification" else 10)
        MADE[name] = build_task(card, open_dataset(card, out, cache=out.parent)[0])
    return MADE[name]


def guess(rng: np.random.Generator, sample: Sample, labels: list[str]) -> Answer:
    """Something right, something wrong, no two scores alike; now and then nothing that can be read."""
    if rng.uniform() < 0.1:
        return Answer(unparsable="no words")
    if sample.target.label is not None:
        return Answer(label=sample.target.label if rng.uniform() < 0.5 else str(rng.choice(labels)))
    moved = [
        tuple(v + rng.normal(0, 4) for v in r.points) for r in sample.target.regions if rng.uniform() < 0.8
    ]
    return Answer(regions=tuple(Region(p, str(rng.choice(labels)), float(rng.uniform())) for p in moved))


def truth(target: Target) -> Answer:
    kept = [r for r in target.regions if not (r.ignore or r.crowd)]
    return Answer(label=target.label, regions=tuple(replace(r, score=1.0) for r in kept))


def figures(metric: Metric, pairs: list[tuple[Target, Answer]]) -> Mapping[str, float | None]:
    return metric.tally([metric.observe(target, answer) for target, answer in pairs]).figures()


def pairs(task: Task) -> list[tuple[Target, Answer]]:
    samples, rng = task.samples(), np.random.default_rng(5)
    labels = sorted(
        {s.target.label or "" for s in samples} | {r.label for s in samples for r in s.target.regions}
    )
    return [(s.target, guess(rng, s, [x for x in labels if x])) for s in samples]


def test_ids_are_unique_and_the_order_is_stable(task: Task) -> None:
    ids = [sample.id for sample in task.samples()]
    assert ids and len(set(ids)) == len(ids)
    assert ids == [sample.id for sample in task.samples()]


@pytest.mark.parametrize("name", names("dialects"))
def test_the_request_says_nothing_of_the_target(task: Task, name: str) -> None:
    """Pictures of one size are asked about in the same words, whatever they show."""
    dialect = cast(Dialect, load("dialects", name)())
    prompts: dict[object, set[str]] = {}
    for sample in task.samples():
        wants = task.request(sample, ())
        assert wants is not None and task.request(sample, (Turn("?", "!"),)) is None
        assert not isinstance(wants, Label) or sample.target.label in wants.choices
        images = tuple(replace(image, name="", path="") for image in sample.images)
        prompt = dialect.render(Request("", "", images, wants))
        prompts.setdefault(sample.images[0].size, set()).add(prompt)
    assert all(len(said) == 1 for said in prompts.values())


def test_the_truth_reaches_the_best_value_and_the_headline_is_one_of_the_figures(task: Task) -> None:
    best: dict[str, float | None] = {}
    for metric in task.metrics:
        best |= figures(metric, [(s.target, truth(s.target)) for s in task.samples()])
    assert {value for value in best.values() if value is not None and value < 1} <= {
        value
        for name, value in best.items()
        if name.startswith("AR")  # AR1 of images with several objects
    }
    confident = any(metric.confident for metric in task.metrics)
    assert (task.headline.rpartition("/")[0] if confident else task.headline) in best


def test_evidence_survives_json_and_order_does_not_matter(task: Task) -> None:
    answered = pairs(task)
    for metric in task.metrics:
        evidence = [metric.observe(target, answer) for target, answer in answered]
        before = metric.tally(evidence).figures()
        assert any(value is not None and 0 < value < 1 for value in before.values())
        stored = [json.loads(json.dumps(e, allow_nan=False)) for e in evidence]
        assert metric.tally(stored).figures() == before
        assert metric.tally(stored[::-1]).figures() == pytest.approx(before)
        json.dumps(metric.details(stored), allow_nan=False)
        for name, value in before.items():
            assert metric.tally(stored).figures(only=name)[name] == value


def test_nothing_proves_nothing(task: Task) -> None:
    for metric in task.metrics:
        assert set(metric.tally([]).figures().values()) == {None}
        some = metric.tally([metric.observe(t, a) for t, a in pairs(task)])
        assert set(some.figures(np.zeros(len(task.samples()))).values()) == {None}


def test_saying_nothing_is_the_floor(task: Task) -> None:
    for metric in task.metrics:
        for answer in (Answer(), Answer(unparsable="empty")):
            found = figures(metric, [(s.target, answer) for s in task.samples()])
            assert all(value in (0, None) for value in found.values())


def test_every_metric_of_the_registry_serves_a_card() -> None:
    """One that no card used would be listed and not tested."""
    served = {type(metric) for made in MADE.values() for metric in made.metrics}
    assert (
        not MADE or len(MADE) < len(CARDS) or served == {load("metrics", name) for name in names("metrics")}
    )
