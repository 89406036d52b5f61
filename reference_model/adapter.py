"""EarthGPT behind the harness's door: pictures and prompts in, text with log-probabilities out."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from ..harness.contract import Mask, Request, Response, Runtime
from ..harness.errors import DataError, ModelError, UsageError, check_keys
from . import checkpoint as checkpoints
from .conversation import conversation
from .sampling import Sampling

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from .generate import Asked, Generated, Sight
    from .sights import Looked

_BY_PROPOSALS = (
    "boxes come from a dense head on the encoders and are pointed at by the language model "
    "(localisation: proposals); the paper's model writes coordinates as text"
)


class EarthGPTAdapter:
    """The reference model.

    Options: `checkpoint`, a folder (the shipped nano weights without it); `top_p` and `top_k`, which matter
    where a request has a temperature.
    """

    name = "earthgpt"
    dialect = "earthgpt"

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Load the weights.

        Raises:
            UsageError: an option that does not exist, or has no such value.
            ModelError: the checkpoint cannot be loaded or does not fit its configuration.
        """
        check_keys("earthgpt", arguments, ("checkpoint", "top_p", "top_k"))
        self._sampling = _sampling(arguments)
        given = arguments.get("checkpoint")
        folder = Path(given) if given else checkpoints.SHIPPED
        if not folder.is_dir():
            raise ModelError(f"There is no checkpoint folder {folder}.", "Give a folder with a config.json.")
        loaded = checkpoints.load(folder, runtime.device, runtime.dtype)
        from .generate import Generator
        from .sights import Sights

        self._config, self._runtime = loaded.config, runtime
        self._generator = Generator(loaded.model, loaded.tokenizer)
        self._sights = Sights(self._seen, loaded.config.image_size)
        self.checkpoint: str | None = loaded.digest
        self.note = _BY_PROPOSALS if loaded.config.localisation == "proposals" else None

    def generate(self, requests: Sequence[Request]) -> list[Response]:
        """One batch; a picture that cannot be read is an error of its own request only.

        A picture is looked at once: within the batch, and while it is among the last ones asked about.

        Raises:
            ModelError: an answer may be longer than the model has room for.
        """
        started = time.perf_counter()
        answers: dict[int, Response] = {}
        possible: list[int] = []
        for place, request in enumerate(requests):
            if reason := _impossible(request):
                answers[place] = Response(request.key, request.sample_id, error=reason)
            else:
                possible.append(place)
        usable: list[tuple[int, Looked]] = []
        looks = self._sights.look([requests[place].images[0] for place in possible])
        for place, looked in zip(possible, looks, strict=True):
            if isinstance(looked, DataError):
                request = requests[place]
                answers[place] = Response(request.key, request.sample_id, error=looked.message)
            else:
                usable.append((place, looked))
        if usable:
            asked = [self._asked(requests[place]) for place, _ in usable]
            made = self._generator.answer([looked.sight for _, looked in usable], asked)
            seconds = (time.perf_counter() - started) / len(usable)
            for (place, looked), answer in zip(usable, made, strict=True):
                answers[place] = _response(requests[place], looked, answer, seconds)
        return [answers[place] for place in range(len(requests))]

    def ahead(self, requests: Sequence[Request]) -> None:
        """Begin to read the pictures of the next batch in the background."""
        self._sights.ahead([request.images[0] for request in requests if not _impossible(request)])

    def stream(self, request: Request, show: Callable[[str], None]) -> Response:
        """One answer, shown part by part as it is made.

        Raises:
            ModelError: as `generate`.
        """
        started = time.perf_counter()
        reason = _impossible(request)
        looked = None if reason else self._sights.look(request.images)[0]
        if isinstance(looked, DataError):
            reason = looked.message
        if looked is None or isinstance(looked, DataError):
            return Response(request.key, request.sample_id, error=reason)
        answer = self._generator.stream(looked.sight, self._asked(request), show)
        return _response(request, looked, answer, time.perf_counter() - started)

    def _seen(self, squares: Sequence[npt.NDArray[np.uint8]]) -> list[Sight]:
        import torch

        from .preprocess import normalised

        dtype = getattr(torch, self._runtime.dtype)
        return self._generator.see(normalised(squares).to(self._runtime.device, dtype))

    def _asked(self, request: Request) -> Asked:
        from .generate import Asked

        own = sha256(request.key.encode("utf-8", "surrogatepass")).digest()[:16]
        seed = (self._runtime.seed % 2**64, int.from_bytes(own, "big"))
        sampling = replace(self._sampling, temperature=request.decoding.temperature, seed=seed)
        text = conversation(self._config.system_prompt, request.turns, request.prompt)
        return Asked(text, request.decoding.max_new_tokens, sampling)


def _sampling(arguments: Mapping[str, str]) -> Sampling:
    try:
        return Sampling(0.0, float(arguments.get("top_p", "1")), int(arguments.get("top_k", "0")))
    except ValueError as error:
        raise UsageError(f"{error}.", "top_p is a part of 1, top_k a number of tokens.") from error


def _impossible(request: Request) -> str | None:
    if isinstance(request.wants, Mask):
        return "EarthGPT cannot answer with a mask."
    if len(request.images) != 1:
        return f"EarthGPT looks at one picture, not at {len(request.images)}."
    return None


def _response(request: Request, looked: Looked, answer: Generated, seconds: float) -> Response:
    return Response(
        request.key,
        request.sample_id,
        text=answer.text,
        tokens=answer.tokens if request.decoding.logprobs else (),
        frame=looked.frame,
        seconds=round(seconds, 6),
        tokens_in=answer.read,
        tokens_out=answer.count,
    )
