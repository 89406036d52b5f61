"""Object detection: all objects of the classes are asked for, as horizontal or oriented boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..harness.contract import Boxes, Sample, Text, Turn, Wants
from ..harness.datasets.card import Card, Dataset
from ..harness.datasets.names import aliases
from ..harness.dialects.earthgpt import plural
from ..harness.errors import DataError, UsageError
from ..harness.registry import load
from ..harness.roles import Metric
from ..harness.tiles import Tiling

# what a data set with oriented boxes is scored by where its card names COCO's rule, which has none
_ORIENTED = {
    "views": {"all classes": "classes"},
    "thresholds": (0.40, 0.50),
    "headline": "all classes/mAP@0.50/voc07/clip-score",
}


class ObjectDetection:
    """One question an image, or another one before it; images without objects are asked too.

    The boxes are oriented where those of the data set are. Card protocol: `rule: coco`, with `limit`, the
    most detections of an image and class (100); or, for the VOC rule, `views` (name of the view: `parent`,
    all objects are one class; or `classes`) and `thresholds` (IoU), with `matching`, one of
    detection_rules.py, where it is not exact.
    Objects to be ignored are so under either rule; pycocotools itself would overlook COCO's `ignore`.

    With `tiles` (size, overlap, iou: harness/tiles.py) a large picture is asked about in tiles, which are the
    samples; figures are of whole pictures, the tiles' boxes merged.

    With `prompting`, what the model answers to a first question stands before it when it is asked for the
    boxes (EarthGPT, VI-C and Fig. 5, chain-of-thought prompting): `count`, how many there are, or `hbb`,
    horizontal boxes before oriented ones. Only the boxes of the second turn are scored. The paper prints
    "How many planes are there in the airport?" about one picture; `image` for any is ours.
    """

    def __init__(self, card: Card, dataset: Dataset) -> None:
        oriented = any(len(r.points) == 8 for s in dataset.samples for r in s.target.regions)
        protocol = {**card.protocol}
        if oriented and protocol.get("rule") == "coco":
            protocol |= _ORIENTED | {"rule": "voc"}
        self.name, self.version = card.name, card.version
        self.protocol = str(protocol.get("rule", "voc"))
        self.confidences = tuple(str(c) for c in protocol["confidences"])
        self.metrics: tuple[Metric, ...]
        if self.protocol == "coco":
            limit = int(protocol.get("limit", 100))
            self.metrics = (load("metrics", "coco")(dataset.classes, limit, honour_ignore=True),)
            self.headline = f"{protocol['headline']}/{self.confidences[0]}"
        else:
            views = {name: _view(card, dataset, kind) for name, kind in protocol["views"].items()}
            thresholds = tuple(protocol["thresholds"])
            matching = str(protocol.get("matching", "exact"))
            metric = load("metrics", "detection")(
                views, thresholds, oriented, rule=matching, averaged=True, counted=True
            )
            public = load("metrics", "detection-f1-public")(views, oriented=oriented)
            self.metrics = (metric, public)
            self.headline = _headline(str(protocol["headline"]), views)
        self.tiles = Tiling.of(protocol["tiles"], card.name) if "tiles" in protocol else None
        self._samples = self.tiles.cut(dataset.samples) if self.tiles else dataset.samples
        wants = Boxes(
            dataset.classes,
            oriented=oriented,
            parent=card.parent,
            aliases=(*aliases(card, dataset.classes), *dataset.aliases),
        )
        self.first_turn: Metric | None = None
        first: tuple[Wants, ...] = ()
        if self.tiles and protocol.get("prompting"):
            raise UsageError(f"{card.name} is asked in tiles, which show a part of what is to be counted.")
        if protocol.get("prompting") == "count":
            first, self.first_turn = (_how_many(wants),), load("metrics", "vqa")("rsvqa/strict")
            self._samples = tuple(map(_counted, dataset.samples))
        elif protocol.get("prompting") == "hbb":
            if not oriented:
                raise UsageError(
                    f"{card.name} asks for horizontal boxes: they cannot come before themselves."
                )
            first = (replace(wants, oriented=False),)
        self._turns = (*first, wants)
        self.turns = len(self._turns)

    def samples(self) -> Sequence[Sample]:
        """Every sample of the split."""
        return self._samples

    def request(self, sample: Sample, history: Sequence[Turn]) -> Wants | None:
        """The question of a turn."""
        return self._turns[len(history)] if len(history) < self.turns else None


def build(card: Card, dataset: Dataset) -> ObjectDetection:
    """The task of a card over a data set.

    Raises:
        DataError: no class is known.
    """
    if not dataset.classes:
        raise DataError(f"The data of {card.name} names no class to detect.")
    return ObjectDetection(card, dataset)


def _how_many(wants: Boxes) -> Text:
    noun = wants.parent or (wants.classes[0] if len(wants.classes) == 1 else "object")
    return Text(f"How many {plural(noun)} are there in the image?")


def _counted(sample: Sample) -> Sample:
    """The sample with what is true of the first question: the number of objects that are asked for."""
    kept = sum(not (region.ignore or region.crowd) for region in sample.target.regions)
    return replace(sample, target=replace(sample.target, texts=(str(kept),)))


def _view(card: Card, dataset: Dataset, kind: str) -> Mapping[str, str]:
    """Labels to the classes of a view; an answer that only says the parent counts for the one class."""
    if kind == "parent" and card.parent:
        return {name: card.parent for name in (*dataset.classes, card.parent)}
    return {name: name for name in dataset.classes}


def _headline(name: str, views: Mapping[str, Mapping[str, str]]) -> str:
    """The headline's figure, which is called AP, not mAP, where its view has one class."""
    view = name.partition("/")[0]
    return name.replace("/mAP@", "/AP@") if len({*views[view].values()}) == 1 else name
