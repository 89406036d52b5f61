"""Spec to responses: asks what is pending, in batches that do not depend on where a run stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from hashlib import sha256
from itertools import islice
from json.encoder import encode_basestring as quoted
from typing import Any, Protocol

from .answered import Answered
from .contract import Image, Request, Response, Sample, Spec, Target, Turn, Wants, canonical, digest
from .conversation import next_request, with_answer
from .datasets.json_rows import unwatched
from .ledger import Appender, Ledger
from .roles import Adapter, Dialect, Engine, Informed, Task
from .sample_texts import Shared
from .values import wants_to

_MOST = 2**16  # wordings that are remembered at a time
Watch = Callable[[Request, Response, bool], None]  # the last: whether the answer is a new one
Earlier = Iterable[tuple[Request, Response]]


class Ask(Protocol):
    """The questions of a run: `requests` with all but `earlier` filled in."""

    def __call__(self, earlier: Earlier | None = None) -> Iterator[Request]:
        """The first request of every conversation, or those that follow the earlier ones."""
        ...


def requests(
    spec: Spec,
    task: Task,
    dialect: Dialect | None,
    samples: Sequence[Sample],
    images: Mapping[str, str],
    earlier: Earlier | None = None,
) -> Iterator[Request]:
    """The first request of every conversation; or, of those that go on, the one after an earlier one.

    `images` maps an image's name to the digest of its bytes (absent where the picture is not at hand). A task
    that says it has one turn (`turns`) is not asked whether there is another. They are worded as they are
    taken: the first batch of a million does not wait for the last.
    """
    keyed = _Keyed(spec, images)
    conversations: Iterable[tuple[Sample, tuple[Turn, ...]]] = ((sample, ()) for sample in samples)
    if earlier is not None:
        if getattr(task, "turns", None) == 1:
            return
        known = {sample.id: sample for sample in samples}
        conversations = ((known[r.sample_id], with_answer(r, said)) for r, said in earlier)
    asked = (next_request(task, dialect, *conversation, spec.decoding) for conversation in conversations)
    for request in asked:
        if request is not None:
            yield keyed(request)


def predict(
    ask: Ask,
    adapter: Adapter,
    engine: Engine,
    ledger: Ledger,
    targets: Mapping[str, Target],
    batch_size: int,
    watch: Watch,
    found: Callable[[int], None] = lambda count: None,
) -> list[Request]:
    """Answer all that is pending and append it to the ledger; the last request of every conversation.

    A batch is always the same slice of a turn's requests: after an interruption a half-answered batch is
    computed again as a whole and only what is missing is kept, so that rounding cannot differ between a
    continued run and an undisturbed one. An adapter that is `independent` of batches is asked for what is
    missing alone. `watch` sees every new answer, `found` how many an earlier run left.
    """
    answered = ledger.answered()
    last: list[Request] = []
    turn = ask()
    with Appender(ledger, "responses.jsonl") as appender:
        while True:
            asked: list[Request] = []  # of this turn, as far as it has been worded
            waiting: dict[str, Request] = {}  # what the engine has been given and not answered yet
            batches = _kept(turn, asked, answered, found, batch_size)
            if getattr(adapter, "independent", False):
                batches = _regrouped(batches, answered, batch_size)
            pending = _pending(batches, answered, waiting)
            for response in engine.run(adapter, _informed(adapter, pending, targets)):
                if request := waiting.pop(response.key, None):
                    place = appender.response(response)
                    answered.note(response.key, place, response.error is not None)
                    watch(request, response, True)
            if not asked:
                return last
            last = (
                list({request.sample_id: request for request in (*last, *asked)}.values()) if last else asked
            )
            turn = ask(_answers(asked, answered))


def _kept(
    turn: Iterator[Request],
    asked: list[Request],
    answered: Answered,
    found: Callable[[int], None],
    size: int,
) -> Iterator[list[Request]]:
    """Batches with something to do; all requests are noted in `asked`, and those done are counted."""
    while True:
        done = left = 0
        with unwatched():
            while batch := list(islice(turn, size)):
                asked += batch
                left = sum(request.key not in answered for request in batch)
                done += len(batch) - left
                if left or done > _MOST:
                    break
        if done:
            found(done)
        if not batch:
            return
        if left:
            yield batch


def _regrouped(batches: Iterator[list[Request]], answered: Answered, size: int) -> Iterator[list[Request]]:
    """What is missing alone, in full batches: for adapters whose answers do not depend on the batch."""
    held: list[Request] = []
    for batch in batches:
        held += [request for request in batch if request.key not in answered]
        while len(held) >= size:
            yield held[:size]
            held = held[size:]
    if held:
        yield held


def _pending(
    batches: Iterator[list[Request]], answered: Answered, waiting: dict[str, Request]
) -> Iterator[Sequence[Request]]:
    """The batches; what of them is not answered is waited for."""
    for batch in batches:
        waiting |= {request.key: request for request in batch if request.key not in answered}
        yield batch


def _answers(asked: Sequence[Request], answered: Answered) -> Iterator[tuple[Request, Response]]:
    """Those that were answered with their answers, read when they are wanted."""
    done = [request for request in asked if request.key in answered]
    yield from zip(done, answered.read(request.key for request in done), strict=True)


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


class _Keyed:
    """Requests with their resume keys; equal wordings are kept once."""

    def __init__(self, spec: Spec, digests: Mapping[str, str]) -> None:
        self._setting = _setting(spec)
        self._images = Shared(lambda images: canonical([_shown(image, digests) for image in images]))
        self._wants: dict[Wants, tuple[Wants, str]] = {}  # most samples are asked the same
        self._prompts: dict[str, str] = {}

    def __call__(self, request: Request) -> Request:
        if len(self._wants) > _MOST or len(self._prompts) > _MOST:
            self._wants, self._prompts = {}, {}
        r, known = request, self._wants.get(request.wants)
        if known is None:
            known = self._wants[r.wants] = r.wants, digest(wants_to(r.wants))
        wants, mark = known
        prompt, key = self._prompts.setdefault(r.prompt, r.prompt), self._key(r, mark)
        # in full: `replace` takes three times as long
        return Request(key, r.sample_id, r.images, wants, prompt, r.decoding, r.turns, r.regions, r.system)

    def _key(self, request: Request, wants: str) -> str:
        """SHA-256 of the canonical JSON of all that is asked; the names of its parts stand in order."""
        r, more = request, ""
        if r.images and r.images[0].stretch:  # a card's, and so of all
            more = f',"stretch":{canonical([asdict(i.stretch) for i in r.images if i.stretch])}'
        if r.system is not None:
            more += f',"system":{quoted(r.system)}'
        regions = canonical([asdict(region) for region in r.regions]) if r.regions else "[]"
        turns = canonical([[turn.question, turn.answer] for turn in r.turns]) if r.turns else "[]"
        asked = (
            f'{{"images":{self._images(r.images)},"prompt":{quoted(r.prompt)},"regions":{regions},'
            f'"sample":{quoted(r.sample_id)},"setting":"{self._setting}"{more},"turns":{turns},'
            f'"wants":"{wants}"}}'
        )
        return sha256(asked.encode()).hexdigest()


def _shown(image: Image, digests: Mapping[str, str]) -> list[Any]:
    """What of a picture is shown, and how: a change is said where there is one."""
    parts = [image.name, image.page, image.window, digests.get(image.name)]
    return [*parts, image.change] if image.change else parts
