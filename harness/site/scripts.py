"""Data as classic scripts: what a page opened from disk may load, where it may not read files."""

from __future__ import annotations

import json
from pathlib import Path

from ..errors import disk_errors


def call(function: str, name: str, value: object) -> str:
    r"""A script that hands `value` to a function of the page, as JSON text under a name of ours.

    Whatever texts the value holds, the script is ASCII without `<`, so that no encoding, and no place it may
    be copied into, ends the text early; a key `__proto__` stays a key.

    >>> print(call("take", "a", ["it's </script>\u2028"]))
    take("a", '["it\'s \\u003c/script>\\u2028"]');
    <BLANKLINE>

    Raises:
        ValueError: a number that JSON does not have.
    """
    text = json.dumps(value, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    quoted = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"{function}(\"{name}\", '{quoted}');\n"


def write_call(path: Path, function: str, name: str, value: object) -> None:
    """Write such a script.

    Raises:
        DataError: the disk is full, or the place cannot be written.
    """
    with disk_errors(path):
        path.write_text(call(function, name, value), encoding="ascii")
