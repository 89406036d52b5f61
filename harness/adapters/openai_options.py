"""What a user may say of an endpoint: `--model openai,url=...,name=...,concurrency=8,...`, understood."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ..arguments import number, portable_value, whole
from ..errors import UsageError, check_keys, unknown

KEY = "OPENAI_API_KEY"
_WANTED = ("url", "name")
_ASKING = ("dialect", "max_side", "multiple", "image", "max_bytes", "detail", "logprobs", "limit", "body")
_PACE = ("concurrency", "timeout", "retries", "backoff", "patience", "price_in", "price_out", "key_env")
_DETAILS = ("low", "high", "auto")
_FORMS = ("png", "jpeg")


@dataclass(frozen=True, slots=True)
class Options:
    """How an endpoint is asked.

    `concurrency`: requests under way at once. `timeout`: seconds that one try may take. `retries`: further
    tries after a passing failure, `backoff` seconds before the first and twice as long before each next one,
    all of it within `patience` seconds a request. `max_side`: pixels of the longer side of a picture that is
    sent, `multiple`: of what its sides are; `image`: png or jpeg; `max_bytes` of one. `limit`: what the
    endpoint calls the bound on new tokens. `body`: further parts of the request, null taking one out.
    `price_in`, `price_out`: of a million tokens.
    """

    url: str
    name: str
    dialect: str | None
    concurrency: int
    timeout: float
    retries: int
    backoff: float
    patience: float
    max_side: int
    multiple: int
    image: str
    max_bytes: int
    detail: str | None
    logprobs: bool
    limit: str
    body: Mapping[str, Any]
    price_in: float
    price_out: float
    key_env: str
    stated: Mapping[str, str]  # what a Spec keeps: all that an answer depends on


def read(arguments: Mapping[str, str]) -> Options:
    """The options as given.

    Raises:
        UsageError: no url or name, an option that does not exist, or a value it cannot have.
    """
    check_keys("openai", arguments, (*_WANTED, *_ASKING, *_PACE))
    for key in _WANTED:
        if not arguments.get(key):
            raise UsageError(
                f"openai needs {key}=.", "Write --model openai,url=http://HOST:PORT/v1,name=MODEL."
            )
    return Options(
        url=_address(arguments["url"]),
        name=arguments["name"],
        dialect=arguments.get("dialect", "plain"),
        concurrency=whole(arguments, "concurrency", 8),
        timeout=number(arguments, "timeout", 60, 0.01),
        retries=whole(arguments, "retries", 6, 0),
        backoff=number(arguments, "backoff", 1),
        patience=number(arguments, "patience", 300),
        max_side=whole(arguments, "max_side", 2048),
        multiple=whole(arguments, "multiple", 1),
        image=_one_of(arguments, "image", _FORMS) or "png",
        max_bytes=whole(arguments, "max_bytes", 20_000_000),
        detail=_one_of(arguments, "detail", _DETAILS),
        logprobs=_one_of(arguments, "logprobs", ("yes", "no")) == "yes",
        limit=arguments.get("limit", "max_tokens"),
        body=_body(arguments.get("body", "{}")),
        price_in=number(arguments, "price_in", 0),
        price_out=number(arguments, "price_out", 0),
        key_env=arguments.get("key_env", KEY),
        stated={k: portable_value(v) for k, v in sorted(arguments.items()) if k not in (*_PACE, "dialect")},
    )


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UsageError(
            f"url={text!r} is no address of an endpoint.",
            "Write url=http://127.0.0.1:8000/v1, or https://...",
        )
    return text


def _one_of(arguments: Mapping[str, str], key: str, known: tuple[str, ...]) -> str | None:
    value = arguments.get(key)
    if value is not None and value not in known:
        raise unknown(key, value, known)
    return value


def _body(text: str) -> Mapping[str, Any]:
    """Further parts of the request; null takes one out."""
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise UsageError(
            f"body={text} is no JSON object.", """Write body='{"top_p": 0.9, "temperature": null}'."""
        )
    return body
