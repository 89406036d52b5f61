"""The serial engine: one batch's failure is that batch's alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pytest

from rsbench.harness.contract import Request, Response, Text
from rsbench.harness.engines.serial import Serial
from rsbench.harness.errors import ModelError


def batch(*names: str) -> list[Request]:
    return [Request(name, name, (), Text("?")) for name in names]


class Fragile:
    """Breaks on 'bad', runs out of memory above two requests, forgets 'lost'."""

    name, dialect, checkpoint = "fragile", None, None

    def generate(self, requests: Sequence[Request]) -> Iterable[Response]:
        if len(requests) > 2:
            raise MemoryError
        for request in requests:
            if request.key == "bad":
                raise ValueError("cannot")
            if request.key == "fatal":
                raise ModelError("no weights")
            if request.key != "lost":
                yield Response(request.key, request.sample_id, text="ok")


def test_a_broken_batch_is_errors_and_the_next_goes_on() -> None:
    responses = list(Serial().run(Fragile(), [batch("a", "bad"), batch("b")]))
    assert [(r.key, r.text, r.error) for r in responses] == [
        ("a", None, "ValueError: cannot"),
        ("bad", None, "ValueError: cannot"),
        ("b", "ok", None),
    ]


def test_a_batch_too_large_for_memory_is_halved() -> None:
    responses = list(Serial().run(Fragile(), [batch("a", "b", "c", "d", "e")]))
    assert [r.key for r in responses if r.text == "ok"] == ["a", "b", "c", "d", "e"]


def test_a_forgotten_request_is_an_error() -> None:
    (response,) = Serial().run(Fragile(), [batch("lost")])
    assert response.error == "the model gave no answer"


def test_our_own_errors_go_through() -> None:
    with pytest.raises(ModelError):
        list(Serial().run(Fragile(), [batch("fatal")]))
