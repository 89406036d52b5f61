"""Training scenes: apart from every test seed, kept in shards, read back as one."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from rsbench.harness.datasets.mini import AIRCRAFT, OBJECTS, SCENES
from rsbench.harness.errors import UsageError
from rsbench.reference_model.scenes import BUSY_SCENES, CROP_SIZE, Shard, plan, read_shards, render


def paths(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.npz"))


def test_a_test_seed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="999999.*1000000 or more"):
        next(render(tmp_path / "none", 999_999, 4, 64))
    assert not (tmp_path / "none").exists()


def test_shards_are_drawn_once_and_whole(scenes_folder: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in paths(scenes_folder)}
    assert [p.name for p in render(scenes_folder, 1_000_000, 9, 64, per_shard=4)] == [p.name for p in before]
    assert {path: path.stat().st_mtime_ns for path in paths(scenes_folder)} == before
    assert not list(scenes_folder.glob("*.part"))


def test_the_same_seed_draws_the_same_scenes(scenes_folder: Path, tmp_path: Path) -> None:
    again = read_shards(list(render(tmp_path, 1_000_000, 2, 64, per_shard=2)))
    kept = read_shards(paths(scenes_folder))
    assert np.array_equal(again.images, kept.images[:2])
    assert np.array_equal(again.corners, kept.corners[: again.offsets[-1]])


def test_shards_read_together_are_each_read_alone(scenes_folder: Path) -> None:
    together, first, second = (
        read_shards(p) for p in (paths(scenes_folder), *([p] for p in paths(scenes_folder)))
    )
    assert len(together.images) == 8 and together.offsets.shape == (9,)
    assert together.offsets[0] == 0 and together.offsets[-1] == len(together.name)
    for scene in range(8):
        part = first if scene < 4 else second
        own, alone = (
            slice(*together.offsets[scene : scene + 2]),
            slice(*part.offsets[scene % 4 : scene % 4 + 2]),
        )
        assert np.array_equal(together.images[scene], part.images[scene % 4])
        for name in ("name", "type", "box", "corners", "visible"):
            assert np.array_equal(getattr(together, name)[own], getattr(part, name)[alone])
        mine, theirs = together.crop_scene == scene, part.crop_scene == scene % 4
        assert np.array_equal(together.crops[mine], part.crops[theirs])


def test_a_shard_says_what_is_in_its_pictures(scenes_folder: Path) -> None:
    shard: Shard = read_shards(paths(scenes_folder))
    assert shard.images.shape == (8, 64, 64, 3) and shard.images.dtype == np.uint8
    assert shard.crops.shape[1:] == (CROP_SIZE, CROP_SIZE, 3)
    assert set(shard.label) <= {-1, *range(len(SCENES))} and set(shard.name) <= set(range(len(OBJECTS)))
    assert set(shard.type) <= {-1, *range(len(AIRCRAFT))} and set(shard.crop_name) <= set(
        range(len(OBJECTS) + 1)
    )
    hulls = shard.corners.reshape(-1, 4, 2)
    whole = (shard.visible > 0.999) & (hulls.min((1, 2)) >= 0) & (hulls.max((1, 2)) <= 1)
    assert whole.any() and shard.box.min() >= 0 and shard.box.max() <= 1
    spread = np.concatenate([hulls.min(1), hulls.max(1)], 1)[whole]
    assert (spread[:, :2] <= shard.box[whole, :2] + 0.02).all()
    assert (spread[:, 2:] >= shard.box[whole, 2:] - 0.02).all()
    assert len(fields(Shard)) == 14


def test_plans_depend_on_seed_and_index_alone() -> None:
    plans = [plan(1_000_000, index) for index in range(60)]
    assert plans == [plan(1_000_000, index) for index in range(60)]
    assert plans != [plan(1_000_001, index) for index in range(60)]
    assert {bool(p["objects"]) for p in plans} == {True, False}
    # a class is taught where the scene is of it: plain scenes, and busy ones with their objects
    for p in plans:
        assert p["classify"] == (p["objects"] is None or p["objects"] == BUSY_SCENES.get(p["label"]))
