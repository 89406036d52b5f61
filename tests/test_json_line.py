"""Lines that JSON knows, and those that only Python writes."""

from __future__ import annotations

import json
import math

import pytest

from rsbench.harness.json_line import parsed


def test_whatever_python_writes_is_read() -> None:
    for value in ({"a": [1, 2.5, None, True, "ä\n"]}, "\ud800", 1e300, [float("inf"), -0.0]):
        assert parsed(json.dumps(value).encode()) == value
    assert math.isnan(parsed(b"NaN"))


@pytest.mark.parametrize("line", [b"", b"{", b"\xff", b"[" * 100_000])
def test_no_json_is_an_error(line: bytes) -> None:
    with pytest.raises((ValueError, RecursionError)):
        parsed(line)
