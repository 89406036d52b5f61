"""Predict: every request once, in the same batches however often it is stopped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from rsbench.harness.contract import (
    Image,
    Region,
    Request,
    Response,
    Sample,
    Spec,
    Target,
    Text,
    Turn,
    Wants,
)
from rsbench.harness.ledger import Ledger, start
from rsbench.harness.predict import predict, requests
from rsbench.harness.roles import Adapter, Metric

from .test_ledger import spec

# of the first request of the quiz, as the version before there were changed pictures made it
KEY = "1e89858fb7c4491c37c12a9e5d3f6772a2f4e4f93fb2f0b3a5ab6d0b097252bb"


class Quiz:
    """Two turns: the second question quotes the first answer."""

    name, version, headline = "quiz", 1, ""
    metrics: tuple[Metric, ...] = ()

    def samples(self) -> Sequence[Sample]:
        return [Sample(f"s{i}", (Image(f"{i}.png", ""),), Target(label=str(i))) for i in range(5)]

    def request(self, sample: Sample, history: Sequence[Turn]) -> Wants | None:
        if len(history) == 2:
            return None
        return Text(f"after {history[-1].answer}" if history else "first")


class Echo:
    """Answers with what it was asked and remembers the batches it saw."""

    name = "echo"
    dialect: str | None = None
    checkpoint: str | None = None

    def __init__(self, fail: str = "", stop_after: int = 10**9) -> None:
        self.batches: list[list[str]] = []
        self.fail, self.left = fail, stop_after

    def generate(self, requests: Sequence[Request]) -> Iterable[Response]:
        self.batches.append([r.sample_id for r in requests])
        for request in requests:
            if self.left == 0:
                raise KeyboardInterrupt
            self.left -= 1
            if request.sample_id == self.fail:
                yield Response(request.key, request.sample_id, error="broken")
            else:
                assert isinstance(request.wants, Text)
                yield Response(request.key, request.sample_id, text=f"{request.wants.question}!")


class Plain:
    """The simplest engine."""

    def run(self, adapter: Adapter, batches: Iterable[Sequence[Request]]) -> Iterator[Response]:
        for batch in batches:
            yield from adapter.generate(batch)


def go(folder: Path, adapter: Echo, asked: Spec | None = None) -> tuple[Ledger, list[Request]]:
    asked, task = asked or spec(), Quiz()
    ledger = start(folder, asked, (), task.samples(), [], {})
    targets = {sample.id: sample.target for sample in task.samples()}
    ask = partial(requests, asked, task, None, task.samples(), {})
    return ledger, predict(ask, adapter, Plain(), ledger, targets, 2, lambda *_: None)


def test_a_conversation_runs_to_its_end(tmp_path: Path) -> None:
    ledger, last = go(tmp_path, Echo())
    assert [r.wants for r in last] == [Text("after first!")] * 5
    assert len(ledger.responses()) == 10
    assert {len(r.turns) for r in last} == {1}


def test_nothing_is_asked_twice(tmp_path: Path) -> None:
    go(tmp_path, Echo())
    again = Echo()
    go(tmp_path, again)
    assert again.batches == []


def test_a_stopped_run_continues_in_the_same_batches(tmp_path: Path) -> None:
    whole = Echo()
    undisturbed, _ = go(tmp_path / "whole", whole)
    for answers in range(10):
        folder = tmp_path / str(answers)
        try:
            go(folder, Echo(stop_after=answers))
        except KeyboardInterrupt:
            pass
        rest = Echo()
        ledger, _ = go(folder, rest)
        assert ledger.responses() == undisturbed.responses()
        assert all(batch in whole.batches for batch in rest.batches)


def test_an_error_is_kept_and_asked_again_next_time(tmp_path: Path) -> None:
    ledger, _ = go(tmp_path, Echo(fail="s3"))
    assert [r.error for r in ledger.responses().values() if r.error] == ["broken"]
    again = Echo()
    ledger, _ = go(tmp_path, again)
    assert not any(r.error for r in ledger.responses().values())
    assert again.batches[0] == ["s2", "s3"]


def test_the_key_follows_every_setting() -> None:
    task, base = Quiz(), spec()
    settings = [
        base,
        replace(base, task_version=2),
        replace(base, checkpoint="other"),
        replace(base, arguments={"wording": "released"}),
        replace(base, dialect="plain"),
        replace(base, decoding=replace(base.decoding, temperature=0.2)),
    ]
    keys = [next(requests(s, task, None, task.samples(), {})).key for s in settings]
    settings.append(replace(base, prompting="count"))
    keys.append(next(requests(settings[-1], task, None, task.samples(), {})).key)
    pointed = [replace(s, regions=(Region((0, 0, 1, 1), ""),)) for s in task.samples()]
    keys.append(next(requests(base, task, None, pointed, {})).key)
    keys.append(next(requests(base, task, None, task.samples(), {"0.png": "bytes"})).key)
    assert len(set(keys)) == len(keys)
    assert next(requests(base, task, None, task.samples(), {})).key == keys[0]


def test_a_changed_picture_has_its_own_key_and_the_picture_as_it_is_the_one_it_had() -> None:
    task, base = Quiz(), spec()
    sample = task.samples()[0]
    keys: list[str] = []
    for change in ("", "rot90", "flip rot90", "speckle/3", "speckle/3/1"):
        images = tuple(replace(image, change=change) for image in sample.images)
        keys += [r.key for r in requests(base, task, None, [replace(sample, images=images)], {})]
    assert len(set(keys)) == 5 and keys[0] == KEY
    also = replace(base, views="d4", corrupt=("speckle",))
    assert next(requests(also, task, None, [sample], {})).key == KEY
