"""Values of files against what dataclasses declare."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from rsbench.harness.board.typed import conforms
from rsbench.harness.contract import Figure, Report, Stretch

from .board_runs import report


@pytest.mark.parametrize(
    ("value", "hint", "expected"),
    [
        (1, float, True),
        (True, float, False),
        (1.0, int, False),
        (float("inf"), float, False),
        (10**400, int, False),
        ("1", str, True),
        (None, str, False),
        (None, str | None, True),
        ([1, 2], tuple[int, ...], True),
        ([1, "2"], tuple[int, ...], False),
        ([2.0, 98.0], tuple[float, float], True),
        ([2.0], tuple[float, float], False),
        ({"a": [1]}, Mapping[str, tuple[int, ...]], True),
        ({1: "a"}, Mapping[str, str], False),
        ({"a": object()}, Mapping[str, Any], True),
        ("abc", tuple[str, ...], False),
        (Figure("a", 0.5), Figure, True),
        (Figure("a", "0.5"), Figure, False),  # type: ignore[arg-type]  # what JSON may hold
        ({"name": "a"}, Figure, False),
        (Stretch(bands=(1,)), Stretch, True),
    ],
)
def test_kinds(value: object, hint: object, expected: bool) -> None:
    assert conforms(value, hint) is expected


def test_a_report_inside_and_out() -> None:
    assert conforms(report(), Report)
    assert not conforms(replace(report(), figures=(Figure("a", float("nan")),)), Report)
    row: dict[str, Any] = {"labels": [3]}
    assert not conforms(replace(report(), **row), Report)
