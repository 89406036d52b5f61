"""CLIP checkpoints that open_clip can load: OpenAI's, LAION's, RemoteCLIP, GeoRSCLIP and one's own."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import ModelError, UsageError, missing_extra
from .weights_digest import weights_digest

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from PIL.Image import Image as Picture
    from torch import Tensor

BATCH = (
    32  # pictures at once; always the same size, so that rounding does not depend on how many are asked for
)
_SUFFIXES = (".pt", ".bin", ".pth", ".safetensors")


class OpenClipModel:
    """A CLIP with both towers, its own picture transform and tokenizer; `digest` names its weights."""

    def __init__(self, model: Any, transform: Any, tokenizer: Any, digest: str, device: str) -> None:
        self.digest, self.transform = digest, transform
        self._model, self._tokenizer, self._device = model, tokenizer, device
        self._texts: dict[tuple[str, ...], Tensor] = {}

    def pixels(self, picture: Picture) -> Tensor:
        """What the image tower takes: (3, side, side) float32."""
        tensor: Tensor = self.transform(picture)
        return tensor

    def probabilities(self, crops: Sequence[Picture], prompts: Sequence[str]) -> npt.NDArray[np.float64]:
        """(crops, prompts): the softmax over the prompts at the learned temperature, for every crop."""
        import numpy as np

        if not crops:
            return np.zeros((0, len(prompts)))
        similar = self.similarities([self.pixels(crop) for crop in crops], self.texts(tuple(prompts)))
        scale = float(self._model.logit_scale.detach().exp().clamp(max=100))
        shifted = np.exp(scale * (similar - similar.max(axis=1, keepdims=True)))
        total: npt.NDArray[np.float64] = shifted / shifted.sum(axis=1, keepdims=True)
        return total

    def similarities(self, pixels: Sequence[Tensor], texts: Tensor) -> npt.NDArray[np.float64]:
        """(pictures, texts): cosines. `texts` are unit vectors, as `texts` and `ensemble` give them."""
        import numpy as np
        import torch

        rows = []
        with torch.inference_mode():
            for start in range(0, len(pixels), BATCH):
                part = list(pixels[start : start + BATCH])
                stack = torch.stack([*part, *[torch.zeros_like(part[0])] * (BATCH - len(part))])
                dtype = next(self._model.parameters()).dtype
                images = self._model.encode_image(stack.to(self._device, dtype), normalize=True)
                rows.append((images[: len(part)].double() @ texts.double().T).cpu().numpy())
        return np.concatenate(rows)

    def texts(self, prompts: tuple[str, ...]) -> Tensor:
        """(prompts, width) unit vectors."""
        import torch

        if prompts not in self._texts:
            with torch.inference_mode():
                tokens = self._tokenizer(list(prompts)).to(self._device)
                self._texts[prompts] = self._model.encode_text(tokens, normalize=True)
        return self._texts[prompts]

    def ensemble(self, names: Sequence[str], templates: Sequence[str]) -> Tensor:
        """(names, width) unit vectors: the mean over the templates of each name's unit vectors.

        The zero-shot classifier of CLIP (Radford et al. 2021, section 3.1.4) and of open_clip's
        build_zero_shot_classifier.
        """
        import torch

        rows = [self.texts(tuple(t.format(name) for t in templates)).double().mean(0) for name in names]
        mean = torch.stack(rows)
        unit: Tensor = mean / mean.norm(dim=-1, keepdim=True)
        return unit


def load(
    checkpoint: str | None = None,
    architecture: str | None = None,
    device: str = "cpu",
    dtype: str = "float32",
) -> OpenClipModel:
    """A checkpoint: a file of weights, a folder with open_clip_config.json, or hf-hub:OWNER/NAME.

    A bare file, as RemoteCLIP and GeoRSCLIP are published, does not say what it is: `architecture` does
    (open_clip's name, such as ViT-B-32), or the file's own name has it in it.

    Raises:
        UsageError: no checkpoint, or no architecture.
        ModelError: the weights cannot be loaded or do not fit.
    """
    try:
        import open_clip
    except ImportError:
        raise missing_extra("open_clip_torch", "models") from None
    if not checkpoint:
        raise UsageError("open_clip needs weights.", "Write checkpoint=FILE, DIR or hf-hub:OWNER/NAME.")
    path = Path(checkpoint)
    try:
        if path.is_file():
            name = architecture or _named(path.name, open_clip.list_models())
            model, _, transform = open_clip.create_model_and_transforms(name)
            model.load_state_dict(_weights(path))
        else:
            name = checkpoint if checkpoint.startswith("hf-hub:") else f"local-dir:{path}"
            if name != checkpoint and not path.is_dir():
                raise ModelError(f"There is no checkpoint {path}.", "Give a file of weights, or a folder.")
            model, _, transform = open_clip.create_model_and_transforms(name)
        tokenizer = open_clip.get_tokenizer(name)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelError(
            f"open_clip cannot load {path.name}: {str(error).splitlines()[0]}",
            "Name what it is: architecture=ViT-B-32, or another of open_clip.list_models().",
        ) from error
    import torch

    model = model.eval().to(device, getattr(torch, dtype))
    return OpenClipModel(model, transform, tokenizer, weights_digest(model), device)


def _named(file: str, known: Sequence[str]) -> str:
    """The architecture that a file's name has in it, the longest first: RemoteCLIP-ViT-B-32.pt."""
    for name in sorted(known, key=len, reverse=True):
        if re.search(rf"(?<![A-Za-z0-9]){re.escape(name)}(?![A-Za-z0-9])", file):
            return name
    raise UsageError(
        f"{file} does not say which CLIP it is.",
        "Write architecture=ViT-B-32, or another of open_clip.list_models().",
    )


def _weights(path: Path) -> Mapping[str, Any]:
    """The tensors of a file, under plain names."""
    import torch

    if path.suffix.lower() not in _SUFFIXES:
        raise UsageError(f"{path.name} is no file of weights.", f"Expected is one of {', '.join(_SUFFIXES)}.")
    if path.suffix.lower() == ".safetensors":
        from safetensors.torch import load_file

        found: Any = load_file(path)
    else:
        try:
            found = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:  # torch raises pickle's own errors, which share no base
            raise ModelError(
                f"{path.name} holds more than weights, or is damaged: it is not loaded.",
                "Save its state_dict anew, as safetensors at best.",
            ) from error
    found = found.get("state_dict", found)
    return {key.removeprefix("module."): value for key, value in found.items()}
