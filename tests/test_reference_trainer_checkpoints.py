"""Checkpoints: a name only when whole, the last few kept, and another training's refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file

from rsbench.harness.errors import ModelError
from rsbench.reference_model.trainer import checkpoints


def written(folder: Path, step: int) -> None:
    part = folder / checkpoints.PART / f"checkpoint-{step}"
    part.mkdir(parents=True)
    (part / "file").write_text(str(step), encoding="utf-8")


def test_publishing_renames_and_keeps_the_last(tmp_path: Path) -> None:
    for step in (9, 10, 11, 100):
        written(tmp_path, step)
        assert step not in checkpoints.steps_of(tmp_path)
        checkpoints.publish(tmp_path, step, 2)
    assert checkpoints.steps_of(tmp_path) == [11, 100]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["checkpoint-100", "checkpoint-11"]
    written(tmp_path, 100)
    checkpoints.publish(tmp_path, 100, 2)
    assert checkpoints.steps_of(tmp_path) == [11, 100]


def test_messages_say_how_to_go_on(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught, checkpoints.told(tmp_path):
        raise OSError(28, "No space left on device")
    assert "No space left on device" in str(caught.value) and "begins anew" in str(caught.value)
    written(tmp_path, 7)
    checkpoints.publish(tmp_path, 7, 1)
    with pytest.raises(ModelError, match="checkpoint of step 7 is whole.* continues from it"):
        with checkpoints.told(tmp_path):
            raise RuntimeError("PytorchStreamWriter failed writing file")


def test_tensors_come_back_and_misfits_are_named(tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    tensors = {"a": torch.randn(3, 4).t(), "b": torch.randn(2)}
    checkpoints.save_tensors(tensors, path)
    into = {"a": torch.zeros(4, 3), "b": torch.zeros(2)}
    checkpoints.load_tensors(path, into)
    assert all(torch.equal(into[k], tensors[k]) for k in tensors)
    others: list[tuple[dict[str, Any], str]] = [
        ({"a": torch.zeros(4, 3)}, "b is not trained here"),
        ({**into, "c": torch.zeros(1)}, "c is missing"),
        ({"a": torch.zeros(4, 3), "b": torch.zeros(3)}, r"b is \(2,\), not \(3,\)"),
    ]
    for other, said in others:
        with pytest.raises(ModelError, match=said):
            checkpoints.load_tensors(path, other)
    path.write_bytes(b"cut short")
    with pytest.raises(ModelError, match="cannot be read"):
        checkpoints.load_tensors(path, into)
    save_file({}, path)


def test_a_folder_is_for_one_training(tmp_path: Path) -> None:
    state = {"digest": "1", "start": {"s": "x"}, "recipe": {"steps": 5, "seed": 0}}
    for _ in range(2):
        checkpoints.remember(tmp_path, state)
    with pytest.raises(ModelError, match="another recipe: seed, steps differ"):
        checkpoints.remember(tmp_path, state | {"digest": "2", "recipe": {"steps": 6, "seed": 1}})
    with pytest.raises(ModelError, match="the weights of start differ"):
        checkpoints.remember(tmp_path, state | {"start": {"s": "y"}})
