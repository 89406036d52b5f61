"""Where the pictures of a run lie on this machine, and whether they are those the run was made on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from ..comparable import card_of
from ..contract import Image, Sample
from ..datasets.open import MINI, open_dataset
from ..datasets.verify import fingerprint, image_digests
from ..errors import DataError
from .seen import Seen


@dataclass(frozen=True, slots=True)
class AtHand:
    """Pictures by name, and what a reader must know of them."""

    images: Mapping[str, Image] = field(default_factory=dict)
    note: str = ""


@contextmanager
def at_hand(found: Seen, data: str | None) -> Iterator[AtHand]:
    """The pictures of a run, for as long as they are needed: from `data` as `rsbench run` takes it.

    What was drawn for a run (mini) is drawn again, unless it lies beside the run still.

    Raises:
        DataError: there is no such data, or it is not of this task.
    """
    ledger = found.ledger
    source = ledger.spec["source"]
    data = data or (MINI if source["kind"] == MINI else None)
    if data is None:
        yield AtHand(note="The pictures were not given (--data DIR): samples are shown without them.")
        return
    card = card_of(found.result)
    if card is None:
        raise DataError(f"There is no card of {ledger.spec['task']} here, so its data cannot be opened.")
    with TemporaryDirectory() as drawn:
        beside = ledger.folder.resolve().parent / MINI  # where `rsbench run` keeps what it draws or copies
        cache = beside if beside.is_dir() else Path(drawn)
        dataset, _ = open_dataset(card, data, source["split"] or None, cache=cache)
        images = {image.name: image for sample in dataset.samples for image in sample.images}
        yield AtHand(images, _note(found, dataset.samples))


def _note(found: Seen, samples: Iterable[Sample]) -> str:
    """What keeps the pictures from being those that the model saw; empty where they are."""
    asked = [item.sample for item in found.survey.items]
    used = {image.name for sample in asked for image in sample.images}
    digests = image_digests(s for s in samples if any(image.name in used for image in s.images))
    if missing := len(used - digests.keys()):
        return f"{missing:,} of {len(used):,} pictures are not in the data given: they are not shown."
    seen = found.ledger.spec["source"]["images"]
    if seen is None:
        return "The run kept no fingerprint of its pictures: whether these are the same is not known."
    if fingerprint((), asked, digests)[1] != seen:
        return (
            f"The pictures shown are not those the model saw: their bytes differ (sha256 {seen[:12]} of the "
            "run). Boxes may lie elsewhere than they seem."
        )
    return ""
