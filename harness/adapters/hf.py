"""Any image-text-to-text model of transformers behind the harness's door."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ..contract import Frame, Request, Response, Runtime, Token
from ..errors import DataError
from ..pictures import Pictures
from .hugging_face import options as option
from .hugging_face.families import dialect_of, with_bounds
from .hugging_face.files import digest, find
from .hugging_face.frames import Frames
from .hugging_face.generation import Asked, Generator, Made, room, seed_of
from .hugging_face.library import quiet
from .hugging_face.loading import load
from .hugging_face.template import Template
from .hugging_face.words import Words

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

# types whose processors take the pictures of a batch in one row; all others take a row a question
_FLAT = ("llava", "vipllava", "qwen", "internvl", "glm4v")


@dataclass(frozen=True, slots=True)
class Shown:
    """What a model was shown: the literal prompt, the ids of its tokens as they went in, how many padding
    tokens stood before and behind them, and how its (first) picture lay over the original."""

    prompt: str
    ids: tuple[int, ...]
    before: int
    behind: int
    frame: Frame | None


@dataclass(frozen=True, slots=True)
class _Ready:
    """A request that can be asked: its place in the batch, its pictures, its prompt."""

    place: int
    request: Request
    pictures: tuple[Picture, ...]
    prompt: str


class HuggingFace:
    """A model of transformers with a chat template, or PaliGemma.

    Options: see `hugging_face.options.Options`; `checkpoint` is a folder or hub id. Answers are greedy unless
    a request has a temperature; log-probabilities are the model's own. An answer ends at a token of the
    checkpoint's generation_config, the tokenizer's, or the one that stands behind an answer in its template,
    and no later than the model has positions for.
    """

    name = "hf"

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Load the weights.

        Raises:
            UsageError: an option that does not exist, or has no such value.
            ModelError: the checkpoint cannot be loaded, or has no chat template.
        """
        given = option.read(arguments)
        folder = find(given.checkpoint, given.revision)
        loaded = load(folder, given, runtime)
        self._runtime, self._model, self._processor = runtime, loaded.model, loaded.processor
        self._flat = str(loaded.config["model_type"]).startswith(_FLAT)
        self._template = Template(loaded.processor, loaded.config, folder.name, given.template)
        self._words = Words(loaded.processor.tokenizer)
        self._generator = Generator(loaded.model, loaded.processor.tokenizer, self._ends())
        self._frames = Frames(loaded.processor.image_processor)
        self._pictures: Pictures[Picture] = Pictures(lambda picture: picture)
        self._room = room(loaded.model.config)
        spoken = dialect_of(loaded.config, given.checkpoint)
        self.dialect: str | None = with_bounds(spoken, loaded.processor.image_processor)
        extra = {"template": given.template} if given.template else {}
        self.checkpoint: str | None = digest(folder, extra)
        self.note = f"weights in {given.bits} bits" if given.bits else None

    def ahead(self, requests: Sequence[Request]) -> None:
        """Begin to decode the pictures of the next batch."""
        self._pictures.ahead(image for request in requests for image in request.images)

    def generate(self, requests: Sequence[Request]) -> list[Response]:
        """One batch; a picture that cannot be read, or a prompt that is too long, is an error of its own.

        Raises:
            ModelError: the chat template cannot write what the dialect says.
        """
        started = time.perf_counter()
        answers: dict[int, Response] = {}
        ready = self._ready(requests, answers)
        # a processor wants pictures for all of a batch, or for none
        for group in ([r for r in ready if r.pictures], [r for r in ready if not r.pictures]):
            self._answer(group, answers)
        seconds = round((time.perf_counter() - started) / max(1, len(ready)), 6)
        asked = {r.place for r in ready}
        return [
            replace(answers[place], seconds=seconds) if place in asked else answers[place]
            for place in range(len(requests))
        ]

    def shown(self, requests: Sequence[Request]) -> list[Shown]:
        """What a batch looks like when it goes into the model; all requests have pictures, or none has.

        Raises:
            DataError: a picture cannot be read.
        """
        failed: dict[int, Response] = {}
        ready = self._ready(requests, failed)
        if failed:
            raise DataError(str(next(iter(failed.values())).error))
        inputs = self._inputs(ready)
        rows = zip(inputs["input_ids"].tolist(), inputs["attention_mask"].tolist(), strict=True)
        found = []
        for asked, (ids, mask), frame in zip(ready, rows, self._seen(ready, inputs), strict=True):
            first, last = mask.index(1), len(mask) - 1 - mask[::-1].index(1)
            kept = tuple(ids[first : last + 1])
            found.append(Shown(asked.prompt, kept, first, len(mask) - 1 - last, frame))
        return found

    def _ready(self, requests: Sequence[Request], answers: dict[int, Response]) -> list[_Ready]:
        """The requests whose pictures are there; the others are answered with the reason."""
        opened = iter(self._pictures.take([image for request in requests for image in request.images]))
        ready = []
        for place, request in enumerate(requests):
            pictures = [next(opened) for _ in request.images]
            broken = [picture for picture in pictures if isinstance(picture, DataError)]
            if broken:
                answers[place] = _failed(request, broken[0].message)
            else:
                good = tuple(picture for picture in pictures if not isinstance(picture, DataError))
                ready.append(_Ready(place, request, good, self._template.prompt(request)))
        return ready

    def _answer(self, ready: Sequence[_Ready], answers: dict[int, Response]) -> None:
        if not ready:
            return
        inputs = self._inputs(ready)
        lengths = inputs["attention_mask"].sum(-1).tolist()
        fitting = [r for r, length in zip(ready, lengths, strict=True) if length < self._room]
        if len(fitting) < len(ready):
            for asked, length in zip(ready, lengths, strict=True):
                if length >= self._room:
                    reason = f"the prompt has {length} tokens, the model {self._room:.0f} positions"
                    answers[asked.place] = _failed(asked.request, reason)
            return self._answer(fitting, answers)
        frames = self._seen(ready, inputs)
        how = [self._how(r.request, length) for r, length in zip(ready, lengths, strict=True)]
        made = self._generator.answer(inputs, how)
        for asked, answer, length, frame in zip(ready, made, lengths, frames, strict=True):
            answers[asked.place] = self._response(asked.request, answer, length, frame)

    def _inputs(self, ready: Sequence[_Ready]) -> dict[str, Any]:
        """The processor's tensors on the model's device, floats in the model's type."""
        rows = [list(asked.pictures) for asked in ready]
        pictures: Any = [picture for row in rows for picture in row] if self._flat else rows
        specials = all(self._template.adds_specials(asked.prompt) for asked in ready)
        with quiet():
            made = self._processor(
                images=pictures if any(rows) else None,
                text=[asked.prompt for asked in ready],
                padding=True,
                add_special_tokens=specials,
                return_tensors="pt",
            )
        made.pop("labels", None)
        return dict(made.to(self._model.device, self._model.dtype))

    def _seen(self, ready: Sequence[_Ready], inputs: Mapping[str, Any]) -> list[Frame | None]:
        frames, first = [], 0
        for asked in ready:
            frames.append(
                self._frames.frame(asked.pictures[0].size, inputs, first) if asked.pictures else None
            )
            first += len(asked.pictures)
        return frames

    def _how(self, request: Request, length: int) -> Asked:
        limit = int(min(request.decoding.max_new_tokens, self._room - length))
        return Asked(limit, request.decoding.temperature, seed_of(request.key, self._runtime.seed))

    def _response(self, request: Request, made: Made, read: int, frame: Frame | None) -> Response:
        written = self._words.written(made.ids)
        ids = [made.ids[place] for place in written]
        tokens: tuple[Token, ...] = ()
        if request.decoding.logprobs:
            pieces = self._words.pieces(ids)
            tokens = tuple(Token(p, made.logprobs[i]) for p, i in zip(pieces, written, strict=True))
        return Response(
            request.key,
            request.sample_id,
            text=self._words.text(ids),
            tokens=tokens,
            frame=frame,
            tokens_in=int(read),
            tokens_out=len(made.ids),
        )

    def _ends(self) -> list[int]:
        """The token behind an answer in the template, where it is a special one."""
        tokenizer = self._processor.tokenizer
        behind = tokenizer(self._template.end(), add_special_tokens=False)["input_ids"][:1]
        return [id_ for id_ in behind if id_ in self._words.specials]


def _failed(request: Request, reason: str) -> Response:
    return Response(request.key, request.sample_id, error=reason)
