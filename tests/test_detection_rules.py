"""Named rules: what they are made of, and which boxes they are for. Their values: test_detection*.py."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.errors import UsageError
from rsbench.harness.metrics.detection_rules import RULES, rule_of


def test_only_the_devkit_wants_more_than_the_threshold() -> None:
    assert {name for name, rule in RULES.items() if rule.strict} == {"dota-devkit", "dota-devkit-task2"}
    assert rule_of("exact", oriented=True, strict=True) == RULES["dota-devkit"]
    assert rule_of("exact", oriented=False, strict=True, inclusive=True) == RULES["dota-devkit-task2"]


def test_float32_thresholds() -> None:
    """0.7 in float32 lies below 0.7: only NumPy 2 rounds the threshold as it rounds the overlap."""
    overlap = np.float32(0.7).astype(float)
    assert overlap >= RULES["mmrotate-1"].levels([0.7])[0]
    assert not overlap >= RULES["mmrotate-1/numpy-1"].levels([0.7])[0]


def test_rules_for_other_boxes_and_unknown_names() -> None:
    with pytest.raises(UsageError, match="horizontal"):
        rule_of("dota-devkit-task2", oriented=True)
    with pytest.raises(UsageError, match="oriented"):
        rule_of("mmrotate-1", oriented=False)
    with pytest.raises(UsageError, match="mmrotate-1"):
        rule_of("mmrotate-2", oriented=True)
