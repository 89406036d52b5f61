"""Steps as a data set: the same conversations for any number of processes, and nothing remembered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from rsbench.harness.errors import DataError
from rsbench.reference_model.config import Config
from rsbench.reference_model.data.record import Turn
from rsbench.reference_model.tokenizer import Tokenizer
from rsbench.reference_model.trainer.dataset import Steps
from rsbench.reference_model.trainer.example import Example
from rsbench.reference_model.trainer.recipe import Recipe, parse

BROKEN = 4


class Numbers:
    """Examples that tell their index; some random, one with a broken picture."""

    def __init__(self, size: int, name: str) -> None:
        self.size, self.name, self.opened = size, name, Counter[int]()

    def __len__(self) -> int:
        return self.size

    def example(self, index: int, rng: np.random.Generator) -> Example:
        drawn = int(rng.integers(1000))
        return Example((Turn(f"{self.name} {index}?", f"{drawn} " * (1 + index % 4)),), self._picture(index))

    def _picture(self, index: int) -> Callable[[], Any]:
        def opened() -> Any:
            self.opened[index] += 1
            if index == BROKEN:
                raise DataError("4.jpg is damaged.")
            return np.zeros((64, 64, 3), np.uint8)

        return opened


def recipe(**changes: Any) -> Recipe:
    data = [{"module": "m:a"}, {"module": "m:b", "weight": 0.5}]
    return parse({"stage": "align", "data": data, "batch": 12, "steps": 9} | changes, "r.yaml")


@pytest.fixture
def sources() -> dict[str, Numbers]:
    return {"a": Numbers(40, "a"), "b": Numbers(40, "b")}


def made(
    sources: dict[str, Numbers], config: Config, tokenizer: Tokenizer, processes: int = 1, **changes: Any
) -> Steps:
    return Steps(recipe(**changes), config, tokenizer, sources, processes)


def test_every_number_of_processes_and_parts_sees_the_same(
    sources: dict[str, Numbers], tiny: Config, tokenizer: Tokenizer
) -> None:
    contents = []
    for processes, parts in ((1, 1), (2, 1), (1, 3), (2, 2), (4, 3)):
        steps = made(sources, tiny, tokenizer, processes, accumulate=parts)
        each = processes * parts
        assert len(steps) == 9 * each
        found = []
        for step in range(9):
            batches = [steps[step * each + place] for place in range(each)]
            samples = sorted(name for batch in batches for name in batch["note"]["samples"])
            tokens = sorted(t for batch in batches for t in batch["targets"].flatten().tolist() if t >= 0)
            found.append((samples, tokens, sum(float(b["weights"].sum()) for b in batches)))
        contents.append(found)
    assert all(found == contents[0] for found in contents)


def test_a_step_is_the_same_whenever_it_is_asked_for(
    sources: dict[str, Numbers], tiny: Config, tokenizer: Tokenizer
) -> None:
    steps = made(sources, tiny, tokenizer)
    walked = [steps[slot] for slot in range(9)]
    for slot in (7, 2, 2, 8, 0):
        fresh = made(sources, tiny, tokenizer)[slot]
        for again in (steps[slot], fresh):
            assert again["note"] == walked[slot]["note"]
            assert torch.equal(again["ids"], walked[slot]["ids"])


def test_only_the_pictures_of_the_own_part_are_opened(
    sources: dict[str, Numbers], tiny: Config, tokenizer: Tokenizer
) -> None:
    steps = made(sources, tiny, tokenizer, 4)
    assert steps.step(0).examples and not sources["a"].opened + sources["b"].opened
    steps[0]
    assert (sources["a"].opened + sources["b"].opened).total() == 3


def test_shares_and_passes(sources: dict[str, Numbers], tiny: Config, tokenizer: Tokenizer) -> None:
    steps = made(sources, tiny, tokenizer, steps=None, epochs=3)
    assert steps.samples == 60 and steps.steps == 15  # 40 + 0.5 * 40, three times, in twelves
    counts = steps.counts(15)
    drawn = Counter(name.split()[0] for step in range(15) for name in steps.step(step).names.values())
    assert counts == drawn and sum(counts.values()) == 180
    assert 90 < counts["a"] < 150
    only = made(
        {"a": sources["a"]}, tiny, tokenizer, steps=None, epochs=1, data=[{"module": "m:a"}], batch=10
    )
    names = [name for step in range(4) for name in only.step(step).names.values()]
    assert only.steps == 4 and sorted(names) == sorted(f"a {i}" for i in range(40))  # each once
    twice = made(sources, tiny, tokenizer, data=[{"module": "m:a"}, {"module": "m:a"}])
    assert twice.problems.lines() == ["1  a source listed twice: a"] and twice.names == ("a",)


def test_problems_are_named(sources: dict[str, Numbers], tiny: Config, tokenizer: Tokenizer) -> None:
    steps = made({"a": sources["a"]}, tiny, tokenizer, data=[{"module": "m:a"}], batch=40, max_tokens=50)
    batch = steps[0]
    problems = {p["sample"]: p["problem"] for p in batch["note"]["problems"]}
    assert problems.pop("a 4") == "broken picture: 4.jpg is damaged."
    skipped = [f"a {i}" for i in range(40) if f"a {i}" not in batch["note"]["samples"]]
    assert problems == dict.fromkeys(skipped, "skipped: no answer, or longer than 50 tokens") and skipped
    assert batch["broken"] == 1


def test_no_sample_fits(sources: dict[str, Numbers], tiny: Config, tokenizer: Tokenizer) -> None:
    batch = made(sources, tiny, tokenizer, 2, max_tokens=3)[1]
    assert batch["weights"].sum() == 0 and batch["note"]["samples"] == []
