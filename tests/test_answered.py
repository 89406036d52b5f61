"""Keys and places of answers; the last line of a key counts; answers are read where they stand."""

from __future__ import annotations

from pathlib import Path

from rsbench.harness.contract import Response, Token
from rsbench.harness.ledger import Appender

from .test_ledger import begin


def test_answers_are_found_where_they_stand(tmp_path: Path) -> None:
    ledger = begin(tmp_path)
    assert "k" not in ledger.answered()
    said = Response("k", "a", text="ä ship", tokens=(Token("ä", float("-inf")),))  # no JSON, but Python's
    with Appender(ledger, "responses.jsonl") as appender:
        assert appender.response(Response("f", "b", error="out of memory")) == 0
        appender.response(said)
        appender.response(Response("l", "c", text="plane"))
        appender.response(Response("t", "d", text="x"))
        appender.response(Response("t", "d", error="lost"))
        appender.response(Response("l", "c", text="ship"))
    found = ledger.answered()
    assert [key in found for key in ("k", "l", "f", "t", "z")] == [True, True, False, False, False]
    assert list(found.read(["l", "k"])) == [Response("l", "c", text="ship"), said]
    with Appender(ledger, "responses.jsonl") as appender:
        found.note("n", appender.response(Response("n", "e", text="new")), False)
    assert [response.text for response in found.read(["n", "l"])] == ["new", "ship"]
