"""GroundingDINO and MM-GroundingDINO through transformers: boxes of named classes, or of a phrase."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..contract import Boxes, Region, Runtime
from ..errors import ModelError, UsageError, check_keys, missing_extra
from .detector import Detector
from .weights_digest import weights_digest

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_MOST_TOKENS = 250  # of a prompt: the text side reads 256 with its marks
_BOXES = 300  # an image at most, as in mmdetection's configurations of GroundingDINO
Phrases = list[tuple[str, list[int]]]  # a class, and the places of its tokens in the prompt


class GroundingDino(Detector):
    """Answers with scored horizontal boxes; other questions are errors.

    Classes are asked for as "airplane. ship." in lower case. A query's score for a class is the mean
    sigmoid over the class's tokens (mmdetection's convert_grounding_to_cls_scores); more classes than the
    text side reads are asked in several prompts. Where all classes share a noun (MAR20: airplane) the noun
    is asked for, for type names such as A1 mean nothing to an open-set detector. A phrase gets its best box.
    Options: `checkpoint`, a folder or hub id; `threshold` (0), below which boxes are dropped; `most` (300).
    """

    name = "grounding_dino"

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Load the weights.

        Raises:
            UsageError: an option that does not exist or has no such value, or no checkpoint.
            ModelError: the checkpoint cannot be loaded.
        """
        super().__init__()
        check_keys(self.name, arguments, ("checkpoint", "threshold", "most"))
        if not arguments.get("checkpoint"):
            raise UsageError(
                "grounding_dino needs weights.", "Write checkpoint=DIR or checkpoint=OWNER/NAME."
            )
        self._threshold, self._most = _number(arguments, "threshold", 0.0), _number(arguments, "most", _BOXES)
        self._runtime = runtime
        self._model, self._processor = _load(arguments["checkpoint"], runtime)
        self.checkpoint: str | None = weights_digest(self._model)

    def found(self, picture: Any, wants: Boxes) -> tuple[Region, ...]:
        """The best boxes over all classes, or the one of a phrase."""
        if wants.phrase is not None:
            return tuple(self._boxes(picture, (wants.phrase,), whole=True)[:1])
        names = (wants.parent,) if wants.parent else wants.classes
        found = sorted(self._boxes(picture, names), key=lambda region: -(region.score or 0.0))
        return tuple(found[: int(self._most)])

    def _boxes(self, picture: Any, names: Sequence[str], whole: bool = False) -> list[Region]:
        """Every query's box for every name, best first of each name."""
        regions: list[Region] = []
        for prompt, phrases in _prompts(names, self._processor.tokenizer, whole):
            boxes, tokens = self._asked(picture, prompt)
            for name, places in phrases:
                scores = tokens[:, places].mean(axis=1)
                for place in scores.argsort()[::-1]:
                    if scores[place] >= self._threshold:
                        corners = tuple(float(v) for v in boxes[place])
                        regions.append(Region(corners, name, score=float(scores[place])))
        return regions

    def _asked(self, picture: Any, prompt: str) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        """(queries, 4) boxes in pixels of the picture, and (queries, tokens) sigmoids."""
        import numpy as np
        import torch

        inputs = self._processor(images=picture, text=prompt, return_tensors="pt").to(self._runtime.device)
        inputs["pixel_values"] = inputs["pixel_values"].to(self._model.dtype)
        with torch.inference_mode():
            output = self._model(**inputs)
        cx, cy, width, height = output.pred_boxes[0].double().cpu().numpy().T
        corners = np.stack([cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2], axis=1)
        boxes = np.clip(corners, 0, 1) * [*picture.size, *picture.size]
        scores = output.logits[0].double().sigmoid().cpu().numpy()
        return boxes, scores


def _prompts(names: Sequence[str], tokenizer: Any, whole: bool) -> Iterator[tuple[str, Phrases]]:
    """Prompts of as many names as the text side reads, and where the tokens of each name stand.

    `whole`: the name is a phrase, whose own full stops are none of the prompt's.

    Raises:
        UsageError: one name alone is too long.
    """
    group: list[tuple[str, str]] = []
    for name in names:
        pair = name, _worded(name, whole)
        if _length(tokenizer, [pair]) > _MOST_TOKENS:
            raise UsageError(f"{name!r} is too long for a GroundingDINO to read.")
        if _length(tokenizer, [*group, pair]) > _MOST_TOKENS:
            yield _placed(group, tokenizer)
            group = []
        group.append(pair)
    if group:
        yield _placed(group, tokenizer)


def _worded(name: str, whole: bool) -> str:
    return name.lower().strip().rstrip(".").replace(".", "," if whole else " ")


def _joined(pairs: Sequence[tuple[str, str]]) -> str:
    return " ".join(f"{text}." for _, text in pairs)


def _length(tokenizer: Any, pairs: Sequence[tuple[str, str]]) -> int:
    return len(tokenizer(_joined(pairs))["input_ids"])


def _placed(pairs: Sequence[tuple[str, str]], tokenizer: Any) -> tuple[str, Phrases]:
    prompt, phrases, start = _joined(pairs), [], 0
    spans = tokenizer(prompt, return_offsets_mapping=True)["offset_mapping"]
    for name, text in pairs:
        end = start + len(text)
        phrases.append((name, [i for i, (a, b) in enumerate(spans) if a < b and start <= a and b <= end]))
        start = end + 2
    return prompt, phrases


def _number(arguments: Mapping[str, str], key: str, usual: float) -> float:
    try:
        return float(arguments.get(key, usual))
    except ValueError:
        raise UsageError(f"{key}={arguments[key]} is no number.") from None


def _load(checkpoint: str, runtime: Runtime) -> tuple[Any, Any]:
    try:
        import torch
        from transformers import AutoModelForZeroShotObjectDetection, AutoProcessor
    except ImportError:
        raise missing_extra("transformers", "models") from None
    try:
        # Any: transformers' own types differ between its versions
        kinds: Any = AutoModelForZeroShotObjectDetection, AutoProcessor
        model = kinds[0].from_pretrained(checkpoint)
        processor = kinds[1].from_pretrained(checkpoint)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelError(
            f"{checkpoint} cannot be loaded as a GroundingDINO: {str(error).splitlines()[0]}",
            "Give a folder as save_pretrained leaves it, or a hub id that can be reached.",
        ) from error
    return model.eval().to(runtime.device, getattr(torch, runtime.dtype)), processor
