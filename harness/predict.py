"""Spec to responses: asks what is pending, in batches that do not depend on where a run stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from .contract import Request, Response, Sample, Spec, Target, Turn, Wants, digest
from .conversation import next_request, with_answer
from .ledger import Appender, Ledger
from .roles import Adapter, Dialect, Engine, Informed, Task
from .values import wants_to

Watch = Callable[[Request, Response, bool], None]  # the last: whether the answer is a new one


def requests(
    spec: Spec,
    task: Task,
    dialect: Dialect | None,
    samples: Sequence[Sample],
    images: Mapping[str, str],
    answered: Mapping[str, Response],
    depth: int,
) -> list[Request]:
    """The request of turn `depth` (0 is the first) of every conversation that reaches it.

    `images` maps an image's name to the digest of its bytes (absent where the picture is not at hand).
    """
    reached = []
    setting = _setting(spec)
    marks: dict[Wants, str] = {}  # most samples are asked the same
    for sample in samples:
        history: tuple[Turn, ...] = ()
        for turn in range(depth + 1):
            request = next_request(task, dialect, sample, history, spec.decoding)
            if request is None:
                break
            if request.wants not in marks:
                marks[request.wants] = digest(wants_to(request.wants))
            request = replace(request, key=_key(setting, marks[request.wants], request, images))
            if turn == depth:
                reached.append(request)
            response = answered.get(request.key)
            if response is None or response.error is not None:
                break
            history = with_answer(request, response)
    return reached


def predict(
    ask: Callable[[Mapping[str, Response], int], list[Request]],
    adapter: Adapter,
    engine: Engine,
    ledger: Ledger,
    targets: Mapping[str, Target],
    batch_size: int,
    watch: Watch,
) -> list[Request]:
    """Answer all that is pending and append it to the ledger; the last request of every conversation.

    A batch is always the same slice of a turn's requests: after an interruption a half-answered batch is
    computed again as a whole and only what is missing is kept, so that rounding cannot differ between a
    continued run and an undisturbed one. An adapter that is `independent` of batches is asked for what is
    missing alone.
    """
    answered = ledger.responses()
    last: dict[str, Request] = {}
    with Appender(ledger, "responses.jsonl") as appender:
        depth = 0
        while asked := ask(answered, depth):
            last |= {request.sample_id: request for request in asked}
            pending = {r.key: r for r in asked if _pending(answered.get(r.key))}
            for request in asked:
                if request.key not in pending:
                    watch(request, answered[request.key], False)
            if getattr(adapter, "independent", False):
                asked = [request for request in asked if request.key in pending]
            batches = (b for b in _slices(asked, batch_size) if any(r.key in pending for r in b))
            for response in engine.run(adapter, _informed(adapter, batches, targets)):
                if asked_for := pending.get(response.key):
                    appender.response(response)
                    answered[response.key] = response
                    watch(asked_for, response, True)
            depth += 1
    return list(last.values())


def _pending(response: Response | None) -> bool:
    """An error is retried by the next run, not scored."""
    return response is None or response.error is not None


def _slices(items: Sequence[Request], size: int) -> Iterator[Sequence[Request]]:
    return (items[i : i + size] for i in range(0, len(items), size))


def _informed(
    adapter: Adapter, batches: Iterator[Sequence[Request]], targets: Mapping[str, Target]
) -> Iterator[Sequence[Request]]:
    """Show the truth to an adapter that is no model, and to no other."""
    for batch in batches:
        if isinstance(adapter, Informed):
            for request in batch:
                adapter.inform(request, targets[request.sample_id])
        yield batch


def _setting(spec: Spec) -> str:
    """What all resume keys of a run share: another setting is another key (law 4)."""
    setting = {
        "task": [spec.task, spec.task_version],
        "decoding": asdict(spec.decoding),
        "adapter": [spec.adapter, dict(spec.arguments), spec.checkpoint],
        "dialect": [spec.dialect, spec.dialect_version],
    }
    return digest(setting | ({"prompting": spec.prompting} if spec.prompting else {}))


def _key(setting: str, wants: str, request: Request, images: Mapping[str, str]) -> str:
    """The resume key of a request; `wants` is the digest of what is wanted."""
    asked: dict[str, Any] = {
        "setting": setting,
        "sample": request.sample_id,
        "images": [[i.name, i.page, i.window, images.get(i.name)] for i in request.images],
        "wants": wants,
        "prompt": request.prompt,
        "turns": [[turn.question, turn.answer] for turn in request.turns],
        "regions": [asdict(region) for region in request.regions],
    }
    if request.system is not None:
        asked["system"] = request.system
    if stretches := [asdict(image.stretch) for image in request.images if image.stretch]:
        asked["stretch"] = stretches
    return digest(asked)
