"""The sources a recipe names: MMRS-1M files, and whatever a function builds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib import import_module
from inspect import signature
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...harness.contract import Image
from ...harness.datasets.images import open_rgb
from ...harness.errors import UsageError
from ..data import json_file
from ..data.guard import Guard
from ..data.record import Record
from ..preprocess import square_pixels
from ..real_lessons import SeenRecords
from .example import Context, Example, Source
from .recipe import Data

if TYPE_CHECKING:
    import numpy as np

    from .example import Pixels


class Records:
    """Conversations of an MMRS-1M file; pictures are opened when they are needed."""

    def __init__(self, records: Sequence[Record], images: Path, size: int, problems: Sequence[str]) -> None:
        self._records, self._images, self._size = records, images, size
        self.problems = problems

    def __len__(self) -> int:
        return len(self._records)

    def example(self, index: int, rng: np.random.Generator) -> Example:
        """A record; nothing of it is drawn."""
        record = self._records[index]
        if record.image is None:
            return Example(record.turns)
        return Example(record.turns, partial(opened, self._images / record.image, record.image, self._size))


def opened(path: Path, name: str, size: int) -> Pixels:
    """A picture padded to a square of `size` pixels.

    Raises:
        DataError: it is missing, damaged or too large.
    """
    return square_pixels(open_rgb(Image(name, str(path))), size)


def build(data: Data, context: Context, watch: Guard) -> Source:
    """The source of an entry of a recipe; `watch` knows the pictures that are kept for evaluation.

    Raises:
        DataError: the file cannot be read, or has no record that can be used.
        UsageError: the function does not exist or does not take the arguments.
    """
    if data.mmrs is not None:
        images = Path(data.images) if data.images else Path(data.mmrs).parent
        records, problems = json_file.read(Path(data.mmrs), images, guard=watch)
        if context.config.proposals is None:
            return _inhabited(Records(records, images, context.config.image_size, problems.lines()), data)
        # seen first: answers point at what the head proposes
        return _inhabited(SeenRecords(records, images, context.model, problems.lines()), data)
    function = _function(str(data.module))
    try:
        signature(function).bind(context, **data.arguments)
    except TypeError as error:
        raise UsageError(f"{data.module} cannot be called with these arguments: {error}.") from error
    return _inhabited(function(context, **data.arguments), data)


def _inhabited(source: Source, data: Data) -> Source:
    if not len(source):
        raise UsageError(f"The source {data.called} has no examples.", "Leave it out or mend its data.")
    return source


def _function(name: str) -> Any:
    module, colon, attribute = name.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        hint = "" if colon else " Write it as package.module:function."
        raise UsageError(f"There is no source {name!r}: {error}.{hint}") from error
