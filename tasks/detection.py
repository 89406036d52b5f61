"""Object detection: all objects of the classes are asked for, as horizontal or oriented boxes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..harness.contract import Boxes, Sample, Turn, Wants
from ..harness.datasets.card import Card, Dataset
from ..harness.datasets.names import aliases
from ..harness.errors import DataError
from ..harness.registry import load
from ..harness.roles import Metric

# what a data set with oriented boxes is scored by where its card names COCO's rule, which has none
_ORIENTED = {
    "views": {"all classes": "classes"},
    "thresholds": (0.40, 0.50),
    "headline": "all classes/mAP@0.50/voc07/clip-score",
}


class ObjectDetection:
    """One question an image; images without objects are asked too.

    The boxes are oriented where those of the data set are. Card protocol: `rule: coco`, or `views` (name of
    the view: `parent`, all objects are one class; or `classes`) and `thresholds` (IoU) for the VOC rule, with
    `matching`, one of detection_rules.py, where it is not exact.
    Objects to be ignored are so under either rule; pycocotools itself would overlook COCO's `ignore`.
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
            self.metrics = (load("metrics", "coco")(dataset.classes, honour_ignore=True),)
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
        self._samples = dataset.samples
        self._wants = Boxes(
            dataset.classes,
            oriented=oriented,
            parent=card.parent,
            aliases=(*aliases(card, dataset.classes), *dataset.aliases),
        )

    def samples(self) -> Sequence[Sample]:
        """Every sample of the split."""
        return self._samples

    def request(self, sample: Sample, history: Sequence[Turn]) -> Wants | None:
        """The one question."""
        return None if history else self._wants


def build(card: Card, dataset: Dataset) -> ObjectDetection:
    """The task of a card over a data set.

    Raises:
        DataError: no class is known.
    """
    if not dataset.classes:
        raise DataError(f"The data of {card.name} names no class to detect.")
    return ObjectDetection(card, dataset)


def _view(card: Card, dataset: Dataset, kind: str) -> Mapping[str, str]:
    """Labels to the classes of a view; an answer that only says the parent counts for the one class."""
    if kind == "parent" and card.parent:
        return {name: card.parent for name in (*dataset.classes, card.parent)}
    return {name: name for name in dataset.classes}


def _headline(name: str, views: Mapping[str, Mapping[str, str]]) -> str:
    """The headline's figure, which is called AP, not mAP, where its view has one class."""
    view = name.partition("/")[0]
    return name.replace("/mAP@", "/AP@") if len({*views[view].values()}) == 1 else name
