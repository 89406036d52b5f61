"""NAME,key=value and lists of names."""

from __future__ import annotations

import pytest

from rsbench.harness.arguments import name_list, named, portable
from rsbench.harness.errors import UsageError


def test_a_name_alone_and_with_options() -> None:
    assert named("oracle") == ("oracle", {})
    assert named("replay,answers=a=b.json,dialect=plain") == (
        "replay",
        {"answers": "a=b.json", "dialect": "plain"},
    )


@pytest.mark.parametrize("text", ["", ",a=b", "x,a", "x,=b", "x,a=1,a=2"])
def test_what_cannot_be_understood_is_a_usage_error(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        named(text)
    assert caught.value.exit_code == 2


def test_lists_keep_order_and_drop_repeats() -> None:
    assert name_list("b, a,,b") == ["b", "a"]
    with pytest.raises(UsageError):
        name_list(" , ")


def test_a_spec_never_holds_a_path() -> None:
    assert portable({"checkpoint": "/home/x/nano", "b": "c"}) == {"b": "c", "checkpoint": "nano"}
