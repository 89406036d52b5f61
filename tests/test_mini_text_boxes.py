"""Text files of miniatures: the very form of each release, read by eye rather than by our readers."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.forms import of_form
from rsbench.harness.datasets.mini.official import LEAST_VISIBLE
from rsbench.harness.datasets.mini.text_boxes import visdrone, yolo
from rsbench.harness.registry import load

from .made_scenes import made_scenes

FORMS = {
    "nwpu_vhr10": r"\(\d+,\d+\),\(\d+, \d+\),\d+ ",
    "visdrone": r"\d+,\d+,\d+,\d+,[01],\d+,[01],0",
    "ucas_aod": r"(-?\d\.\d{6}e[+-]\d\d\t){13}",
}


@pytest.mark.parametrize("name", FORMS)
def test_every_line_has_the_form(name: str, tmp_path: Path) -> None:
    card = read_card(name)
    load("writers", card.layout)(card, tmp_path, "test", made_scenes(card, 4))
    texts = [p.read_text() for p in tmp_path.rglob("*.txt") if p.parent.name != "ImageSets"]
    lines = [line for text in texts for line in text.splitlines()]
    assert len(texts) == 4 and len(lines) >= 8
    assert all(re.fullmatch(FORMS[name], line) for line in lines)


def test_what_is_hardly_seen_has_no_score(tmp_path: Path) -> None:
    card = read_card("visdrone")
    visdrone(card, tmp_path, "test", made_scenes(card, 2))
    lines = [line.split(",") for p in tmp_path.rglob("*.txt") for line in p.read_text().splitlines()]
    assert [line[4] for line in lines[:3]] == ["1", "1", "0"]
    assert {card.classes[int(line[5]) - 1] for line in lines} == {"car", "truck"}


def test_the_angle_of_ucas_aod_points_from_tail_to_nose(tmp_path: Path) -> None:
    card = read_card("ucas_aod")
    load("writers", "forms")(card, tmp_path, "test", made_scenes(card, 2))
    rows = [line for p in tmp_path.glob("PLANE/*.txt") for line in p.read_text().splitlines()]
    assert rows
    for row in rows:
        x1, y1, x2, y2, x3, y3, x4, y4, angle, *_ = map(float, row.split())
        ahead = complex(x1 + x2 - x3 - x4, -(y1 + y2 - y3 - y4))
        assert abs(ahead / abs(ahead) - complex(0, 1) ** (angle / 90)) < 1e-3


def test_polygons_in_parts_come_back(tmp_path: Path) -> None:
    card = read_card("ucas_aod")
    mini = {key: value for key, value in card.mini.items() if key not in ("files", "folders")}
    form = replace(of_form(card, card.options["forms"][1]), mini=mini)
    numbered = replace(form, options={**form.options, "numbers": None})
    scenes = made_scenes(card, 3)
    yolo(numbered, tmp_path, "test", scenes)
    data = load("layouts", "yolo")(tmp_path, numbered, "test")
    assert len(data.samples) == 3 and data.problems == ()
    found = [r.points for s in data.samples for r in s.target.regions]
    seen = [item for _, scene in scenes for item in scene.objects if item.visible >= LEAST_VISIBLE]
    assert len(found) == len(seen) == 6
    for points, item in zip(found, seen, strict=True):
        assert points == pytest.approx(item.corners, abs=1e-3)
