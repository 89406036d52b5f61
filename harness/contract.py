"""The values every part of rsbench agrees on; standard library only. The roles are in roles.py.

The line of a run, each arrow one value:

    Spec -> Task -> Sample -> Request -> Adapter -> Response || ledger || -> Answer -> Evidence -> Report

Coordinates that cross this file are pixels of the original image: continuous, x to the right, y down, pixel
(i, j) covers [i, i+1) x [j, j+1). A box is four numbers (x1, y1, x2, y2) or, oriented, eight (the corners).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, TypeAlias

from .frame import (
    Frame as Frame,
)  # a value of the contract like the others, for its length in a file of its own

Tags: TypeAlias = Mapping[str, str]
Evidence: TypeAlias = Mapping[str, Any]  # JSON-able sufficient statistics of one sample


_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def canonical(value: object) -> str:
    """The one JSON text of a value, keys in order: that of a list or mapping is made of its parts' texts.

    >>> canonical({"b": [1, "ä"], "a": None})
    '{"a":null,"b":[1,"ä"]}'
    """
    return _CANONICAL.encode(value)


def digest(value: object) -> str:
    """SHA-256 (hexadecimal) of a JSON-able value, independent of the order of keys.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return hashlib.sha256(canonical(value).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Stretch:
    """How values of more than 8 bits, or of many bands, become 8-bit RGB (datasets/raster.py).

    `bands`, counted from 1, are red, green and blue, or one grey; none: the first three, or the first. What
    becomes 0 and 255 are `percentiles` of the picture's own values, over all shown bands (`per` image) or of
    each (band); or the two values of `range`. `scale` is linear, or decibel: of 10 log10(value).
    """

    bands: tuple[int, ...] = ()
    percentiles: tuple[float, float] = (2.0, 98.0)
    range: tuple[float, float] | None = None
    per: str = "image"
    scale: str = "linear"


@dataclass(frozen=True, slots=True)
class Image:
    """A picture on disk, not yet decoded.

    `name` is its identity: the POSIX path below the data root. `path` is where it lies on this machine and
    never enters a key, a ledger or a report. `page` picks a frame of a multi-page tif, `window` a part of it
    (x1, y1, x2, y2): coordinates of what is true of a window, or found in it, are pixels of the window.
    `size` (width, height) of the whole is what the annotation says, for scoring without the picture.
    `change` is done to what is cut out before anyone sees it: a turn ("rot90", turns.py) or a disturbance
    ("speckle/3", datasets/corruptions.py). Coordinates of what is turned are pixels of the turned picture.
    """

    name: str
    path: str
    page: int = 0
    window: tuple[int, int, int, int] | None = None
    size: tuple[int, int] | None = None
    stretch: Stretch | None = None
    change: str = ""

    @property
    def extent(self) -> tuple[int, int] | None:
        """Width and height of what is shown: of the window where there is one, after the change."""
        size = self.size
        if self.window:
            x1, y1, x2, y2 = self.window
            size = x2 - x1, y2 - y1
        return size[::-1] if size and self.change.endswith(("rot90", "rot270")) else size


@dataclass(frozen=True, slots=True)
class Raster:
    """A binary mask as COCO's compressed run-length string, column by column from the top left pixel."""

    height: int
    width: int
    counts: str


@dataclass(frozen=True, slots=True)
class Region:
    """One object: 4 numbers (horizontal box, x1 y1 x2 y2) or 8 (oriented box, corners in order).

    `score` is a detector's own confidence. `ignore` marks ground truth that is neither asked for nor
    punished (difficult, DontCare); `crowd` is COCO's iscrowd. `span` is where the numbers stand in the raw
    answer text. `mask` are the object's pixels, where they are known; `points` may then be empty.
    """

    points: tuple[float, ...]
    label: str
    score: float | None = None
    ignore: bool = False
    crowd: bool = False
    area: float | None = None
    span: tuple[int, int] | None = None
    mask: Raster | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What is true of a sample: a class name, reference texts, or objects.

    `kind` is the type of the question where a benchmark has types (presence, count ...). `choices` are the
    options of a multiple-choice question in the order of their letters, `label` then being the letter.
    `size` (width, height) of the image, where a figure needs it.
    """

    label: str | None = None
    texts: tuple[str, ...] = ()
    regions: tuple[Region, ...] = ()
    kind: str = ""
    choices: tuple[str, ...] = ()
    size: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A response understood. `unparsable` says why it could not be: such an answer is scored as wrong.

    `raw` is the literal text of the response, for rules of other scripts that look at nothing else.
    `confidence` in [0, 1] is that of an answer in words, from the probabilities of its tokens.
    """

    label: str | None = None
    text: str | None = None
    regions: tuple[Region, ...] = ()
    unparsable: str | None = None
    raw: str | None = None
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Text:
    """A free question, answered with words: a few of them, or whole sentences.

    An empty question asks for a description, of the regions of the request where it has some.
    """

    question: str
    sentences: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """One of `choices` is asked for. `aliases` are (other spelling, choice) pairs, not shown to the model."""

    choices: tuple[str, ...]
    question: str = ""
    aliases: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Boxes:
    """Objects of `classes` are asked for, as horizontal or oriented boxes, or the one `phrase` describes.

    `parent` is the common noun of all classes (MAR20: airplane): an answer that only says the noun is kept
    under it, so that one set of answers serves the one-class protocol and the fine-grained one.
    """

    classes: tuple[str, ...]
    oriented: bool = False
    phrase: str | None = None
    parent: str | None = None
    aliases: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Mask:
    """The pixels that `phrase` describes are asked for."""

    phrase: str


Wants: TypeAlias = Text | Label | Boxes | Mask


@dataclass(frozen=True, slots=True)
class Decoding:
    """How text is produced. Temperature 0 is greedy."""

    max_new_tokens: int = 512
    temperature: float = 0.0
    logprobs: bool = True


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier question and answer of a conversation, as literal text."""

    question: str
    answer: str


@dataclass(frozen=True, slots=True)
class Request:
    """What a model may see of a sample. It has no target and no task name: leakage is a type error.

    `prompt` is the literal wording of the model's dialect, filled in by the driver; empty for models that
    answer `wants` directly. `system` is what the dialect says before the conversation, None where it leaves
    that to the model.
    """

    key: str
    sample_id: str
    images: tuple[Image, ...]
    wants: Wants
    prompt: str = ""
    decoding: Decoding = Decoding()
    turns: tuple[Turn, ...] = ()
    regions: tuple[Region, ...] = ()  # visual prompts, pixels of the original image
    system: str | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """A generated piece of the answer: concatenating `text` over the tokens gives the answer's text."""

    text: str
    logprob: float


@dataclass(frozen=True, slots=True)
class Response:
    """What came back for a request: text and/or scored answers, or an error (retried by the next run)."""

    key: str
    sample_id: str
    text: str | None = None
    regions: tuple[Region, ...] | None = None  # a detector's own boxes, pixels of the original
    label: str | None = None  # a classifier's own choice
    tokens: tuple[Token, ...] = ()
    frame: Frame | None = None
    seconds: float = 0.0
    tokens_in: int = 0
    tokens_out: int = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Sample:
    """One item of a data set. Tags: sensor, size, class, shift, ground sampling distance (text)."""

    id: str
    images: tuple[Image, ...]
    target: Target
    question: str = ""
    tags: Tags = field(default_factory=dict)
    regions: tuple[Region, ...] = ()  # what the question points at: shown to the model, hence without labels


@dataclass(frozen=True, slots=True)
class Problem:
    """A broken item of a data set: what, where, counted and passed by."""

    item: str
    reason: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where samples came from. Fingerprints are SHA-256 (hexadecimal).

    `kind`: official, mini, folder (a user's own), or how a copy differs from what is published.

    `annotations` covers every sample id and target of the split, `images` the bytes of every image used, or
    None where images were not at hand. `errata` is the version of the card's overlay of known errors, 0 where
    it was switched off, None where there is none.
    """

    kind: str
    split: str
    items: int
    annotations: str
    images: str | None
    errata: int | None = None


@dataclass(frozen=True, slots=True)
class Spec:
    """What was asked for: equal Specs give equal numbers. No absolute paths, no credentials.

    `prompting` is the question that comes before a detection, None where there is none: `count` or `hbb`.
    `raster` is the stretch that the card declares for pictures of more than 8 bits or other bands. `views`
    (d4) and `corrupt` (speckle, haze/3) are how the pictures were changed for answers beside the figures.
    """

    task: str
    task_version: int
    source: Source
    adapter: str
    arguments: Mapping[str, str]
    checkpoint: str | None  # digest of the weights
    dialect: str | None
    dialect_version: int | None
    decoding: Decoding
    limit: int | None
    seed: int
    confidences: tuple[str, ...] = ()
    runtime: Mapping[str, str] = field(default_factory=dict)  # device and dtype: they move the last digits
    prompting: str | None = None
    raster: Stretch | None = None
    views: str | None = None
    corrupt: tuple[str, ...] = ()

    def digest(self) -> str:
        """The identity of the run: names its folder."""
        row = asdict(self)
        for name in ("prompting", "raster", "views", "corrupt"):
            if not row[name]:
                del row[name]  # runs from before there was any are found again
        if self.source.errata is None:
            del row["source"]["errata"]
        return digest(row)


@dataclass(frozen=True, slots=True)
class Runtime:
    """Where and how fast a model runs; changes speed, not the meaning of a run."""

    device: str = "cpu"
    dtype: str = "float32"
    batch_size: int = 16
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a report. `value` is a fraction in [0, 1] where `unit` is '%'; None is undefined.

    `low`, `high` bound the 95 % bootstrap interval over samples (percentile, resampled by image).
    """

    name: str
    value: float | None
    low: float | None = None
    high: float | None = None
    unit: str = "%"
    higher_is_better: bool = True


@dataclass(frozen=True, slots=True)
class Slice:
    """The headline over one subset of the samples, or of the objects."""

    tag: str
    value: str
    count: int
    figure: Figure


@dataclass(frozen=True, slots=True)
class Report:
    """What a run proves. `labels` marks numbers that are not the real thing: mini, limited, incomplete."""

    task: str
    spec: Mapping[str, Any]
    headline: Figure
    figures: tuple[Figure, ...]
    slices: tuple[Slice, ...]
    samples: int
    failed: int
    unparsable: int
    problems: tuple[Problem, ...]
    labels: tuple[str, ...]
    details: Mapping[str, Any]  # per-class figures, confusion matrix, curves
    versions: Mapping[str, str]
