"""One line of JSON, parsed as fast as it can be."""

from __future__ import annotations

import json
from typing import Any

import orjson


def parsed(line: bytes) -> Any:
    """What a line of JSON says; also what Python writes and JSON does not know, such as NaN.

    Raises:
        ValueError, RecursionError: it is no JSON.
    """
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        return json.loads(line)
