"""Caption-to-instruction (IV-A): as many turns as a picture has captions, duplicates removed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...harness.contract import Request, Text
from ...harness.dialects.earthgpt import EarthGPT
from .problems import Tally
from .record import Record, Turn

if TYPE_CHECKING:
    from ...harness.datasets.card import Dataset


def captions(dataset: Dataset, dialect: EarthGPT, wording: str, tally: Tally) -> Iterator[Record]:
    """A record a picture; captions of one picture that are equal but for case and spaces count as one."""
    asked = dialect.render(Request("", "", (), Text("", sentences=True)))
    for sample in dataset.samples:
        said: dict[str, str] = {}
        for text in sample.target.texts:
            bare = " ".join(text.split())
            if not bare:
                tally.add("empty caption", sample.id)
            elif said.setdefault(bare.casefold(), bare) is not bare:
                tally.add("the same caption of a picture again", f"{sample.id}: {bare}")
        if said:
            turns = (Turn(asked, text) for text in said.values())
            yield Record(sample.images[0].name, tuple(turns))
        else:
            tally.add("a picture without a caption", sample.id)
