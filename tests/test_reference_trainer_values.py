"""Mappings to dataclasses: every key and type is checked, and the message names key and file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from rsbench.harness.errors import UsageError
from rsbench.reference_model.trainer.values import build


@dataclass(frozen=True)
class Inner:
    rate: float = 0.5
    pair: tuple[float, float] = (0.0, 1.0)


@dataclass(frozen=True)
class Outer:
    name: str
    count: int
    limit: int | None = None
    start: str | tuple[str, ...] = ()
    flag: bool = False
    inner: Inner = field(default_factory=Inner)
    many: tuple[Inner, ...] = ()
    rest: Mapping[str, Any] = field(default_factory=dict)


def test_values_become_what_the_fields_are() -> None:
    raw = {"name": "a", "count": 3, "start": ["x", "y"], "inner": {"rate": "2e-5", "pair": [1, 2]}}
    made = build(Outer, raw | {"many": [{}, {"rate": 1}], "rest": {"any": [1]}}, "", "a.yaml")
    assert made == Outer(
        "a", 3, None, ("x", "y"), False, Inner(2e-5, (1.0, 2.0)), (Inner(), Inner(1.0)), {"any": [1]}
    )
    assert isinstance(made.inner.pair[0], float)
    assert build(Outer, {"name": "a", "count": 3, "start": "x", "limit": 4}, "", "f").start == "x"


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ({"name": "a", "count": 1, "cuont": 2}, "There is no key of a.yaml 'cuont'.\nDid you mean count"),
        ({"name": "a"}, "a.yaml has no key 'count'.\nIt is a whole number."),
        ({"name": "a", "count": True}, "The key 'count' of a.yaml is True.\nIt must be a whole number."),
        ({"name": 3, "count": 1}, "The key 'name' of a.yaml is 3.\nIt must be text."),
        ({"name": "a", "count": 1, "flag": 1}, "It must be true or false."),
        ({"name": "a", "count": 1, "limit": "x"}, "It must be a whole number or null."),
        ({"name": "a", "count": 1, "inner": {"rate": "fast"}}, "The key 'inner.rate' of a.yaml is 'fast'."),
        ({"name": "a", "count": 1, "inner": {"pair": [1]}}, "It must be a list of 2 times a number."),
        ({"name": "a", "count": 1, "inner": {"rat": 1}}, "There is no key of a.yaml in inner 'rat'."),
        ({"name": "a", "count": 1, "inner": 7}, "The key 'inner' of a.yaml is 7, not a mapping."),
        ({"name": "a", "count": 1, "many": [{}, 4]}, "The key 'many.1' of a.yaml is 4, not a mapping."),
        ({"name": "a", "count": 1, "rest": [1]}, "It must be a mapping."),
        ({"name": "a", "count": 1, "start": {}}, "It must be text or a list of text."),
        ([1], "The top of a.yaml is [1], not a mapping."),
    ],
)
def test_faults_are_named_with_key_and_file(raw: Any, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        build(Outer, raw, "", "a.yaml")
    assert said in str(caught.value)
