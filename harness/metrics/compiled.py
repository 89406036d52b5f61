"""Loops compiled to machine code. Importing this imports numba: only *_kernel.py files do, and lazily."""

from __future__ import annotations

from collections.abc import Callable
from typing import ParamSpec, TypeVar

import numba

P = ParamSpec("P")
R = TypeVar("R")


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """The function as machine code, made at the first call with arguments of new types.

    The code is kept beside the source, or in the user's cache folder, for the next process; where neither can
    be written, every process makes it again.
    """
    try:
        kept: Callable[P, R] = numba.njit(cache=True, nogil=True)(function)
    except RuntimeError:  # numba found no folder for its cache
        kept = numba.njit(nogil=True)(function)
    return kept
