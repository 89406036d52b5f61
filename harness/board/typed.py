"""Does a value hold what its dataclass declares: for files that anybody may have written."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import is_dataclass
from typing import Any, Union, get_args, get_origin, get_type_hints

_LARGEST = 1e12  # of any number: what is larger, infinite or no number is a mistake


def conforms(value: object, hint: Any) -> bool:
    """Whether a value is of a type, through unions, tuples, mappings and dataclasses.

    A list passes for a tuple, as JSON has it; a truth value is no number, and no number is infinite.

    >>> conforms({"a": [1.5, None]}, Mapping[str, tuple[float | None, ...]])
    True
    >>> conforms(float("nan"), float), conforms(True, int), conforms("1", int | None)
    (False, False, False)
    """
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return True
    if origin in (Union, types.UnionType):
        return any(conforms(value, one) for one in inner)
    if origin is tuple:
        return isinstance(value, (tuple, list)) and _all(value, inner)
    if origin in (Mapping, dict):
        return isinstance(value, Mapping) and all(
            conforms(key, inner[0]) and conforms(held, inner[1]) for key, held in value.items()
        )
    if isinstance(hint, type) and is_dataclass(hint):
        declared = get_type_hints(hint)
        return isinstance(value, hint) and all(conforms(getattr(value, n), t) for n, t in declared.items())
    if hint in (int, float):
        if isinstance(value, bool) or not isinstance(value, (int, hint)):
            return False
        return bool(-_LARGEST <= value <= _LARGEST)
    return isinstance(value, types.NoneType if hint is None else hint)


def _all(values: tuple[object, ...] | list[object], inner: tuple[Any, ...]) -> bool:
    if inner[1:] == (...,):
        return all(conforms(value, inner[0]) for value in values)
    return len(values) == len(inner) and all(map(conforms, values, inner))
