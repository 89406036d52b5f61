"""A conversation about one picture that a person holds with a model, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from .contract import Boxes, Decoding, Image, Region, Request, Response, Text, Turn, digest
from .datasets.images import open_rgb
from .engines.serial import Serial
from .errors import ModelError, UsageError
from .roles import Adapter, Dialect, Informed
from .understand import understand

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

Show = Callable[[str], None]


@runtime_checkable
class Streaming(Protocol):
    """An adapter that can show an answer while it is made."""

    def stream(self, request: Request, show: Show) -> Response:
        """The response, each part of its text given to `show` as it comes."""
        ...


class Dialogue:
    """Turns about one picture. Questions go to the model literally, whatever its dialect says around them;
    the dialect only reads boxes out of answers.

    `seed` and what was said so far decide a sampled answer.
    """

    def __init__(self, adapter: Adapter, dialect: Dialect | None, decoding: Decoding, path: str) -> None:
        """
        Raises:
            DataError: the picture cannot be read.
            UsageError: the adapter only repeats the truth of a benchmark.
        """
        if isinstance(adapter, Informed):
            raise UsageError(
                f"{adapter.name} knows the answers of a benchmark and nothing else.", "Name a model."
            )
        self._adapter, self._dialect, self._decoding = adapter, dialect, decoding
        self.turns: list[Turn] = []
        self.look_at(path)

    def look_at(self, path: str) -> None:
        """Talk about another picture; what was said before is forgotten.

        Raises:
            DataError: it cannot be read. The old picture stays.
        """
        image = Image(Path(path).name, path)
        size = open_rgb(image).size
        self.path, self._image = path, Image(image.name, path, size=size)
        self.forget()

    def forget(self) -> None:
        """Begin anew with the same picture."""
        self.turns = []
        self._last: Response | None = None

    def ask(self, question: str, show: Show) -> None:
        """Add a turn; the answer is shown as it comes, if the model can do that. Interrupted, what was shown
        so far is the answer.

        Raises:
            ModelError: there is no answer. The turn is not kept.
            KeyboardInterrupt: handed on, after the turn was kept.
        """
        parts: list[str] = []

        def seen(part: str) -> None:
            parts.append(part)
            show(part)

        history = tuple(self.turns)
        key = digest([[[turn.question, turn.answer] for turn in history], question])
        request = Request(
            key, key, (self._image,), Text(question), question, decoding=self._decoding, turns=history
        )
        try:
            response = self._answer(request, seen)
        except KeyboardInterrupt:
            self._keep(question, Response(key, key, text="".join(parts)))
            raise
        if response.error is not None:
            raise ModelError(f"{self._adapter.name}: {response.error}")
        if not parts:
            seen(_words(response))
        self._keep(question, response)

    def boxes(self) -> tuple[Region, ...]:
        """The boxes of the last answer, horizontal and oriented, in pixels of the picture."""
        if self._last is None:
            return ()
        if self._dialect is None and self._last.regions is None:
            return ()
        # with oriented boxes wanted, four numbers stay a horizontal box
        answer = understand(self._last, Boxes((), oriented=True), self._dialect, self._image)
        return answer.regions

    def picture(self) -> Picture:
        """The picture itself. Raises DataError if it can no longer be read."""
        return open_rgb(self._image)

    def record(self) -> dict[str, Any]:
        """The conversation as MMRS-1M writes it: `image`, and `conversations` of human and gpt.

        There, `data` stands for the folder of all pictures: here for the one this picture is in.
        """
        said: list[dict[str, str]] = []
        for turn in self.turns:
            said.append({"from": "human", "value": turn.question})
            said.append({"from": "gpt", "value": turn.answer})
        return {"image": f"data/{self._image.name}", "conversations": said}

    def _answer(self, request: Request, show: Show) -> Response:
        if isinstance(self._adapter, Streaming):
            return self._adapter.stream(request, show)
        (response,) = Serial().run(self._adapter, [[request]])
        return response

    def _keep(self, question: str, response: Response) -> None:
        self.turns.append(Turn(question, _words(response)))
        self._last = response


def _words(response: Response) -> str:
    if response.text is not None:
        return response.text
    if response.label is not None:
        return response.label
    count = len(response.regions or ())
    return f"({count} box{'' if count == 1 else 'es'})"
