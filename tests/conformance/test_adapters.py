"""What every adapter that is no model must do, through the real metrics: reach the top or the floor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

import numpy as np
import pytest

from rsbench.harness.answers import match_class
from rsbench.harness.contract import (
    Answer,
    Boxes,
    Image,
    Label,
    Region,
    Request,
    Response,
    Runtime,
    Sample,
    Target,
    Wants,
)
from rsbench.harness.engines.serial import Serial
from rsbench.harness.errors import RsbenchError
from rsbench.harness.metrics.choice import Choice
from rsbench.harness.metrics.detection import Detection
from rsbench.harness.registry import load, names
from rsbench.harness.roles import Adapter, Dialect, Informed, Metric
from rsbench.harness.understand import understand

MODELS = ("earthgpt", "hf", "openai", "open_clip", "grounding_dino", "mmrotate", "command", "replay")
TRIVIAL = [name for name in names("adapters") if name not in MODELS]
CLASSES = ("ship", "plane", "storage tank", "beach", "port")
IMAGE = Image("a.png", "", size=(400, 300))
WANTS: tuple[Wants, ...] = (Label(CLASSES), Boxes(CLASSES), Boxes(CLASSES, oriented=True))


def truth(seed: int, wants: Wants) -> Target:
    """A class, or one to four objects of 60 pixels or more."""
    rng = np.random.default_rng(seed)
    if isinstance(wants, Label):
        return Target(label=CLASSES[int(rng.integers(5))])
    regions = []
    for _ in range(int(rng.integers(1, 5))):
        x, y, w, h = rng.uniform((0, 0, 60, 60), (250, 150, 150, 150))
        box = (
            (x, y, x + w, y + h)
            if not cast(Boxes, wants).oriented
            else (x, y, x + w, y, x + w, y + h, x, y + h)
        )
        regions.append(Region(tuple(map(float, box)), CLASSES[int(rng.integers(5))]))
    return Target(regions=tuple(regions))


def figures(name: str, wants: Wants, count: int = 60, **arguments: str) -> Mapping[str, float | None]:
    """The figures of an adapter on samples drawn from seeds."""
    adapter = cast(Adapter, load("adapters", name)(arguments, Runtime(seed=7)))
    dialect = cast(Dialect, load("dialects", adapter.dialect)()) if adapter.dialect else None
    targets = [truth(seed, wants) for seed in range(count)]
    requests = [Request(f"k{i}", str(i), (IMAGE,), wants) for i in range(count)]
    if prepare := getattr(adapter, "prepare", None):
        prepare([Sample(str(i), (IMAGE,), target) for i, target in enumerate(targets)], CLASSES, {})
    if isinstance(adapter, Informed):
        for request, target in zip(requests, targets, strict=True):
            adapter.inform(request, target)
    responses = list(Serial().run(adapter, [requests[i : i + 16] for i in range(0, count, 16)]))
    assert [r.key for r in responses] == [r.key for r in requests]
    answers = [_scored(response, wants, dialect) for response in responses]
    metric: Metric = Choice(CLASSES)
    if isinstance(wants, Boxes):
        metric = Detection({"all": {c: c for c in CLASSES}}, (0.5,), wants.oriented)
    evidence = [metric.observe(target, answer) for target, answer in zip(targets, answers, strict=True)]
    return metric.tally(evidence).figures()


def _scored(response: Response, wants: Wants, dialect: Dialect | None) -> Answer:
    assert response.error is None, response.error
    answer = understand(response, wants, dialect, IMAGE)
    regions = tuple(Region(r.points, r.label, score=r.score or 1.0) for r in answer.regions)
    return Answer(answer.label, answer.text, regions, answer.unparsable)


def headline(found: Mapping[str, Any]) -> list[float]:
    """Accuracies and average precisions, one or more."""
    values = [v for k, v in found.items() if (k.startswith("top-1") or "AP@" in k) and v is not None]
    assert values
    return values


@pytest.mark.parametrize("name", TRIVIAL)
def test_it_is_an_adapter_without_weights(name: str) -> None:
    adapter = load("adapters", name)({}, Runtime())
    assert isinstance(adapter, Adapter) and adapter.name == name and adapter.checkpoint is None
    assert isinstance(adapter, Informed) == (name == "oracle")


@pytest.mark.parametrize("name", [name for name in MODELS if name != "earthgpt"])
def test_a_model_says_what_it_needs(name: str) -> None:
    """Without its checkpoint, address or file: what is missing and how it is written, no traceback."""
    with pytest.raises(RsbenchError) as error:
        load("adapters", name)({}, Runtime())
    assert error.value.hint and "=" in error.value.hint


@pytest.mark.parametrize("wants", WANTS, ids=["label", "boxes", "oriented"])
def test_the_oracle_reaches_the_top(wants: Wants) -> None:
    assert headline(figures("oracle", wants)) == pytest.approx(
        [1.0] * len(headline(figures("oracle", wants)))
    )


@pytest.mark.parametrize("wants", WANTS, ids=["label", "boxes", "oriented"])
@pytest.mark.parametrize("dialect", names("dialects"))
def test_the_oracle_reaches_the_top_through_every_dialect(wants: Wants, dialect: str) -> None:
    """Objects of 60 pixels and more in 400 survive two decimals at an IoU of 0.5."""
    assert min(headline(figures("oracle", wants, dialect=dialect))) == pytest.approx(1.0)


@pytest.mark.parametrize("wants", WANTS, ids=["label", "boxes", "oriented"])
@pytest.mark.parametrize("name", [name for name in TRIVIAL if name != "oracle"])
def test_the_others_stay_at_the_floor(name: str, wants: Wants) -> None:
    """Nothing for silence and for everything at once; chance for guesses (five classes)."""
    floors = {"blank": 0.0, "echo": 0.0, "list_all": 0.0 if isinstance(wants, Label) else 0.1}
    assert max(headline(figures(name, wants))) <= floors.get(name, 0.35)


def test_labels_of_detectors_are_matched(monkeypatch: pytest.MonkeyPatch) -> None:
    """The door through which boxes come keeps a class of the request as it is."""
    regions: Sequence[Region] = (Region((0, 0, 9, 9), "Storage_Tanks", 0.5),)
    answer = understand(Response("k", "1", regions=tuple(regions)), WANTS[1], None, IMAGE)
    assert [r.label for r in answer.regions] == ["storage tank"] == [match_class("Storage_Tanks", CLASSES)]
