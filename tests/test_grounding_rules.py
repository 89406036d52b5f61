"""Public IoU rules against the golden rows that their scripts gave."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsbench.harness.metrics.grounding_rules import (
    as_xywh,
    corners_sorted,
    plain,
    plus_one,
    rscovlm,
    shared_and_union,
)

NAMES = {
    "iou": plain,
    "iou_plus1(LHRS,VRSBench)": plus_one,
    "iou_rscovlm": rscovlm,
    "iou_rsthinker_as_xywh": as_xywh,
}
COORDINATES = st.tuples(*[st.integers(-20, 20)] * 4)


def test_golden_boxes(shared: Path) -> None:
    rows = json.loads((shared / "golden" / "protocol_vectors.json").read_text())["box"]
    said, gold = (np.array([row[key] for row in rows], float) for key in ("pred", "gold"))
    for name, rule in NAMES.items():
        assert rule(said, gold) == pytest.approx([row[name] for row in rows], abs=1e-6)


def test_golden_pairs(shared: Path) -> None:
    rows = json.loads((shared / "golden" / "grounding.json").read_text())["pairs"]
    said, gold = (np.array([row[key] for row in rows], float) for key in ("pred", "gt"))
    named = {"iou": plain, "iou_if_corners_sorted": corners_sorted, "vlm_r1_iou": rscovlm}
    for name, rule in named.items():
        assert rule(said, gold) == pytest.approx([row[name] for row in rows], abs=1e-12)
    areas = shared_and_union(said, gold)
    for name, values in zip(("inter", "union"), areas, strict=True):
        assert values == pytest.approx([row[name] for row in rows], abs=1e-9)


@given(COORDINATES, COORDINATES)
def test_every_rule_is_a_number(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    said, gold = np.array([a], float), np.array([b], float)
    for rule in (*NAMES.values(), corners_sorted):
        assert np.isfinite(rule(said, gold)).all()
    assert (0 <= plain(said, gold)).all() and (plain(said, gold) <= corners_sorted(said, gold)).all()
