"""Words in common, and how names are cleaned."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rsbench.harness.metrics.semantic_iou import gold_name, said_name, semantic_iou


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Region 1: ship", "ship"),
        ("a: b: c", "b"),
        ("Ship, large.", "Ship  large"),
        ("small_vehicle", "small_vehicle"),
        ("  ", ""),
        (":", ""),
    ],
)
def test_said(said: str, expected: str) -> None:
    assert said_name(said) == expected


def test_gold() -> None:
    assert gold_name("storage_tank:big") == "storage tank big" and gold_name("_") == ""


def test_numbers() -> None:
    assert semantic_iou("ship", "Ship") == 1.0
    assert semantic_iou("ship ship", "ship") == 1.0
    assert semantic_iou("baseball field", "baseball diamond") == pytest.approx(1 / 3)
    assert semantic_iou("", "ship") == semantic_iou("", "") == 0.0


@given(st.text(max_size=20), st.text(max_size=20))
def test_symmetric_and_bounded(a: str, b: str) -> None:
    assert semantic_iou(a, b) == semantic_iou(b, a)
    assert 0 <= semantic_iou(a, b) <= 1
    assert semantic_iou(a, a) == (1.0 if a.split() else 0.0)
