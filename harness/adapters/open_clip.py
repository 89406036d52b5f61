"""Zero-shot classification with a CLIP: the class whose texts are most like the picture."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..contract import Label, Request, Response, Runtime
from ..errors import UsageError, check_keys
from .direct import Direct
from .open_clip_model import load

if TYPE_CHECKING:
    from torch import Tensor

# the 18 wordings of the CLIP repository for RESISC45 (data/prompts.md)
TEMPLATES = tuple(
    f"{kind} of {article}{{}}."
    for article in ("", "a ", "the ")
    for kind in (
        "satellite imagery",
        "aerial imagery",
        "satellite photo",
        "aerial photo",
        "satellite view",
        "aerial view",
    )
)


class OpenClip(Direct):
    """Answers with a label; questions without choices are errors.

    Options: `checkpoint` and `architecture` (open_clip_model.load), `templates`: a file with one wording a
    line, {} standing for the class. A class is the mean of its wordings (prompt ensemble).
    """

    name = "open_clip"
    answers = Label
    refusal = "a CLIP picks one of several classes; it answers no other question"

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Load the weights.

        Raises:
            UsageError: an option that does not exist, or a file of templates without {}.
            ModelError: the weights cannot be loaded.
        """
        check_keys(self.name, arguments, ("checkpoint", "architecture", "templates"))
        self._templates = _templates(arguments.get("templates"))
        self._model = load(
            arguments.get("checkpoint"), arguments.get("architecture"), runtime.device, runtime.dtype
        )
        self.checkpoint: str | None = self._model.digest
        super().__init__(self._model.pixels)
        self._classes: dict[tuple[str, ...], Tensor] = {}

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        """One label each; a picture that cannot be read is an error of its own request only."""
        started = time.perf_counter()
        usable: dict[Label, list[tuple[Request, Tensor]]] = {}
        for request, pixels, failed in self.opened(requests):
            if failed:
                yield failed
                continue
            assert isinstance(request.wants, Label)
            usable.setdefault(request.wants, []).append((request, pixels))
        for wants, asked in usable.items():
            similar = self._model.similarities([p for _, p in asked], self._texts(wants.choices))
            seconds = (time.perf_counter() - started) / len(requests)
            for (request, _), row in zip(asked, similar, strict=True):
                label = wants.choices[int(row.argmax())]
                yield Response(request.key, request.sample_id, label=label, seconds=seconds)

    def _texts(self, choices: tuple[str, ...]) -> Tensor:
        if choices not in self._classes:
            self._classes[choices] = self._model.ensemble(choices, self._templates)
        return self._classes[choices]


def _templates(file: str | None) -> tuple[str, ...]:
    if file is None:
        return TEMPLATES
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"{file} cannot be read: {error}.", "Give a text file, one wording a line."
        ) from None
    found = tuple(line.strip() for line in lines if line.strip())
    if not found or any(line.count("{}") != 1 for line in found):
        raise UsageError(
            f"{Path(file).name} is no list of wordings.", "Each line needs one {} for the class."
        )
    return found
