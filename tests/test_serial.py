"""One batch after the other, whatever the adapter does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import pytest

from rsbench.harness.contract import Request, Response, Text
from rsbench.harness.engines.serial import Serial
from rsbench.harness.errors import DataError, ModelError


@dataclass
class Fake:
    """Answers through a function, remembers the sizes of its batches."""

    answer: Callable[[Sequence[Request]], Iterable[Response]]
    name: str = "fake"
    dialect: str | None = None
    checkpoint: str | None = None
    sizes: list[int] = field(default_factory=list)

    def generate(self, requests: Sequence[Request]) -> Iterable[Response]:
        self.sizes.append(len(requests))
        return self.answer(requests)


def asked(count: int) -> list[Request]:
    return [Request(f"k{i}", str(i), (), Text("?")) for i in range(count)]


def reply(request: Request) -> Response:
    return Response(request.key, request.sample_id, text="yes")


def run(adapter: Fake, *batches: Sequence[Request]) -> dict[str, str | None]:
    responses = list(Serial().run(adapter, batches))
    assert len({r.key for r in responses}) == len(responses) == sum(map(len, batches))
    return {r.key: r.error for r in responses}


def test_responses_come_as_they_are_made() -> None:
    running = Serial().run(Fake(lambda batch: (reply(r) for r in batch)), iter([asked(2), asked(1)]))
    assert next(running).text == "yes"
    assert len(list(running)) == 2


def test_what_fails_costs_no_other_its_answer() -> None:
    def second_fails(batch: Sequence[Request]) -> Iterable[Response]:
        for request in batch:
            if request.key == "k1":
                raise DataError("the image is damaged")
            yield reply(request)

    adapter = Fake(second_fails)
    errors = run(adapter, asked(3), [Request("z", "z", (), Text("?"))])
    assert errors == {"k0": None, "k1": "DataError: the image is damaged", "k2": None, "z": None}
    assert adapter.sizes == [3, 1, 1, 1]


def test_missing_and_foreign_responses() -> None:
    def odd(batch: Sequence[Request]) -> Iterable[Response]:
        return [reply(batch[0]), reply(batch[0]), Response("other", "other", text="x")]

    assert run(Fake(odd), asked(2)) == {"k0": None, "k1": "the model gave no answer"}


class OutOfMemoryError(RuntimeError):
    """Bears the name of torch's exception."""


@pytest.mark.parametrize("error", [MemoryError, OutOfMemoryError])
def test_full_memory_halves_the_batch(error: type[Exception]) -> None:
    def at_most_two(batch: Sequence[Request]) -> Iterable[Response]:
        if len(batch) > 2:
            raise error("full")
        return map(reply, batch)

    adapter = Fake(at_most_two)
    assert set(run(adapter, asked(7)).values()) == {None}
    assert adapter.sizes == [7, 4, 2, 2, 3, 2, 1]


def test_full_memory_with_one_request_is_its_error() -> None:
    def never(batch: Sequence[Request]) -> Iterable[Response]:
        raise MemoryError("full")

    assert set(run(Fake(never), asked(3)).values()) == {"MemoryError: full"}


@pytest.mark.parametrize("error", [ModelError("no weights"), KeyboardInterrupt()])
def test_a_model_that_does_not_work_ends_the_run(error: BaseException) -> None:
    def broken(batch: Sequence[Request]) -> Iterable[Response]:
        raise error

    with pytest.raises(type(error)):
        list(Serial().run(Fake(broken), [asked(2)]))


def test_the_next_batch_is_shown_before_the_current_is_asked() -> None:
    seen: list[str] = []

    class Looking(Fake):
        def ahead(self, requests: Sequence[Request]) -> None:
            seen.append("ahead " + requests[0].key)

    def answer(batch: Sequence[Request]) -> Iterable[Response]:
        seen.append("generate " + batch[0].key)
        return map(reply, batch)

    batches = [[r] for r in asked(3)]
    assert set(run(Looking(answer), *batches).values()) == {None}
    assert seen == ["ahead k0", "ahead k1", "generate k0", "ahead k2", "generate k1", "generate k2"]
    assert run(Looking(answer)) == {}
