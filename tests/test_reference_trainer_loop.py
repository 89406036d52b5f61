"""Stopped, killed, cut into parts, not finite, out of disk: the curve is the same or the message says why."""

from __future__ import annotations

import errno
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from rsbench.harness.errors import ModelError
from rsbench.reference_model.data.record import Turn
from rsbench.reference_model.trainer import checkpoints, train
from rsbench.reference_model.trainer.dataset import Steps
from rsbench.reference_model.trainer.example import Context, Example
from rsbench.reference_model.trainer.forward import Learner
from rsbench.reference_model.trainer.stages import run


class Talks:
    """Eleven conversations of one to three turns; every fourth is text alone."""

    def __len__(self) -> int:
        return 11

    def example(self, index: int, rng: np.random.Generator) -> Example:
        asked = [Turn(f"Is there a ship {index} {n}?", "no " * (1 + index % 3)) for n in range(1 + index % 3)]
        pixels = rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)
        return Example(tuple(asked), pixels if index % 4 else None)


def talks(context: Context) -> Talks:
    """What the recipe names."""
    return Talks()


@pytest.fixture(scope="module")
def raw(text_folder: Path) -> dict[str, Any]:
    return {
        "stage": "align",
        "start": str(text_folder),
        "data": [{"module": f"{__name__}:talks"}],
        "optimiser": {"learning_rate": 1e-2},
        "steps": 6,
        "batch": 6,
        "max_tokens": 150,
        "save_every": 2,
        "tensorboard": False,
        "trainer": {"use_cpu": True},
    }


@pytest.fixture(scope="module", autouse=True)
def only_the_loop() -> Iterator[None]:
    """Trainer seeds the global generators; the export is tested with the whole stage."""
    with pytest.MonkeyPatch.context() as patch, torch.random.fork_rng(devices=[]):
        patch.setattr(train, "export", lambda *_: "nowhere")
        yield


@pytest.fixture(scope="module")
def whole(raw: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    go(raw, folder)
    return folder


def go(raw: dict[str, Any], folder: Path) -> str:
    said: list[str] = []
    run(raw, "r.yaml", folder, False, said.append)
    return "\n".join(said)


def losses(folder: Path) -> list[float]:
    lines = (folder / "losses.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["loss"] for line in lines]


def same(a: Path, b: Path) -> bool:
    files = ("losses.jsonl", "checkpoint-6/model.safetensors")
    return all((a / file).read_bytes() == (b / file).read_bytes() for file in files)


def test_the_schedule_is_half_a_cosine_after_a_warm_up(raw: dict[str, Any], tmp_path: Path) -> None:
    changes = {"optimiser": {"learning_rate": 1e-2, "warm_up": 0.5}, "stage": "tune"}
    go(raw | changes, tmp_path)
    lines = (tmp_path / "losses.jsonl").read_text(encoding="utf-8").splitlines()
    rates = [json.loads(line)["lr"] for line in lines]
    warm = [1e-2 * step / 3 for step in range(3)]
    assert rates == pytest.approx([*warm, *(1e-2 * 0.5 * (1 + np.cos(np.pi * s / 3)) for s in range(3))])


@pytest.mark.parametrize("changes", [{"pack": 400, "accumulate": 2}, {"accumulate": 3, "workers": 1}])
def test_how_a_step_is_cut_does_not_matter(
    changes: dict[str, Any], raw: dict[str, Any], whole: Path, tmp_path: Path
) -> None:
    go(raw | changes, tmp_path)
    assert losses(tmp_path) == pytest.approx(losses(whole), abs=1e-4)
    assert losses(whole)[-1] < losses(whole)[0]


def test_a_stopped_training_goes_on(
    raw: dict[str, Any], whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = Steps.__getitem__

    def stopping(self: Steps, slot: int) -> Any:
        if slot == 5:
            raise KeyboardInterrupt
        return item(self, slot)

    monkeypatch.setattr(Steps, "__getitem__", stopping)
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        run(raw, "r.yaml", tmp_path, False, said.append)
    assert "The checkpoint of step 4 is whole: the same command continues from it." in said[-1]
    monkeypatch.undo()
    assert "continues at step 4 of 6" in go(raw, tmp_path)
    assert same(tmp_path, whole)
    with pytest.raises(ModelError, match="another recipe: optimiser, steps differ"):
        go(raw | {"steps": 7, "optimiser": {}}, tmp_path)


def test_a_loss_that_is_not_finite_stops(
    raw: dict[str, Any], whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward, calls = Learner.forward, iter(range(100))

    def spoilt(self: Learner, **batch: Any) -> torch.Tensor:
        return forward(self, **batch) * (float("nan") if next(calls) == 3 else 1.0)

    monkeypatch.setattr(Learner, "forward", spoilt)
    with pytest.raises(ModelError) as caught:
        go(raw, tmp_path)
    said = str(caught.value)
    assert "Step 4: the loss is nan" in said and "its batch was talks " in said
    assert "The checkpoint of step 2 is whole" in said and "continues from it" in said
    assert checkpoints.steps_of(tmp_path) == [2] and len(losses(tmp_path)) == 3
    monkeypatch.undo()
    go(raw, tmp_path)
    assert same(tmp_path, whole)


def test_a_full_disk_leaves_the_last_checkpoint(
    raw: dict[str, Any], whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save, full = torch.save, iter([False, False, True])

    def failing(state: Any, path: Any, *rest: Any, **named: Any) -> None:
        if str(path).endswith("optimizer.pt") and next(full, False):
            raise OSError(errno.ENOSPC, "No space left on device")
        save(state, path, *rest, **named)

    monkeypatch.setattr(torch, "save", failing)
    with pytest.raises(ModelError) as caught:
        go(raw, tmp_path)
    said = str(caught.value)
    assert "No space left on device" in said and "checkpoint of step 4 is whole" in said
    assert checkpoints.steps_of(tmp_path) == [2, 4]
    monkeypatch.undo()
    go(raw, tmp_path)
    assert same(tmp_path, whole)
