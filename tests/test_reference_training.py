"""What training stages share: the learning rate, what is decayed, and states that survive a stop."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
import torch
from torch import nn

from rsbench.reference_model.training import BETAS, Schedule, in_cycle, load_state, optimizer, save_state


def test_the_rate_warms_up_in_a_line_and_cools_down_in_half_a_cosine() -> None:
    schedule = Schedule(2.0, 0.1, 50)
    assert [schedule.at(step) for step in range(5)] == pytest.approx([0.4, 0.8, 1.2, 1.6, 2.0])
    for step in range(5, 50):
        assert schedule.at(step) == pytest.approx(1 + math.cos(math.pi * (step - 5) / 45))
    assert schedule.at(50) == pytest.approx(0)
    assert Schedule(1.0, 0.0, 1).at(0) == 1


def test_cycles_follow_one_another() -> None:
    cycles = [Schedule(1.0, 0.2, 10), Schedule(0.5, 0.2, 10)]
    adam, rates = optimizer(nn.Linear(1, 1), 0), []
    for step in range(20):
        in_cycle(cycles, adam, step)
        rates.append(adam.param_groups[0]["lr"])
    assert rates == [cycle.at(step) for cycle in cycles for step in range(10)]
    assert max(rates[:10]) == 1.0 and max(rates[10:]) == 0.5 and rates[9] < 0.05 < rates[10]


def test_vectors_are_not_decayed_and_frozen_weights_are_left_out() -> None:
    model = nn.Sequential(nn.Linear(3, 3), nn.LayerNorm(3), nn.Linear(3, 2))
    model[2].requires_grad_(False)
    adam = optimizer(model, 0.1)
    decayed, plain = adam.param_groups
    assert [p.shape for p in decayed["params"]] == [(3, 3)] and decayed["weight_decay"] == 0.1
    assert len(plain["params"]) == 3 and plain["weight_decay"] == 0
    assert adam.defaults["betas"] == BETAS == (0.9, 0.95)
    Schedule(0.5, 0, 4).apply(adam, 0)
    assert {group["lr"] for group in adam.param_groups} == {0.5}


def trained(path: Path, stops: list[int]) -> nn.Linear:
    """A model trained to each of `stops` in a fresh process's stead."""
    schedule = Schedule(0.1, 0.2, 10)
    for stop in stops:
        torch.manual_seed(0)
        model = nn.Linear(4, 1)
        adam = optimizer(model, 0.1)
        step, minutes = load_state(path, model, adam)
        while step < stop:
            x = torch.randn(8, 4, generator=torch.Generator().manual_seed(step))
            schedule.apply(adam, step)
            adam.zero_grad()
            (model(x) - x.sum(1, keepdim=True)).square().mean().backward()
            adam.step()
            step += 1
        save_state(path, model, adam, step, minutes + 1.5)
    return model


def test_a_stop_changes_nothing(tmp_path: Path) -> None:
    once = trained(tmp_path / "once.pt", [10])
    twice = trained(tmp_path / "twice.pt", [3, 4, 10])
    assert torch.equal(once.weight, twice.weight) and torch.equal(once.bias, twice.bias)
    assert load_state(tmp_path / "twice.pt", twice, None) == (10, 4.5)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["once.pt", "twice.pt"]


def test_no_state_is_step_zero(tmp_path: Path) -> None:
    assert load_state(tmp_path / "none.pt", nn.Linear(1, 1), None) == (0, 0.0)


def test_a_failed_write_leaves_the_state_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = nn.Linear(1, 1)
    adam = optimizer(model, 0)
    save_state(tmp_path / "a.pt", model, adam, 3, 1.0)

    def broken(state: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr(torch, "save", broken)
    with pytest.raises(OSError, match="disk full"):
        save_state(tmp_path / "a.pt", model, adam, 4, 2.0)
    assert load_state(tmp_path / "a.pt", model, adam) == (3, 1.0)
