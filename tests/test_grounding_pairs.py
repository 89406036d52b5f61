"""Many expressions at once against one at a time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.metrics.grounding_pairs import KEYS, compared
from rsbench.harness.metrics.grounding_sets import agreement, right_by_giou

Regions = list[tuple[float, ...]]
A, B, C = (0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 30.0, 10.0), (40.0, 0.0, 50.0, 10.0)
NUMBER = st.integers(-9, 9).map(float)
REGION = st.one_of(st.tuples(*[NUMBER] * 4), st.tuples(*[NUMBER] * 8), st.just(()))
EXPRESSION = st.tuples(st.lists(REGION, max_size=3), st.lists(REGION, min_size=1, max_size=3))


@given(st.lists(EXPRESSION, max_size=6))
@settings(deadline=None)
def test_equal_one_at_a_time(
    expressions: list[tuple[list[tuple[float, ...]], list[tuple[float, ...]]]],
) -> None:
    said, gold = [a for a, _ in expressions], [b for _, b in expressions]
    many = compared(said, gold)
    for i, (a, b) in enumerate(expressions):
        one = agreement(a, b)
        for key in ("iou", "least", "shared", "union"):
            assert many[key][i] == pytest.approx(getattr(one, key), abs=1e-9)
        assert many["by_giou"][i] == right_by_giou(a, b)
        alone = compared([a], [b])
        assert all(many[key][i] == alone[key][0] for key in KEYS)


def test_near_counts_what_earthdial_counts() -> None:
    assert compared([[A, A, C], [], [A]], [[A, B], [A], [A]])["near"].tolist() == [2.0, 0.0, 1.0]


def test_reversed_corners_are_the_same_polygon_to_rscovlm_alone() -> None:
    found = compared([[(10.0, 10.0, 0.0, 0.0)]], [[A]])
    assert {key: values[0] for key, values in found.items()} == {
        "iou": 0.0, "least": 0.0, "shared": 0.0, "union": 200.0, "near": 0.0, "by_giou": 1.0
    }  # fmt: skip


def test_of_nothing() -> None:
    assert all(values.shape == (0,) for values in compared([], []).values())
    assert np.isfinite(compared([[()]], [[()]])["iou"]).all()
