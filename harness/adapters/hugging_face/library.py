"""The library transformers, imported when it is needed and kept from talking."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ...errors import missing_extra


def transformers() -> Any:
    """The module.

    Raises:
        ModelError: it, or torch, is not installed.
    """
    try:
        import torch  # noqa: F401 - transformers imports without it, and then has no models
    except ImportError as error:
        raise missing_extra("torch", "models") from error
    try:
        import transformers as library
    except ImportError as error:
        raise missing_extra("transformers", "models") from error
    return library


@contextmanager
def quiet() -> Iterator[None]:
    """Without the library's warnings: what matters of them is checked here, and said as an error.

    Progress bars stay where a person watches.
    """
    logging = transformers().utils.logging
    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    if not sys.stderr.isatty():
        logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
