"""What every benchmark in the catalogue and its metrics must do: a card is tested by being there."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import cast

import numpy as np
import pytest

from rsbench.harness.contract import Answer, Label, Mask, Region, Runtime, Sample, Target, Turn
from rsbench.harness.conversation import next_request
from rsbench.harness.datasets.card import card_names, read_card
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.open import open_dataset
from rsbench.harness.engines.serial import Serial
from rsbench.harness.errors import UsageError
from rsbench.harness.ledger import start
from rsbench.harness.observation import items
from rsbench.harness.plan import PROMPTINGS, build_adapter, build_dialect, build_spec, build_task, plan
from rsbench.harness.predict import predict, requests
from rsbench.harness.registry import load, names
from rsbench.harness.roles import Bulk, Dialect, Metric, Resampling, Task
from rsbench.harness.score import score

CARDS = card_names()
MADE: dict[str, Task] = {}


@pytest.fixture(params=CARDS)
def task(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Task:
    """The task of a card over a small miniature, drawn once."""
    name = str(request.param)
    if name not in MADE:
        card, out = read_card(name), tmp_path_factory.mktemp(name) / "mini"
        classes = len(card.mini.get("classes", ()))
        write_mini(card, out, count=max(1, 10 // classes) if classes else 10)
        MADE[name] = build_task(card, open_dataset(card, out, cache=out.parent)[0])
    return MADE[name]


def guess(rng: np.random.Generator, sample: Sample, labels: list[str]) -> Answer:
    """Something right, something wrong, no two scores alike; now and then nothing that can be read."""
    target = sample.target
    if rng.uniform() < 0.1:
        return Answer(unparsable="no words", raw="")
    if target.label is not None or target.texts:
        right = target.label if target.label is not None else target.texts[0]
        said = right if rng.uniform() < 0.5 else str(rng.choice(labels))
        return Answer(label=said if target.label is not None else None, text=said, raw=said)
    moved = [
        (tuple(v + rng.normal(0, 4) for v in r.points), r.mask) for r in target.regions if rng.uniform() < 0.8
    ]
    return Answer(
        regions=tuple(Region(p, str(rng.choice(labels)), float(rng.uniform()), mask=m) for p, m in moved)
    )


def truth(target: Target) -> Answer:
    kept = [r for r in target.regions if not (r.ignore or r.crowd)]
    text = target.texts[0] if target.texts else target.label
    return Answer(label=target.label, text=text, raw=text, regions=tuple(replace(r, score=1.0) for r in kept))


def figures(metric: Metric, pairs: list[tuple[Target, Answer]]) -> Mapping[str, float | None]:
    return metric.tally([metric.observe(target, answer) for target, answer in pairs]).figures()


def pairs(task: Task) -> list[tuple[Target, Answer]]:
    samples, rng = task.samples(), np.random.default_rng(5)
    labels = {s.target.label for s in samples} | {t for s in samples for t in s.target.texts}
    labels |= {r.label for s in samples for r in s.target.regions}
    known = sorted(x for x in labels if x) or ["anything"]
    return [(s.target, guess(rng, s, known)) for s in samples]


def headline(task: Task) -> str:
    """The headline as the metric calls it: without the source of confidence."""
    confident = any(metric.confident for metric in task.metrics)
    return task.headline.rpartition("/")[0] if confident else task.headline


def test_ids_are_unique_and_the_order_is_stable(task: Task) -> None:
    ids = [sample.id for sample in task.samples()]
    assert ids and len(set(ids)) == len(ids)
    assert ids == [sample.id for sample in task.samples()]


@pytest.mark.parametrize("name", names("dialects"))
def test_the_request_says_nothing_of_the_target(task: Task, name: str) -> None:
    """The words are the same whatever is true; the options of a question are no secret."""
    dialect = cast(Dialect, load("dialects", name)())
    hidden = Target(label="?", texts=("?",), regions=(Region((0, 0, 1, 1), "?"),))
    for sample in task.samples():
        wants = task.request(sample, ())
        assert wants is not None and task.request(sample, (Turn("?", "!"),)) is None
        assert not isinstance(wants, Label) or sample.target.label in wants.choices
        images = tuple(replace(image, name="", path="") for image in sample.images)
        bare = replace(sample, images=images)
        other = replace(bare, target=replace(hidden, choices=sample.target.choices))
        if isinstance(wants, Mask) and name == "earthgpt":  # has no words for it
            with pytest.raises(UsageError):
                next_request(task, dialect, bare, ())
            continue
        asked = [next_request(task, dialect, each, ()) for each in (bare, other)]
        assert asked[0] is not None and asked[0].prompt and asked[0] == asked[1]
        assert all((r.label, r.score) == ("", None) for r in asked[0].regions)


@pytest.mark.parametrize("name", [*names("dialects"), None])
@pytest.mark.parametrize("prompting", PROMPTINGS)
def test_a_question_before_a_detection_tells_nothing_and_the_oracle_answers_both(
    prompting: str, name: str | None, tmp_path: Path
) -> None:
    """In every dialect and with values: what is scored of the last turn is what it is without the first."""
    write_mini(read_card("mar20_obb"), tmp_path / "mini", count=6)
    adapter, options = build_adapter(f"oracle,dialect={name}" if name else "oracle", Runtime())
    dialect = build_dialect(name)
    answers = {}
    for first in (None, prompting):
        planned = plan("mar20_obb", str(tmp_path / "mini"), None, None, 0, tmp_path, first)
        spec = build_spec(planned, adapter, options, name, dialect, Runtime())
        ledger = start(tmp_path, spec, planned.dataset.classes, planned.samples, (), {})
        ask = partial(requests, spec, planned.task, dialect, planned.samples, planned.images)
        targets = {sample.id: sample.target for sample in planned.samples}
        last = predict(ask, adapter, Serial(), ledger, targets, 4, lambda *_: None)
        assert {len(request.turns) for request in last} == {0 if first is None else 1}
        answers[first] = [item.answer for item in items(ledger, planned.task, dialect)]
        report = score(ledger, planned.task, dialect, resamples=20)
        assert (report.failed, report.unparsable) == (0, 0)
        assert ("first turn" in report.details) == (f"prompting {first}" in report.labels) == bool(first)
    assert answers[prompting] == answers[None] and None not in answers[None]
    shown = report.details["first turn"]
    assert (shown["answers"], shown["unparsable"]) == (6, 0)
    assert shown.get("rsvqa/strict/OA") == (1.0 if prompting == "count" else None)
    for sample in planned.samples:
        other = replace(sample, target=Target(texts=("?",)))
        asked = [next_request(planned.task, dialect, each, ()) for each in (sample, other)]
        assert asked[0] is not None and asked[0] == asked[1]


def test_the_truth_reaches_the_best_value_and_the_headline_is_one_of_the_figures(task: Task) -> None:
    best: dict[str, float | None] = {}
    for metric in task.metrics:
        best |= figures(metric, [(s.target, truth(s.target)) for s in task.samples()])
    assert best[headline(task)] == pytest.approx(1)
    for name, value in best.items():  # but for AR1 of images with several objects, spreads, LMMRotate's F1
        if "AP@" in name or name.startswith("AP") or "/F1@" in name:
            assert value is None or value == pytest.approx(1), name


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


def test_in_bulk_is_as_one_by_one(task: Task) -> None:
    """Evidence of many at once, and figures of many draws at once, are those of one after another."""
    answered = pairs(task)
    rng = np.random.default_rng(6)
    weights = rng.multinomial(len(answered), np.full(len(answered), 1 / len(answered)), size=5)
    for metric in task.metrics:
        evidence = [metric.observe(target, answer) for target, answer in answered]
        if isinstance(metric, Bulk):
            assert list(metric.observe_all(*zip(*answered, strict=True))) == evidence
        tally = metric.tally(evidence)
        if isinstance(tally, Resampling):
            drawn = tally.resampled(weights)
            for row, weight in enumerate(weights):
                for name, value in tally.figures(weight).items():
                    found = float(drawn[name][row])
                    assert np.isnan(found) if value is None else found == pytest.approx(value, abs=1e-12)


def test_nothing_proves_nothing(task: Task) -> None:
    for metric in task.metrics:
        assert set(metric.tally([]).figures().values()) == {None}
        some = metric.tally([metric.observe(t, a) for t, a in pairs(task)])
        assert set(some.figures(np.zeros(len(task.samples()))).values()) == {None}


def test_saying_nothing_is_the_floor(task: Task) -> None:
    """Of our own rules; some public ones reward an empty answer, and are shown for that."""
    for answer in (Answer(), Answer(unparsable="empty"), Answer(text="", raw="")):
        found: dict[str, float | None] = {}
        for metric in task.metrics:
            found |= figures(metric, [(s.target, answer) for s in task.samples()])
        assert found[headline(task)] == 0
        ours = (v for name, v in found.items() if "/" not in name or "strict/" in name)
        assert all(value in (0, None) for value in ours)


def test_every_metric_of_the_registry_serves_a_card() -> None:
    """One that no card used would be listed and not tested."""
    served = {type(metric) for made in MADE.values() for metric in made.metrics}
    assert (
        not MADE or len(MADE) < len(CARDS) or served == {load("metrics", name) for name in names("metrics")}
    )
