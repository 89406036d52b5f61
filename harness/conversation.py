"""A conversation with a model, step by step: the request after the turns so far, in a dialect's words."""

from __future__ import annotations

from collections.abc import Sequence

from .contract import Decoding, Request, Response, Sample, Turn
from .roles import Dialect, Task


def next_request(
    task: Task,
    dialect: Dialect | None,
    sample: Sample,
    history: Sequence[Turn],
    decoding: Decoding = Decoding(),  # noqa: B008 - frozen
) -> Request | None:
    """What a sample is asked next, its key left empty; None when the conversation is over.

    The same from a data set as from a ledger: prompts are not kept, they are worded again.
    """
    wants = task.request(sample, history)
    if wants is None:
        return None
    turns = tuple(history)
    asked = Request("", sample.id, sample.images, wants, "", decoding, turns, sample.regions)
    if dialect is None:
        return asked
    system = dialect.system(asked) if hasattr(dialect, "system") else None  # isinstance Instructing, but fast
    prompt = dialect.render(asked)
    return Request("", sample.id, sample.images, wants, prompt, decoding, turns, sample.regions, system)


def with_answer(request: Request, response: Response) -> tuple[Turn, ...]:
    """The turns up to a response: the model is reminded of its literal words, understood or not."""
    return (*request.turns, Turn(request.prompt, response.text or ""))
