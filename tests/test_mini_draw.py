"""Scenes depend on their arguments alone, and on every one of them."""

from __future__ import annotations

import re

import numpy as np
import pytest

from rsbench.harness.datasets.mini import LOOKS, OBJECTS, SCENES, Scene, draw_scene


def _same(first: Scene, second: Scene) -> bool:
    return np.array_equal(first.image, second.image) and first.objects == second.objects


@pytest.mark.parametrize("look", LOOKS)
def test_every_scene_is_drawn_in_every_look(look: str) -> None:
    for index, name in enumerate(SCENES):
        scene = draw_scene(name, seed=2, index=index, size=96, look=look, shifted=index % 2 == 0)
        assert scene.image.shape == (96, 96, 3) and scene.image.dtype == np.uint8
        assert (scene.label, scene.look) == (name, look)
        assert scene.image.std() > 2 and scene.ground_sampling_distance > 0
        assert re.fullmatch(r"[A-Z0-9].*[a-z]\.", scene.caption)
        if look != "optical":
            assert np.ptp(scene.image, axis=2).max() == 0


def test_same_arguments_same_bytes() -> None:
    for name in (None, "port", "airport", "forest"):
        assert _same(draw_scene(name, seed=4, index=7), draw_scene(name, seed=4, index=7))


def test_naming_what_the_seed_chose_changes_nothing() -> None:
    chosen = draw_scene(None, seed=4, index=5)
    assert _same(chosen, draw_scene(chosen.label, look=chosen.look, seed=4, index=5))


def test_seed_index_and_shift_each_change_the_picture() -> None:
    scenes = [
        draw_scene("port", seed=seed, index=index, look="optical", shifted=shifted)
        for seed in (0, 1)
        for index in (0, 1)
        for shifted in (False, True)
    ]
    assert len({scene.image.tobytes() for scene in scenes}) == len(scenes)


def test_looks_and_classes_are_all_chosen() -> None:
    scenes = [draw_scene(None, seed=0, index=index, size=64) for index in range(150)]
    counts = [sum(scene.look == look for scene in scenes) for look in LOOKS]
    assert 70 <= counts[0] <= 110 and min(counts[1:]) >= 15
    assert len({scene.label for scene in scenes}) > 28


@pytest.mark.parametrize("name", [name for name in OBJECTS if name not in ("bridge", "roundabout")])
def test_asked_counts_are_kept(name: str) -> None:
    distance = 1.0 if name == "ground track field" else 0.6
    for index in range(3):
        scene = draw_scene(
            None, seed=1, index=index, objects={name: (1, 2)}, ground_sampling_distance=distance
        )
        assert 1 <= sum(item.name == name for item in scene.objects) <= 2
        assert scene.ground_sampling_distance == distance


def test_aircraft_scenes_range_from_empty_to_nine() -> None:
    counts, lengths = [], []
    for index in range(40):
        scene = draw_scene(None, seed=6, index=index, objects={"airplane": (0, 9)})
        planes = [item for item in scene.objects if item.name == "airplane"]
        counts.append(len(planes))
        for plane in planes:
            a, b, c, d, _, _, g, h = plane.corners
            if not plane.truncated:
                lengths.append(max(np.hypot(a - g, b - h), np.hypot(a - c, b - d)))
    assert min(counts) == 0 and max(counts) in (8, 9)
    assert 13 <= min(lengths) and max(lengths) <= 93 and 28 <= np.median(lengths) <= 52


def test_none_asked_for_means_none() -> None:
    for index in range(3):
        scene = draw_scene("airport", seed=1, index=index, objects={"airplane": (0, 0)})
        assert all(item.name != "airplane" for item in scene.objects)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"label": "lagoon"}, "no scene is called 'lagoon'"),
        ({"label": None, "look": "lidar"}, "no look is called 'lidar'"),
        ({"label": None, "objects": {"zeppelin": (0, 1)}}, "zeppelin"),
        ({"label": None, "objects": {"ship": (3, 1)}}, "3 to 1"),
        ({"label": None, "seed": -1}, "not be negative"),
        ({"label": None, "size": 8}, "64 to 2048"),
        ({"label": None, "ground_sampling_distance": 0.0}, "over 0"),
    ],
)
def test_bad_arguments_are_named(arguments: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        draw_scene(**{"seed": 0, "index": 0, **arguments})  # type: ignore[arg-type]
