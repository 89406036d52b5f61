"""One HTTP endpoint: JSON in, JSON out, every way it can go wrong told apart."""

from __future__ import annotations

import json
import math
import re
import ssl
import time
from base64 import b64encode
from collections.abc import Mapping
from email.message import Message
from email.utils import parsedate_to_datetime
from http.client import HTTPException, HTTPMessage
from typing import IO, Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

from ..arguments import without_credentials
from ..errors import ModelError

LARGEST = 2**26  # bytes of an answer
_PASSING = frozenset({408, 409, 425, 429, 529})  # and every 5xx but 501 and 505
_BROKEN = (ConnectionResetError, ConnectionAbortedError, BrokenPipeError, HTTPException, ssl.SSLError)
_LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
_NO_MODEL = re.compile(r"\bmodel\b.*\b(?:not (?:exist|found|available)|unknown|invalid)", re.I | re.S)


class Passing(Exception):
    """It may go well another time; `wait` is how many seconds the endpoint asks to be left alone."""

    def __init__(self, reason: str, wait: float = 0.0) -> None:
        super().__init__(reason)
        self.wait = wait


class Unreachable(Passing):
    """Nothing listens at the address."""


class Refused(Exception):
    """This request will never be answered; another one may be."""

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.status = status


class Nowhere(ModelError):
    """The endpoint has no such model, or no such path."""


