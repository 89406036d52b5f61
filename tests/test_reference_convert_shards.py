"""Tensor-parallel shards: joined as they were split, overlaid in order, refused when they do not agree."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from rsbench.harness.errors import ModelError
from rsbench.reference_model.convert.shards import overlaid, read_shards, split, write_shard
from rsbench.reference_model.lazy import lazy, prefixed

from .accessory_writer import Shape, drawn, of_rank, write, write_meta

SHAPE = Shape(n_layers=1)
STATE = drawn(SHAPE, 1, ("wq", "wk", "wv", "wo", "w1", "w2", "w3")) | {
    "visual_proj.0.weight": torch.ones(4, 6)
}


@pytest.mark.parametrize("world", [1, 2, 4])
def test_shards_join_to_what_was_split(tmp_path: Path, world: int) -> None:
    whole, deltas = read_shards(write(tmp_path, STATE, world, None))
    assert not deltas and whole.keys() == STATE.keys()
    for name, tensor in STATE.items():
        assert whole[name].shape == tuple(tensor.shape), name
        assert torch.equal(whole[name].read(), tensor), name


def test_metas_shards_have_bare_names(tmp_path: Path) -> None:
    whole, _ = read_shards(write_meta(tmp_path, STATE, 2, {}))
    assert torch.equal(whole["layers.0.attention.wo.weight"].read(), STATE["layers.0.attention.wo.weight"])


@pytest.mark.parametrize("world", [1, 2, 4])
def test_our_shards_are_accessorys(tmp_path: Path, world: int) -> None:
    ranks = split({name: lazy(tensor) for name, tensor in STATE.items()}, world)
    assert len(ranks) == world
    for rank, shard in enumerate(ranks):
        expected = of_rank(STATE, rank, world)
        write_shard(tmp_path / "one.pth", prefixed("llma.", shard), nest="model")
        stored = torch.load(tmp_path / "one.pth", weights_only=True)["model"]
        assert stored.keys() == {f"llma.{name}" for name in expected}
        for name, tensor in expected.items():
            assert torch.equal(stored[f"llma.{name}"], tensor), name
        size = sum(t.numel() * 4 for t in expected.values())
        assert (tmp_path / "one.pth").stat().st_size < size + 400 * len(
            expected
        ) + 4000  # no whole behind a part


def test_what_cannot_be_split_is_named() -> None:
    tensors = {"layers.0.feed_forward.w2.weight": lazy(torch.ones(4, 6))}
    assert len(split(tensors, 3)) == 3
    with pytest.raises(ModelError, match="w2.weight has 6 entries to split, which 4 shards"):
        split(tensors, 4)


def test_a_missing_shard_and_a_wrong_count_are_named(tmp_path: Path) -> None:
    write(tmp_path, STATE, 2, None)
    (tmp_path / "consolidated.01-of-02.model.pth").unlink()
    with pytest.raises(ModelError, match="has 1 of the shards .*; rank 1 is missing"):
        read_shards(tmp_path)
    (tmp_path / "consolidated.00-of-02.model.pth").rename(tmp_path / "consolidated.02-of-02.model.pth")
    with pytest.raises(ModelError, match="rank 0 is missing"):
        read_shards(tmp_path)
    with pytest.raises(ModelError, match="shards of 0 models"):
        read_shards(write(tmp_path / "empty", STATE, 0, None))


def test_a_shard_too_many_is_named(tmp_path: Path) -> None:
    write(tmp_path, STATE, 2, None)
    extra = (tmp_path / "consolidated.00-of-02.model.pth").read_bytes()
    (tmp_path / "consolidated.02-of-02.model.pth").write_bytes(extra)
    with pytest.raises(ModelError, match="rank 2 is one too many"):
        read_shards(tmp_path)


def test_metas_gap_is_named(tmp_path: Path) -> None:
    write_meta(tmp_path, STATE, 4, {})
    (tmp_path / "consolidated.02.pth").unlink()
    with pytest.raises(ModelError, match="rank 2 is missing"):
        read_shards(tmp_path)


def test_two_splits_in_one_folder_are_refused(tmp_path: Path) -> None:
    write(tmp_path, STATE, 1, None)
    write(tmp_path, STATE, 2, None)
    with pytest.raises(ModelError, match="shards of 2 models"):
        read_shards(tmp_path)


def changed(folder: Path, name: str, tensor: torch.Tensor | None) -> None:
    """Another tensor, or none, in the last of two shards."""
    path = folder / "consolidated.01-of-02.model.pth"
    stored = torch.load(path, weights_only=True)
    if tensor is None:
        del stored["model"][f"llma.{name}"]
    else:
        stored["model"][f"llma.{name}"] = tensor
    torch.save(stored, path)


@pytest.mark.parametrize("name", ["norm.weight", "layers.0.attention.wo.bias", "visual_proj.0.weight"])
def test_copies_that_differ_are_named(tmp_path: Path, name: str) -> None:
    write(tmp_path, STATE, 2, None)
    changed(tmp_path, name, STATE[name] + 1e-6)
    whole, _ = read_shards(tmp_path)
    with pytest.raises(ModelError, match=f"{name} should be the same in every shard"):
        whole[name].read()


@pytest.mark.parametrize(
    ("name", "tensor", "said"),
    [
        ("norm.weight", torch.ones(5), "should be copies"),
        ("layers.0.attention.wq.weight", torch.ones(16, 31), "cannot be joined"),
        ("layers.0.attention.wq.weight", torch.ones(16, 32, dtype=torch.float16), "cannot be joined"),
        ("layers.0.attention.wk.bias", None, "is not in .*01-of-02"),
    ],
)
def test_shards_of_other_models_are_named(
    tmp_path: Path, name: str, tensor: torch.Tensor | None, said: str
) -> None:
    write(tmp_path, STATE, 2, None)
    changed(tmp_path, name, tensor)
    with pytest.raises(ModelError, match=f"{name}.*{said}"):
        read_shards(tmp_path)


def test_a_shape_that_fits_no_rule_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"layers.0.attention.wo.weight": torch.ones(2, 4)}, 2, None)
    for rank in (0, 1):
        path = tmp_path / f"consolidated.{rank:02d}-of-02.model.pth"
        torch.save({"model": {"llma.layers.0.attention.wo.weight": torch.ones(4)}}, path)
    with pytest.raises(ModelError, match="wo.weight in .* has 1 dimensions: no rule fits"):
        read_shards(tmp_path)


def test_overlays_replace_and_differences_are_added_in_order(tmp_path: Path) -> None:
    base = write(tmp_path / "base", STATE, 2, None)
    tuned = {"layers.0.attention.wq.bias": torch.full((32,), 5.0), "start_img": torch.ones(1, 1, 32)}
    partial = write(tmp_path / "partial", tuned, 1, None)  # another split than the base's
    steps = {
        "layers.0.attention.wq.bias": torch.full((32,), 0.5),
        "norm.weight": torch.ones(32),
        "new": torch.ones(3),
    }
    delta = write(tmp_path / "delta", steps, 2, None, kind="model-diff")
    found = overlaid([base, partial, delta])
    assert found["layers.0.attention.wq.bias"].read().tolist() == [5.5] * 32
    assert torch.equal(found["norm.weight"].read(), STATE["norm.weight"] + 1)
    assert found["new"].read().tolist() == [1] * 3 and found["start_img"].shape == (1, 1, 32)
    assert torch.equal(found["output.weight"].read(), STATE["output.weight"])
    again = overlaid([base, delta, partial])
    assert again["layers.0.attention.wq.bias"].read().tolist() == [5.0] * 32


def test_differences_keep_the_type_of_what_they_are_added_to(tmp_path: Path) -> None:
    write(tmp_path, {"norm.weight": torch.ones(2, dtype=torch.float16)}, 1, None)
    write(tmp_path, {"norm.weight": torch.full((2,), 1e-3)}, 1, None, kind="model-diff")  # in one folder
    total = overlaid([tmp_path])["norm.weight"].read()
    assert total.dtype == torch.float16 and total.tolist() == [torch.tensor(1 + 1e-3).half().item()] * 2


def test_differences_need_a_base_of_their_shape(tmp_path: Path) -> None:
    delta = write(tmp_path / "delta", {"norm.weight": torch.ones(3)}, 1, None, kind="model-diff")
    with pytest.raises(ModelError, match="holds differences") as caught:
        overlaid([delta])
    assert "--overlay" in str(caught.value)
    with pytest.raises(ModelError, match=r"difference to norm.weight is \(3,\); norm.weight is \(32,\)"):
        overlaid([write(tmp_path / "base", STATE, 1, None), delta])
