"""A mapping of a file to a frozen dataclass, every key and type checked against its fields."""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import Any, TypeVar

from ...harness.errors import UsageError, unknown

T = TypeVar("T")


def build(kind: type[T], raw: Any, path: str, file: str) -> T:
    """The dataclass `kind` from a mapping; `path` is where in the file the mapping stands ("" at the top).

    Whole numbers pass for floats, and so does the text of a number: YAML reads 2e-5 as text. A sequence
    becomes a tuple, a mapping a nested dataclass where the field is one.

    Raises:
        UsageError: an unknown key (with the nearest), a missing one, or a value of another type; the message
            names the key and the file.
    """
    if not isinstance(raw, Mapping):
        raise UsageError(f"{_at(path)} of {file} is {_shown(raw)}, not a mapping.", "Write key: value lines.")
    made: Any = kind  # which is a dataclass, as its type cannot say
    hints = typing.get_type_hints(kind)
    known = {field.name: field for field in fields(made)}
    for key in raw:
        if key not in known:
            raise unknown(f"key of {file}{f' in {path}' if path else ''}", str(key), known)
    for name, field in known.items():
        if name not in raw and field.default is MISSING and field.default_factory is MISSING:
            raise UsageError(f"{file} has no key {_dotted(path, name)!r}.", f"It is {_named(hints[name])}.")
    values = {k: _cast(v, hints[k], _dotted(path, str(k)), file) for k, v in raw.items()}
    return kind(**values)


def _cast(value: Any, hint: Any, path: str, file: str) -> Any:
    options = typing.get_args(hint) if typing.get_origin(hint) in (typing.Union, types.UnionType) else (hint,)
    if value is None and type(None) in options:
        return None
    for option in options:
        fits, found = _try(value, option, path, file)
        if fits:
            return found
    raise UsageError(
        f"{_at(path)} of {file} is {_shown(value)}.", f"It must be {' or '.join(map(_named, options))}."
    )


def _try(value: Any, hint: Any, path: str, file: str) -> tuple[bool, Any]:
    origin = typing.get_origin(hint)
    if hint is type(None):
        return value is None, None
    if isinstance(hint, type) and is_dataclass(hint):
        return True, build(hint, value, path, file)
    if origin is tuple:
        if isinstance(value, str) or not isinstance(value, Sequence):
            return False, None
        inner, *rest = typing.get_args(hint)
        if rest != [...] and len(value) != 1 + len(rest):
            return False, None
        return True, tuple(_cast(v, inner, f"{path}.{i}", file) for i, v in enumerate(value))
    if origin is not None:  # Mapping[str, Any]
        return isinstance(value, Mapping), value
    if hint is float:
        return _number(value)
    return isinstance(value, hint) and not (hint is int and isinstance(value, bool)), value


def _number(value: Any) -> tuple[bool, float | None]:
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return False, None
    try:
        return True, float(value)
    except ValueError:
        return False, None


def _named(hint: Any) -> str:
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(map(_named, typing.get_args(hint)))
    if hint is type(None):
        return "null"
    if origin is tuple:
        inner, *rest = typing.get_args(hint)
        return f"a list of {'' if rest == [...] else f'{1 + len(rest)} times '}{_named(inner)}"
    if origin is not None or is_dataclass(hint):
        return "a mapping"
    return {int: "a whole number", float: "a number", str: "text", bool: "true or false"}[hint]


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _at(path: str) -> str:
    return f"The key {path!r}" if path else "The top"


def _dotted(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
