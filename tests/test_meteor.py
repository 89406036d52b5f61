"""METEOR's formula by hand; its agreement with the jar is tested in test_meteor_process.py."""

from __future__ import annotations

import numpy as np
import pytest

from rsbench.harness.metrics.meteor import COLUMNS, meteor, meteor_statistics

PERFECT = "4 4 1 1 3 3 1 1" + " 0" * 12 + " 1 4 4"
REORDERED = "4 4 1 1 3 3 1 1" + " 0" * 12 + " 3 4 4"
NOTHING = "0 2 0 1" + " 0" * 19


def test_worked_by_hand() -> None:
    assert meteor(meteor_statistics(PERFECT)) == 1
    assert meteor(meteor_statistics(REORDERED)) == pytest.approx(1 - 0.6 * (3 / 4) ** 0.2)
    assert meteor(meteor_statistics(NOTHING)) == 0
    stem = "2 4 0 0 0 0 0 0 2 2 0 0" + " 0" * 8 + " 1 2 2"  # both words match by stem, weight 0.6
    precision, recall = 0.6, 0.3
    mean = 1 / (0.15 / precision + 0.85 / recall)
    assert meteor(meteor_statistics(stem)) == pytest.approx(mean * (1 - 0.6 * (1 / 2) ** 0.2))


def test_sums_over_images() -> None:
    table = np.array([meteor_statistics(line) for line in (PERFECT, REORDERED, NOTHING)])
    assert table.shape == (3, COLUMNS)
    assert meteor(table).shape == (3,)
    assert meteor(table[:2].sum(axis=0)) == pytest.approx(
        1 - 0.6 * (3 / 8) ** 0.2
    )  # one of them has no chunks
    assert meteor(np.zeros(COLUMNS)) == 0


@pytest.mark.parametrize("line", ["", "1 2 3", "Error: specify SCORE", PERFECT + " 1"])
def test_other_lines_are_refused(line: str) -> None:
    with pytest.raises(ValueError):
        meteor_statistics(line)
