"""Safetensors in one file or in shards with an index: the same tensors, and faults that are named."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from rsbench.harness.errors import ModelError
from rsbench.reference_model.lazy import lazy
from rsbench.reference_model.weight_files import INDEX, SINGLE, files, read, read_file, write

STATE = {
    "a": torch.arange(6.0).view(2, 3),  # 24 bytes
    "b": torch.ones(5, dtype=torch.float16),  # 10
    "c": torch.arange(4),  # 32
    "d": torch.ones(3, dtype=torch.bfloat16)[1:],  # 4
    "e": torch.tensor(2.5),
}
TENSORS = {name: lazy(tensor) for name, tensor in STATE.items()}


@pytest.mark.parametrize(("bound", "count"), [(10_000, 1), (40, 2), (33, 4), (1, 5)])
def test_what_was_written_is_read(tmp_path: Path, bound: int, count: int) -> None:
    write(tmp_path, TENSORS, bound)
    shards = sorted(tmp_path.glob("*.safetensors"))
    assert len(shards) == count and (tmp_path / INDEX).exists() == (count > 1)
    found = read(tmp_path)
    assert found.keys() == STATE.keys()
    for name, tensor in STATE.items():
        assert found[name].shape == tuple(tensor.shape) and found[name].dtype == tensor.dtype
        assert torch.equal(found[name].read(), tensor), name
    if count > 1:
        assert shards[0].name == f"model-00001-of-{count:05d}.safetensors"
        index = json.loads((tmp_path / INDEX).read_text())
        assert index["metadata"]["total_size"] == sum(t.numel() * t.itemsize for t in STATE.values())
        for name, file in index["weight_map"].items():
            assert name in load_file(tmp_path / file)
        assert files(tmp_path) == [tmp_path / INDEX, *shards]
    else:
        assert files(tmp_path) == [tmp_path / SINGLE]


def test_tensors_that_share_memory_are_written_each(tmp_path: Path) -> None:
    whole = torch.arange(8.0)
    views = {"x": whole[:4], "y": whole[2:6], "z": whole.view(2, 4).T, "a": whole, "b": whole}
    write(tmp_path, {name: lazy(view) for name, view in views.items()})
    found = load_file(tmp_path / SINGLE)
    assert torch.equal(found["a"], whole) and torch.equal(found["b"], whole)
    assert found["y"].tolist() == [2, 3, 4, 5] and torch.equal(found["z"], whole.view(2, 4).T)


def test_faults_are_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=f"no {SINGLE}"):
        read(tmp_path)
    write(tmp_path, TENSORS, 40)
    second = tmp_path / "model-00002-of-00002.safetensors"
    first = tmp_path / "model-00001-of-00002.safetensors"
    kept = second.read_bytes()
    second.unlink()
    with pytest.raises(ModelError, match=f"{second.name} is missing"):
        read(tmp_path)
    second.write_bytes(first.read_bytes())
    with pytest.raises(ModelError, match="a is in two files"):
        read(tmp_path)
    second.write_bytes(kept[:-1])
    with pytest.raises(ModelError, match=f"{second.name} cannot be read"):
        read(tmp_path)
    for broken in ("{", "[]", "{}", '{"weight_map": 3}', '{"weight_map": {"a": 3}}'):
        (tmp_path / INDEX).write_text(broken)
        with pytest.raises(ModelError, match=f"{INDEX} cannot be read"):
            files(tmp_path)


def test_an_index_names_files_of_its_folder_only(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    save_file({"a": torch.ones(1)}, tmp_path / "secret.safetensors")
    (tmp_path / "in" / INDEX).write_text(json.dumps({"weight_map": {"a": "../secret.safetensors"}}))
    with pytest.raises(ModelError, match="secret.safetensors is missing"):
        read(tmp_path / "in")


def test_types_that_no_model_has(tmp_path: Path) -> None:
    save_file({"a": torch.ones(2).to(torch.float8_e4m3fn)}, tmp_path / "x.safetensors")
    with pytest.raises(ModelError, match="a in .* is F8_E4M3"):
        read_file(tmp_path / "x.safetensors")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="absent"):
        write(tmp_path / "absent", TENSORS)
