"""Runs of known answers, ledger and report as `rsbench run` leaves them, for tests of what is made of two."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from rsbench.harness.contract import Decoding, Image, Region, Response, Sample, Source, Spec, Target
from rsbench.harness.datasets.card import Dataset, read_card
from rsbench.harness.ledger import Appender, start
from rsbench.harness.plan import build_dialect, build_task
from rsbench.harness.report import write
from rsbench.harness.result import Result, open_result
from rsbench.harness.score import score

Said: TypeAlias = str | Sequence[Region] | None  # None: no answer came
SCENES = ("airport", "beach", "forest")


def run(
    folder: Path,
    card: str,
    samples: Sequence[Sample],
    said: Sequence[Said],
    classes: tuple[str, ...] = (),
    **changes: Any,
) -> Result:
    """The run in which every sample got its answer; `changes` are of the Spec, `dialect` plain."""
    known = read_card(card)
    values: dict[str, Any] = {
        "task": card,
        "task_version": known.version,
        "source": Source("official", "test", len(samples), "a" * 64, "b" * 64),
        "adapter": "replay",
        "arguments": {"answers": f"{folder.name}.jsonl"},
        "checkpoint": None,
        "dialect": "plain",
        "dialect_version": 1,
        "decoding": Decoding(),
        "limit": None,
        "seed": 0,
    }
    spec = Spec(**{**values, **changes})
    ledger = start(folder, spec, classes, samples, (), {})
    with Appender(ledger, "responses.jsonl") as appender:
        for sample, answer in zip(samples, said, strict=True):
            text = answer if isinstance(answer, str) else None
            regions = None if answer is None or isinstance(answer, str) else tuple(answer)
            error = "no answer" if answer is None else None
            key = f"{folder.name} {sample.id}"
            appender.response(Response(key, sample.id, text=text, regions=regions, error=error))
    task = build_task(known, Dataset(tuple(samples), (), classes))
    write(ledger, score(ledger, task, build_dialect(spec.dialect), resamples=100))
    return open_result(ledger.folder)


def questions(pictures: int = 40, each: int = 3) -> list[Sample]:
    """Yes or no, `each` about a picture, of two kinds; every fourth picture is a SAR one."""
    found = []
    for n in range(pictures * each):
        picture, kind = n // each, "comp" if n % each else "presence"
        tags = {"sensor": "SAR" if picture % 4 == 0 else "optical", "question type": kind}
        target = Target(texts=("yes" if n % 2 else "no",), kind=kind)
        found.append(Sample(f"q{n}", (Image(f"{picture}.png", ""),), target, f"Is it {n}?", tags))
    return found


def scenes(count: int = 45) -> list[Sample]:
    """Pictures of three classes."""
    return [
        Sample(f"s{n}", (Image(f"{n}.png", ""),), Target(label=SCENES[n % 3]), tags={"class": SCENES[n % 3]})
        for n in range(count)
    ]


def harbours(count: int = 40) -> list[Sample]:
    """Two ships and a plane on every picture."""
    boxes = (("ship", 0.0), ("ship", 100.0), ("plane", 200.0))
    objects = tuple(Region((x, 0.0, x + 50, 50.0), label) for label, x in boxes)
    return [
        Sample(f"h{n}", (Image(f"{n}.png", "", size=(300, 300)),), Target(regions=objects))
        for n in range(count)
    ]