class Endpoint:
    """An address with a key; safe to use from several threads. Redirects are not followed."""

    def __init__(self, url: str, key: str | None, key_env: str, timeout: float) -> None:
        """`key` comes from the variable `key_env`, which messages name; `timeout`: seconds of an exchange."""
        parts = urlsplit(url)
        self.shown = without_credentials(url)
        self._base = (parts.scheme, parts.netloc.rpartition("@")[2], parts.path.rstrip("/"))
        self._query, self._timeout, self._key_env = parts.query, timeout, key_env
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        self._secrets = [
            secret for secret in (key, parts.password, parts.query) if secret and len(secret) > 3
        ]
        if key:
            self._headers["Authorization"] = f"Bearer {key}"
        elif parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            self._headers["Authorization"] = f"Basic {b64encode(pair.encode()).decode()}"
        self._open = _opener(parts.hostname or "")

    def ask(self, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """POST `body` as JSON, or GET where there is none; the JSON that comes back.

        Raises:
            Passing: it does not listen, is busy or slow, or answered with what is no JSON.
            Refused: it does not take this request.
            ModelError: it takes none: wrong address or model, no valid key, nothing left to spend.
        """
        data = None if body is None else json.dumps(body, ensure_ascii=False).encode("utf-8", "replace")
        scheme, host, root = self._base
        request = Request(urlunsplit((scheme, host, root + path, self._query, "")), data, self._headers)
        deadline = time.monotonic() + self._timeout
        try:
            with self._open.open(request, timeout=self._timeout) as answer:
                content = _read(answer, deadline)
        except HTTPError as error:
            with error:
                raise self._failure(error.code, error.headers, _reason_of(error, deadline)) from None
        except (OSError, HTTPException) as error:
            raise self._silence(error) from None
        return _parsed(content)

    def _silence(self, error: Exception) -> Exception:
        """What no answer means."""
        cause = error.reason if isinstance(error, URLError) else error
        if isinstance(cause, ssl.SSLCertVerificationError):
            return ModelError(
                f"The certificate of {self.shown} is not trusted: {cause.verify_message}.",
                "Add its authority to those of this machine, or use the http address inside your network.",
            )
        if isinstance(cause, TimeoutError):
            return Passing(f"no answer within {self._timeout:g} s (timeout=SECONDS)")
        if isinstance(cause, _BROKEN):
            return Passing(f"the connection broke ({type(cause).__name__})")
        return Unreachable(f"nothing answers at {self.shown} ({self._clean(str(cause))})")

    def _failure(self, status: int, headers: Message, said: tuple[str, str]) -> Exception:
        """What a status other than 200 means."""
        code, reason = said[0], self._clean(said[1])
        told = f"it answered {status}: {reason}" if reason else f"it answered {status}"
        if 300 <= status < 400:
            where = without_credentials(headers.get("Location", "") or "elsewhere")
            return ModelError(f"{self.shown} redirects to {where}.", "Give that address as url=.")
        if status == 401:
            return ModelError(f"{self.shown} does not accept the key; {told}.", self._about_the_key())
        if status == 402 or code in ("insufficient_quota", "billing_hard_limit_reached"):
            return ModelError(
                f"{self.shown}: there is nothing left to spend; {told}.",
                "Continue with the same command later.",
            )
        if code == "model_not_found" or status in (404, 405) or (status == 400 and _NO_MODEL.search(reason)):
            return Nowhere(
                f"{self.shown} has no such model or path; {told}.",
                "Give the model as the endpoint names it (name=), and an url that ends like .../v1.",
            )
        if status in _PASSING or (status >= 500 and status not in (501, 505)):
            return Passing(told, _seconds(headers.get("Retry-After")))
        return Refused(told, status)

    def _about_the_key(self) -> str:
        if "Authorization" in self._headers:
            return f"Put a valid key into the variable {self._key_env}, or name another one: key_env=NAME."
        return f"Put your key into the variable {self._key_env}, or name the one it is in: key_env=NAME."

    def _clean(self, text: str) -> str:
        """A text of the endpoint without what must not be shown."""
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return " ".join(text.split())[:300].rstrip(".")


class _Stay(HTTPRedirectHandler):
    """A redirected POST would become a GET, and carry the key elsewhere."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def _opener(host: str) -> OpenerDirector:
    """Proxies are those of the system, for other machines than this one."""
    return build_opener(ProxyHandler({}) if host in _LOCAL else ProxyHandler(), _Stay())


def _read(answer: Any, deadline: float) -> bytes:
    """The body of an answer, within its time.

    Raises:
        Passing: it takes too long, or does not end.
    """
    parts, size = [], 0
    while part := answer.read1(65536):
        parts.append(part)
        size += len(part)
        if size > LARGEST:
            raise Passing(f"an answer of more than {LARGEST:,} bytes")
        if time.monotonic() > deadline:
            raise Passing("an answer that does not end in time (timeout=SECONDS)")
    return b"".join(parts)


def _parsed(content: bytes) -> Any:
    text = content.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        start = text.lstrip()[:60]
        if start.startswith("<"):
            raise Passing("it answered with a web page, not with JSON: is the url right?") from None
        if not start:
            raise Passing("it answered with nothing") from None
        what = "JSON that is cut off or broken" if start[0] in "{[" else f"no JSON: {start!r}"
        raise Passing(f"it answered with {what}") from None


def _reason_of(error: HTTPError, deadline: float) -> tuple[str, str]:
    """(code, message) of an error's body: OpenAI's form, FastAPI's, or the text itself."""
    try:
        text = _read(error, deadline).decode("utf-8", "replace")
    except (OSError, HTTPException, Passing):
        return "", str(error.reason)
    try:
        body = json.loads(text)
    except (ValueError, RecursionError):
        return "", str(error.reason) if "<" in text[:200] else text
    found = body.get("error", body) if isinstance(body, dict) else body
    if isinstance(found, dict):
        message = found.get("message", found.get("detail", found))
        return str(found.get("code") or found.get("type") or ""), str(message)
    return "", str(found)


def _seconds(text: str | None) -> float:
    """What Retry-After asks for: seconds, or a date; 0 where it asks nothing that can be understood.

    >>> _seconds("7"), _seconds("-1"), _seconds("soon"), _seconds(None)
    (7.0, 0.0, 0.0, 0.0)
    """
    if text is None:
        return 0.0
    try:
        value = float(text)
    except ValueError:
        try:
            value = parsedate_to_datetime(text).timestamp() - time.time()
        except (ValueError, OverflowError):
            return 0.0
    return max(0.0, value) if math.isfinite(value) else 0.0
