"""Any endpoint that speaks OpenAI's chat completions: vLLM, SGLang, LMDeploy, transformers serve, ..."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from typing import Any

from ..contract import Request, Response, Runtime
from ..errors import DataError, ModelError
from ..pictures import Pictures
from .openai_crew import Crew
from .openai_endpoint import Endpoint, Nowhere, Passing, Refused, Unreachable
from .openai_messages import body, completion
from .openai_options import read
from .openai_pictures import Packing, Sent

_LATER = "What was answered is kept; the same command asks for the rest."
_LONGEST = 60.0  # seconds between two tries


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request: `kind` is answered, refused, or passing; `cut` at the limit of tokens."""

    response: Response
    kind: str
    cut: bool = False


class OpenAI:
    """Asks over HTTP, several requests at once; yields each answer as it arrives.

    What passes (429, 5xx, silence, an answer that is not whole) is tried again after a wait that doubles,
    Retry-After respected; when patience ends it is an error of that request, asked again by the next run.
    Options: see openai_options.Options. The key comes from the environment, nowhere else.
    """

    name = "openai"
    checkpoint: str | None = None
    independent = True  # an answer does not depend on what else is asked

    def __init__(self, arguments: Mapping[str, str], runtime: Runtime) -> None:
        """Nothing is asked yet.

        Raises:
            UsageError: an option that is missing, does not exist, or has no such value.
        """
        self._options = options = read(arguments)
        self.dialect = options.dialect
        self.arguments = options.stated
        key = os.environ.get(options.key_env)
        self._endpoint = Endpoint(options.url, key, options.key_env, options.timeout)
        packing = Packing(options.max_side, options.multiple, options.image, options.max_bytes)
        self._pictures: Pictures[Sent] = Pictures(packing, weigh=lambda sent: len(sent.url))
        self._seed = runtime.seed
        self._models: tuple[str, ...] | None = None  # None: not met yet
        self._failures = 0  # in a row
        self._totals = {"answers": 0, "cut": 0, "in": 0, "out": 0}

    @property
    def summary(self) -> str | None:
        """What was used so far, by the endpoint's own count; None where nothing was."""
        total, options = self._totals, self._options
        if not total["answers"]:
            return None
        said = f"{total['answers']:,} answers, {total['in']:,} tokens in, {total['out']:,} out"
        if options.price_in or options.price_out:
            cost = (total["in"] * options.price_in + total["out"] * options.price_out) / 1e6
            said += f", cost {cost:.4f}"
        return f"{said}; {total['cut']:,} cut at the limit of tokens" if total["cut"] else said

    def ahead(self, requests: Sequence[Request]) -> None:
        """Begin to read the pictures that are sent next."""
        self._pictures.ahead(image for request in requests for image in request.images)

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        """One response each, in the order in which they arrive.

        Raises:
            ModelError: the endpoint does not work: address, model, key; or it stopped answering.
        """
        self._meet()
        self.ahead(requests)
        crew: Crew[Outcome] = Crew(self._options.concurrency)
        stop = threading.Event()
        try:
            for request in requests:
                while crew.full:
                    yield self._counted(crew.next())
                pictures = self._pictures.take(request.images)
                if broken := next((p for p in pictures if isinstance(p, DataError)), None):
                    yield Response(request.key, request.sample_id, error=str(broken))
                    continue
                sent = [picture for picture in pictures if isinstance(picture, Sent)]
                crew.begin(partial(self._ask, request, sent, stop))
            for outcome in crew.rest():
                yield self._counted(outcome)
        except (KeyboardInterrupt, ModelError) as error:
            for outcome in crew.ready():  # paid for: none is lost
                yield self._counted(outcome, judge=False)
            if isinstance(error, Nowhere) and self._models:
                served = ", ".join(self._models[:10])
                raise ModelError(error.message, f"{error.hint} It serves: {served}.") from None
            raise
        finally:
            stop.set()

    def _meet(self) -> None:
        """Look whether anything listens and takes the key, once, before the first request.

        Raises:
            ModelError: it does not.
        """
        if self._models is not None:
            return
        try:
            self._models = served(self._endpoint.ask("/models"))
        except Unreachable as error:
            raise ModelError(f"{_sentence(error)}.", f"Start it, or correct url=. {_LATER}") from None
        except (Passing, Refused, Nowhere):
            self._models = ()  # not every endpoint lists them

    def _ask(self, request: Request, pictures: Sequence[Sent], stop: threading.Event) -> Outcome:
        """What becomes of one request after as many tries as it takes; runs in a thread of its own."""
        started, options = time.monotonic(), self._options
        blank = Response(request.key, request.sample_id)
        asked = body(request, pictures, options)
        for attempt in range(options.retries + 1):
            try:
                said = completion(self._endpoint.ask("/chat/completions", asked))
            except Refused as error:
                return Outcome(replace(blank, error=_sentence(error)), "refused")
            except Passing as error:
                reason, wait = _sentence(error), max(error.wait, self._wait(request.key, attempt))
            else:
                response = replace(
                    blank,
                    text=said.text,
                    tokens=said.tokens,
                    frame=pictures[0].frame if pictures else None,
                    seconds=round(time.monotonic() - started, 6),
                    tokens_in=said.tokens_in,
                    tokens_out=said.tokens_out,
                )
                return Outcome(response, "answered", said.cut)
            left = options.patience - (time.monotonic() - started)
            if attempt == options.retries or wait > left or stop.wait(wait):
                break
        tries = f"after {attempt + 1} tries" if attempt else "at the only try"
        return Outcome(replace(blank, error=f"{reason} ({tries})"), "passing")

    def _wait(self, key: str, attempt: int) -> float:
        """Seconds before the next try: twice as long each time, and up to half more by chance."""
        drawn = sha256(f"{self._seed}:{key}:{attempt}".encode("utf-8", "surrogatepass")).digest()
        chance = int.from_bytes(drawn[:8], "big") / 2**64
        return min(self._options.backoff * 2.0**attempt, _LONGEST) * (1 + chance / 2)

    def _counted(self, outcome: Outcome, judge: bool = True) -> Response:
        """The response of an outcome, added to the totals.

        Raises:
            ModelError: so many requests failed in a row that the endpoint itself is at fault.
        """
        response, total = outcome.response, self._totals
        if outcome.kind == "answered":
            self._failures = 0
            added = {"answers": 1, "cut": outcome.cut, "in": response.tokens_in, "out": response.tokens_out}
            for name, count in added.items():
                total[name] += count
            return response
        self._failures += outcome.kind == "passing" or not total["answers"]
        most = self._options.concurrency * (2 if total["answers"] else 1)
        if judge and self._failures >= max(most, 2):
            said = f"{self._endpoint.shown} answers no more" if total["answers"] else "There is no answer"
            raise ModelError(f"{said}, {self._failures} requests in a row. {response.error}.", _LATER)
        return response


def served(listed: Any) -> tuple[str, ...]:
    """The names in a list of models, as far as they can be read."""
    rows = listed.get("data") if isinstance(listed, dict) else None
    rows = rows if isinstance(rows, list) else []
    return tuple(str(row["id"]) for row in rows if isinstance(row, dict) and "id" in row)


def _sentence(error: Exception) -> str:
    text = str(error)
    return text[:1].upper() + text[1:]
