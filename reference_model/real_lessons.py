"""Conversations about real pictures for a model that points at proposals (`localisation: proposals`)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..harness.contract import Boxes, Frame, Image
from ..harness.datasets.images import open_rgb
from ..harness.dialects.earthgpt import EarthGPT as Dialect
from ..harness.errors import DataError
from ..harness.geometry import hull
from .data.record import Record, Turn
from .instructions import detect
from .perceive import perceive
from .preprocess import square_pixels
from .real_scenes import CATEGORY, DETECT
from .rendered import matched
from .trainer.example import Example

if TYPE_CHECKING:
    import numpy.typing as npt

    from .model import EarthGPT

_BOXES = re.compile(r"\[[\d.,;\s]+\]")
_UNIT = Frame.plain(1, 1)


class SeenRecords:
    """A source (see `trainer.example.Source`): every picture is seen once, in all its symmetries where the
    conversation says nothing about places.

    A detection answer is replaced by what the proposal head finds, as the model is meant to report it. The
    boxes of other answers become pointers to the proposals that lie there; a turn whose boxes no proposal
    matches teaches nothing and is left out and counted.
    """

    def __init__(
        self, records: Sequence[Record], folder: Path, model: EarthGPT, problems: Sequence[str] = ()
    ) -> None:
        """Run the encoders of `model` over every picture; `problems` were met before.

        Raises:
            DataError: no picture can be used.
        """
        assert model.config.proposals is not None
        self._head, size = model.config.proposals, model.config.image_size
        lost: Counter[str] = Counter()
        pictures: list[npt.NDArray[np.uint8]] = []
        self._records: list[Record] = []
        for record in records:
            if record.image is None:
                lost["no picture"] += 1
                continue
            try:
                picture = open_rgb(Image(record.image, str(folder / record.image)))
            except DataError as error:
                lost[error.message] += 1
                continue
            self._records.append(record)
            pictures.append(square_pixels(picture, size))
        if not pictures:
            raise DataError(f"No picture below {folder} can be used.", "Check the paths of the records.")
        ways = [tuple(range(8)) if _turnable(record) else (0,) for record in self._records]
        self._first = np.cumsum([0, *map(len, ways)])  # where the views of a record begin
        self._owner = np.repeat(np.arange(len(ways)), [len(turns) for turns in ways])
        views = np.stack([pictures[record] for record in self._owner])
        seeds = np.random.default_rng(0)
        self._seen = perceive(model, views, seeds, turns=np.array([t for turns in ways for t in turns]))
        self._turns = [self._taught(view, lost) for view in range(len(views))]
        self.problems = [*problems, *(f"{count} x {reason}" for reason, count in lost.items())]

    def __len__(self) -> int:
        return len(self._records)

    def example(self, index: int, rng: np.random.Generator) -> Example:
        """A record under one of the symmetries its picture was seen in."""
        view = int(rng.integers(self._first[index], self._first[index + 1]))
        return Example(tuple(self._turns[view]), self._seen.one(view))

    def _taught(self, view: int, lost: Counter[str]) -> Sequence[Turn]:
        """The turns of a record over the proposals its picture was seen with."""
        slots = self._seen.slots(view)
        taught = []
        for turn in self._records[self._owner[view]].turns:
            oriented = "oriented" in turn.question
            if turn.question.startswith(DETECT):
                regions = self._seen.found(view, self._head, oriented)
                answer = detect(regions, oriented, _UNIT, Dialect()).answer
                taught.append(Turn(turn.question, slots.pointed(answer, oriented, range(len(regions)))))
            elif not _BOXES.search(turn.answer):
                taught.append(turn)
            elif (used := self._used(turn, oriented, slots.boxes)) is not None:
                numbers = ";".join(slots.numbers(i, oriented) for i in used)
                answer = _BOXES.sub(f"[{numbers}]", turn.answer, count=1)
                taught.append(Turn(turn.question, slots.walked(answer, oriented, used)))
            else:
                lost["no proposal lies where the answer points"] += 1
        return taught

    def _used(self, turn: Turn, oriented: bool, boxes: Sequence[Sequence[float]]) -> list[int] | None:
        """The proposals the boxes of an answer stand for; None where one has none."""
        found = Dialect().parse(turn.answer, Boxes(("",), oriented, phrase=""), _UNIT).regions
        used = matched([hull(region.points) for region in found], boxes)
        known = [place for place in used if place is not None]
        return known if known and len(known) == len(used) else None


def _turnable(record: Record) -> bool:
    """Whether a conversation stays true when the picture is turned: classes and detection do."""
    return all(
        turn.question.startswith((DETECT, CATEGORY)) and not _BOXES.search(turn.question)
        for turn in record.turns
    )
