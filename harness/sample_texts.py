"""Samples as JSON text, a million at a time: what many of them share is put into words once."""

from __future__ import annotations

import json
from collections.abc import Callable
from json.encoder import encode_basestring as quoted  # what both encoders here make of a text, sooner
from typing import Any

from .contract import Sample, canonical
from .values import images_to, regions_to, target_to

_MOST = 2**16  # texts that are remembered at a time
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


class Shared:
    """The texts of values that come again and again, each the very same object."""

    def __init__(self, write: Callable[[Any], str]) -> None:
        self._write = write
        self._known: dict[int, tuple[object, str]] = {}  # the object too: its id is then no other's

    def __call__(self, value: object) -> str:
        """What `write` makes of a value."""
        found = self._known.get(id(value))
        if found is not None:
            return found[1]
        if len(self._known) >= _MOST:
            self._known.clear()
        text = self._write(value)
        self._known[id(value)] = value, text
        return text


class SampleTexts:
    """Two texts of a sample: its line in a ledger, and what a fingerprint is made of."""

    def __init__(self) -> None:
        self._images = Shared(lambda images: compact(images_to(images)))
        self._target = Shared(lambda target: compact(target_to(target)))
        self._tags = Shared(lambda tags: compact(dict(tags)))
        self._truth = Shared(lambda target: canonical(target_to(target)))

    def line(self, sample: Sample) -> str:
        """`sample_to` as compact JSON."""
        question = f',"question":{quoted(sample.question)}' if sample.question else ""
        regions = f',"regions":{compact(regions_to(sample.regions))}' if sample.regions else ""
        return (
            f'{{"id":{quoted(sample.id)},"images":{self._images(sample.images)},'
            f'"target":{self._target(sample.target)}{question},"tags":{self._tags(sample.tags)}{regions}}}'
        )

    def truth(self, sample: Sample) -> str:
        """Id, question, regions and target of `sample_to`, as canonical JSON."""
        question = f'"question":{quoted(sample.question)},' if sample.question else ""
        regions = f'"regions":{canonical(regions_to(sample.regions))},' if sample.regions else ""
        return f'{{"id":{quoted(sample.id)},{question}{regions}"target":{self._truth(sample.target)}}}'


def compact(value: object) -> str:
    """A value as one line of a ledger."""
    return _COMPACT.encode(value)
