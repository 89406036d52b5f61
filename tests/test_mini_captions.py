"""Captions are true: they name the scene and count what is labelled."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.datasets.mini.captions import caption, counted
from rsbench.harness.datasets.mini.scene import SCENES, DrawnObject

BOX = (0.0, 0.0, 9.0, 9.0)
CORNERS = (0.0, 0.0, 9.0, 0.0, 9.0, 9.0, 0.0, 9.0)


def _objects(**counts: int) -> tuple[DrawnObject, ...]:
    return tuple(
        DrawnObject(name.replace("_", " "), "", CORNERS, 1.0, False, BOX)
        for name, count in counts.items()
        for _ in range(count)
    )


def _captions(label: str, objects: tuple[DrawnObject, ...], first: tuple[str, ...] = ()) -> set[str]:
    return {caption(label, objects, np.random.default_rng(seed), first=first) for seed in range(60)}


def test_counts_are_words_up_to_ten() -> None:
    assert counted("ship", 1) == "one ship"
    assert counted("ship", 10) == "ten ships"
    assert counted("ship", 11) == "11 ships"


def test_the_classes_a_scene_is_about_come_first() -> None:
    for text in _captions("airport", _objects(small_vehicle=9, airplane=2), first=("airplane",)):
        assert "two airplanes" in text.lower()
        assert "small" not in text or "two airplanes and nine small vehicles" in text.lower()


def test_one_is_singular() -> None:
    texts = _captions("port", _objects(ship=1))
    assert all(
        "one ship" in text.lower() and "ships" not in text and " are one" not in text for text in texts
    )


@pytest.mark.parametrize("label", SCENES)
def test_scenes_without_objects_are_described_in_several_ways(label: str) -> None:
    texts = _captions(label, ())
    assert len(texts) >= 4
    assert all(text.endswith(".") and text[0].isupper() and "  " not in text for text in texts)
