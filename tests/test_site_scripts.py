"""Data as scripts: whatever they hold, they are ASCII, end where they end, and hold the very same."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from rsbench.harness.errors import DataError
from rsbench.harness.site.scripts import call, write_call

TEXTS = ["</script><script>", "'", '"', "\\", "\\'", "\u2028\u2029", "\ud800", "<!--", "\n\r\0", "ä漢", "]]>"]


def unquoted(script: str) -> object:
    """The value by the rules of JavaScript's single-quoted strings: here only two escapes occur."""
    found = re.fullmatch(r"take\(\"part\", '((?:[^'\\\n]|\\['\\])*)'\);\n", script)
    assert found, script
    return json.loads(re.sub(r"\\(['\\])", r"\1", found[1]))


@pytest.mark.parametrize("text", TEXTS)
def test_texts_come_back_and_never_end_the_script(text: str) -> None:
    value = {"texts": [text, f"{text}{text}"], text: {"__proto__": text}}
    script = call("take", "part", value)
    assert script.isascii() and "<" not in script
    assert unquoted(script) == value


def test_what_json_has_no_number_for_is_no_data() -> None:
    with pytest.raises(ValueError, match="JSON"):
        call("take", "part", [float("nan")])


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    write_call(tmp_path / "a.js", "take", "part", [1])
    assert (tmp_path / "a.js").read_text() == "take(\"part\", '[1]');\n"
    with pytest.raises(DataError, match="Cannot write"):
        write_call(tmp_path / "nowhere" / "a.js", "take", "part", [1])
