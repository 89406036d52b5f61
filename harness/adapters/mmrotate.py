"""Detectors of MMRotate and MMDetection: a configuration and its checkpoint, boxes with their own scores."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..contract import Boxes, Region, Runtime
from ..errors import ModelError, UsageError, check_keys, missing_extra
from ..geometry import from_rotated, hull
from .detector import Detector
from .weights_digest import weights_digest


class MMRotate(Detector):
    """Answers with scored boxes under the class names of the checkpoint; other questions are errors.

    Rotated boxes are corners (cx, cy, w, h, angle clockwise on screen: mmrotate's own drawing), and their
    hulls where horizontal boxes are asked for. Which of the detector's classes count, and as what, is the
    card's matter: a plane of DOTA is MAR20's airplane. Options: `config`, a Python file, which is run as
    mmengine runs it; `checkpoint`; `threshold` (0), below which boxes are dropped.
    """

    name = "mmrotate"

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Build the detector and load its weights.

        Raises:
            UsageError: an option that does not exist or has no such value, or a missing one.
            ModelError: the libraries are missing, or configuration and checkpoint do not fit.
        """
        super().__init__()
        check_keys(self.name, arguments, ("config", "checkpoint", "threshold"))
        for key in ("config", "checkpoint"):
            if not arguments.get(key):
                raise UsageError(f"mmrotate needs a {key}.", "Write config=FILE.py,checkpoint=FILE.pth.")
            if not Path(arguments[key]).is_file():
                raise ModelError(f"There is no {key} {arguments[key]}.", "Give the path of a file.")
        try:
            self._threshold = float(arguments.get("threshold", 0))
        except ValueError:
            raise UsageError(f"threshold={arguments['threshold']} is no number.") from None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of registries and schedules: nothing a user could act on
            self._model = _built(Path(arguments["config"]), Path(arguments["checkpoint"]), runtime.device)
        self._classes = tuple(self._model.dataset_meta["classes"])
        self.checkpoint: str | None = weights_digest(self._model)

    def found(self, picture: Any, wants: Boxes) -> tuple[Region, ...]:
        """What the detector finds of all its classes."""
        import numpy as np
        from mmdet.apis import inference_detector

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            blue_first = np.ascontiguousarray(np.asarray(picture)[:, :, ::-1])
            found = inference_detector(self._model, blue_first).pred_instances.cpu()
        boxes = getattr(found.bboxes, "tensor", found.bboxes).double().numpy()
        return tuple(
            Region(_points(box, wants.oriented), self._classes[int(label)], score=float(score))
            for box, label, score in zip(boxes, found.labels, found.scores, strict=True)
            if score >= self._threshold
        )


def _points(box: Sequence[float], oriented: bool) -> tuple[float, ...]:
    numbers = [float(v) for v in box]
    if len(numbers) == 5:
        cx, cy, width, height, angle = numbers
        numbers = list(from_rotated(cx, cy, width, height, angle))
    return tuple(numbers) if oriented else hull(numbers)


def _built(config_file: Path, weights: Path, device: str) -> Any:
    try:
        from mmdet.registry import MODELS
        from mmengine.config import Config
        from mmengine.registry import init_default_scope
        from mmrotate.utils import register_all_modules
    except ImportError:
        raise missing_extra("MMRotate", "mmrotate") from None
    register_all_modules(init_default_scope=False)
    try:
        config = Config.fromfile(config_file)
        init_default_scope(config.get("default_scope", "mmdet"))
        if "init_cfg" in config.model.backbone:
            config.model.backbone.init_cfg = None  # all weights are in the checkpoint
        model = MODELS.build(config.model)
    except (OSError, SyntaxError, KeyError, AttributeError, TypeError, ValueError) as error:
        raise ModelError(
            f"{config_file.name} cannot be built: {type(error).__name__}: {error}.",
            "Give a configuration that MMRotate or MMDetection 3 can test with.",
        ) from error
    loaded = _loaded(weights)
    kept = model.load_state_dict(loaded.get("state_dict", loaded), strict=False)
    if absent := [key for key in kept.missing_keys if "num_batches_tracked" not in key]:
        raise ModelError(
            f"{weights.name} has no {absent[0]}"
            + (f" and {len(absent) - 1} more" if absent[1:] else "")
            + ".",
            f"Give the checkpoint that was trained with {config_file.name}.",
        )
    model.dataset_meta = {"classes": _classes(loaded.get("meta", {}), config, weights)}
    model.cfg = config
    return model.to(device).eval()


def _loaded(weights: Path) -> Any:
    """The file's content without running any of it; mmengine's own harmless types are let in."""
    import torch
    from mmengine.runner.checkpoint import get_torch_safe_globals

    try:
        with torch.serialization.safe_globals(get_torch_safe_globals()):
            return torch.load(weights, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises pickle's own errors, which share no base
        raise ModelError(
            f"{weights.name} holds more than weights, or is damaged: it is not loaded.",
            "Save a dictionary with state_dict and meta alone, as publish_model.py of mmdetection does.",
        ) from error


def _classes(meta: Mapping[str, Any], config: Any, weights: Path) -> Sequence[str]:
    """The class names in the order of the labels: the checkpoint's, else those of the test data."""
    kept = {str(key).lower(): value for key, value in meta.get("dataset_meta", {}).items()}
    data = config.get("test_dataloader", {}).get("dataset", {})
    found = kept.get("classes") or meta.get("CLASSES") or data.get("metainfo", {}).get("classes")
    if not found:
        raise ModelError(
            f"Neither {weights.name} nor its configuration names the classes.",
            "Add metainfo=dict(classes=(...)) to test_dataloader.dataset in the configuration.",
        )
    return [found] if isinstance(found, str) else list(found)
