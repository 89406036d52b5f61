"""EarthGPT behind the harness's door: pictures and prompts in, text with log-probabilities out."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..harness.contract import Frame, Mask, Request, Response, Runtime
from ..harness.datasets.images import open_rgb
from ..harness.errors import DataError, ModelError, check_keys
from . import checkpoint as checkpoints
from .instructions import wrapped
from .preprocess import normalised, square_pixels

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_BY_PROPOSALS = (
    "boxes come from a dense head on the encoders and are pointed at by the language model "
    "(localisation: proposals); the paper's model writes coordinates as text"
)


class EarthGPTAdapter:
    """The reference model. Option: `checkpoint`, a folder (the shipped nano weights without it)."""

    name = "earthgpt"
    dialect = "earthgpt"

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Load the weights.

        Raises:
            UsageError: an option that does not exist.
            ModelError: the checkpoint cannot be loaded or does not fit its configuration.
        """
        check_keys("earthgpt", arguments, ("checkpoint",))
        given = arguments.get("checkpoint")
        folder = Path(given) if given else checkpoints.SHIPPED
        if not folder.is_dir():
            raise ModelError(f"There is no checkpoint folder {folder}.", "Give a folder with a config.json.")
        loaded = checkpoints.load(folder, runtime.device, runtime.dtype)
        self._model, self._tokenizer, self._config = loaded.model, loaded.tokenizer, loaded.config
        self._runtime = runtime
        self.checkpoint: str | None = loaded.digest
        self.note = _BY_PROPOSALS if loaded.config.localisation == "proposals" else None

    def generate(self, requests: Sequence[Request]) -> list[Response]:
        """One batch; a picture that cannot be read is an error of its own request only."""
        started = time.perf_counter()
        answers: dict[int, Response] = {}
        usable: list[tuple[int, Request, npt.NDArray[np.uint8], Frame]] = []
        for place, request in enumerate(requests):
            try:
                pixels, frame = self._opened(request)
            except (DataError, ModelError) as error:
                answers[place] = Response(request.key, request.sample_id, error=error.message)
                continue
            usable.append((place, request, pixels, frame))
        if usable:
            made = self._answered([u[1] for u in usable], [u[2] for u in usable])
            seconds = (time.perf_counter() - started) / len(usable)
            for (place, request, _, frame), (answer, asked) in zip(usable, made, strict=True):
                answers[place] = Response(
                    request.key,
                    request.sample_id,
                    text=answer.text,
                    tokens=answer.tokens if request.decoding.logprobs else (),
                    frame=frame,
                    seconds=round(seconds, 6),
                    tokens_in=asked,
                    tokens_out=answer.count,
                )
        return [answers[place] for place in range(len(requests))]

    def _opened(self, request: Request) -> tuple[npt.NDArray[np.uint8], Frame]:
        if isinstance(request.wants, Mask):
            raise ModelError("EarthGPT cannot answer with a mask.")
        if len(request.images) != 1:
            raise ModelError(f"EarthGPT looks at one picture, not at {len(request.images)}.")
        if request.decoding.temperature:
            raise ModelError("EarthGPT answers greedily: temperature 0.")
        picture = open_rgb(request.images[0])
        size = self._config.image_size
        return square_pixels(picture, size), Frame.padded_square(*picture.size, size)

    def _answered(self, requests: Sequence[Request], pictures: Sequence[Any]) -> list[tuple[Any, int]]:
        import torch

        from .generate import generate

        dtype = getattr(torch, self._runtime.dtype)
        prompts = [self._conversation(request) for request in requests]
        with torch.inference_mode():
            pixels = normalised(pictures).to(self._runtime.device, dtype)
            seen = self._model.see(pixels)
            limits = [request.decoding.max_new_tokens for request in requests]
            made = generate(self._model, self._tokenizer, seen, prompts, limits)
        visual = self._config.visual_tokens + 1
        asked = [visual + len(self._tokenizer.encode(prompt)) for prompt in prompts]
        return list(zip(made, asked, strict=True))

    def _conversation(self, request: Request) -> str:
        """Earlier turns, then the open one, in the form of section 3 of LLaMA2-Accessory's conversations."""
        system = self._config.system_prompt
        earlier = ""
        for turn in request.turns:
            earlier += f"{wrapped(turn.question, system)} {turn.answer}\n"
            system = ""
        return earlier + wrapped(request.prompt, system)
