"""The CLIP inside an EarthGPT checkpoint: how well a crop fits a text. It gives the clip-score."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..harness.errors import ModelError
from . import checkpoint as checkpoints
from .clip_texts import tokenised
from .preprocess import normalised, square_pixels

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL import Image

BATCH = 32  # crops at once; always the same size, so that rounding does not depend on how many are asked for


class ImageTextModel:
    """An open_clip model with its own vocabulary; `digest` names its weights."""

    def __init__(self, loaded: checkpoints.Checkpoint) -> None:
        self.digest = loaded.digest
        self._clip: Any = loaded.model.encoders.clip
        self._config, self._tokenizer = loaded.config.clip, loaded.tokenizer
        self._texts: dict[tuple[str, ...], Any] = {}

    def probabilities(self, crops: Sequence[Image.Image], prompts: Sequence[str]) -> npt.NDArray[np.float64]:
        """(crops, prompts): the softmax over the prompts at the learned temperature, for every crop."""
        import numpy as np
        import torch

        if not crops:
            return np.zeros((0, len(prompts)))
        texts = self._encoded(tuple(prompts))
        size = self._config.image_size
        rows = []
        with torch.inference_mode():
            for start in range(0, len(crops), BATCH):
                pixels = [square_pixels(crop, size) for crop in crops[start : start + BATCH]]
                padding = [np.zeros((size, size, 3), np.uint8)] * (BATCH - len(pixels))
                images = self._clip.encode_image(normalised([*pixels, *padding]), normalize=True)
                scores = self._clip.logit_scale.exp().clamp(max=100) * images @ texts.T
                rows.append(scores[: len(pixels)].double().softmax(-1).numpy())
        return np.concatenate(rows)

    def _encoded(self, prompts: tuple[str, ...]) -> Any:
        import torch

        if prompts not in self._texts:
            ids = tokenised(prompts, self._tokenizer, self._config.context_length)
            with torch.inference_mode():
                self._texts[prompts] = self._clip.encode_text(ids, normalize=True)
        return self._texts[prompts]


def load(checkpoint: str | None = None) -> ImageTextModel:
    """The CLIP of a checkpoint folder, of the shipped weights if None; in float32 on the CPU.

    Raises:
        ModelError: the checkpoint cannot be loaded, or has no CLIP that can score.
    """
    loaded = checkpoints.load(Path(checkpoint) if checkpoint else checkpoints.SHIPPED)
    if not loaded.config.clip.scores:
        raise ModelError(
            f"The checkpoint {checkpoint} has the image trunk of a CLIP and no text tower.",
            "Convert it with --clip FILE, the whole CLIP, or choose another confidence.",
        )
    return ImageTextModel(loaded)
