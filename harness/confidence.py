"""Sources of confidence for boxes that come without one (EarthGPT V-F; AP needs a ranking)."""

from __future__ import annotations

from collections.abc import Sequence
from inspect import signature
from typing import Any

from .contract import Answer, Boxes, Request, Response, Runtime, Token
from .crops import crop
from .errors import check_keys
from .registry import load

BACKGROUND = "background"
PROMPT = "a satellite photo of a {}"


class ClipScore:
    """How much a box's picture looks like what the box is called, to an image-text model.

    The paper uses a clip-score with RemoteCLIP weights as the confidence (V-F) and says no more. Here: the
    box is cut out upright with 10 % of its sides as context on each side, 32 pixels at least; the score is
    the softmax probability of its class among "a satellite photo of a {class}" for all classes asked for
    and "background". Where all classes share a noun (MAR20: airplane) the choice is between that noun and
    the background, as in the paper's one-class protocol. A box of a class that was not asked for gets 0: it
    lies outside every view that is scored.
    """

    name = "clip-score"
    needs_images = True

    def __init__(
        self,
        runtime: Runtime,
        model: str = "nano",
        checkpoint: str | None = None,
        architecture: str | None = None,
    ) -> None:
        """`model` names a loader of the registry, `checkpoint` its weights (the shipped ones if None).

        `architecture` is for weights that do not say what they are (open_clip: RemoteCLIP's files).

        Raises:
            UsageError: the loader takes no architecture.
            ModelError: the weights cannot be loaded.
        """
        make = load("image_text_models", model)
        more = {"architecture": architecture} if architecture else {}
        check_keys(f"the clip-score of {model}", more, signature(make).parameters)
        self._model: Any = make(checkpoint, **more)
        self.digest: str = self._model.digest

    def scores(self, request: Request, response: Response, answer: Answer) -> list[float | None]:
        """One probability per box.

        Raises:
            DataError: the picture cannot be read.
        """
        from .datasets.images import open_rgb

        assert isinstance(request.wants, Boxes)
        picture = open_rgb(request.images[0])
        crops = [crop(picture, region.points) for region in answer.regions]
        nouns = [*_nouns(request.wants), BACKGROUND]
        probabilities = self._model.probabilities(crops, [PROMPT.format(noun) for noun in nouns])
        wanted = [_noun(region.label, request.wants) for region in answer.regions]
        return [
            float(row[nouns.index(noun)]) if noun in nouns else 0.0
            for row, noun in zip(probabilities, wanted, strict=True)
        ]


class LogProbability:
    """The mean log-probability of the tokens that wrote a box's numbers; higher is surer.

    None where the answer came without token probabilities.
    """

    name = "logprob"
    digest = "1"
    needs_images = False

    def __init__(self, runtime: Runtime) -> None:
        pass

    def scores(self, request: Request, response: Response, answer: Answer) -> list[float | None]:
        """One mean per box."""
        return [_mean_logprob(response.tokens, region.span) for region in answer.regions]


class Equal:
    """Every box alike: what AP_nc ranks by."""

    name = "none"
    digest = "1"
    needs_images = False

    def __init__(self, runtime: Runtime) -> None:
        pass

    def scores(self, request: Request, response: Response, answer: Answer) -> list[float | None]:
        """1 for each box."""
        return [1.0] * len(answer.regions)


def _nouns(wants: Boxes) -> Sequence[str]:
    return (wants.parent,) if wants.parent else wants.classes


def _noun(label: str, wants: Boxes) -> str:
    return wants.parent if wants.parent and label in wants.classes else label


def _mean_logprob(tokens: Sequence[Token], span: tuple[int, int] | None) -> float | None:
    if span is None:
        return None
    position, values = 0, []
    for token in tokens:
        end = position + len(token.text)
        if position < span[1] and end > span[0]:
            values.append(token.logprob)
        position = end
    return sum(values) / len(values) if values else None
