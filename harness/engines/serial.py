"""One adapter, one batch after the other, in this process."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence

from ..contract import Request, Response
from ..errors import ModelError
from ..roles import Adapter, Ahead


class Serial:
    """The default engine. Every request of a batch gets exactly one response."""

    def run(self, adapter: Adapter, batches: Iterable[Sequence[Request]]) -> Iterator[Response]:
        """Yield the responses of each batch as they come.

        Where an adapter raises, the requests it left unanswered are asked again in halves, down to one by
        one: a damaged image costs no other its answer, and memory may do for half of a batch. What it raises
        for a single request becomes that one's error. One that can look ahead is shown the next batch first.

        Raises:
            ModelError: the model itself does not work.
        """
        for batch in _announced(adapter, batches) if isinstance(adapter, Ahead) else batches:
            yield from self._batch(adapter, batch)

    def _batch(self, adapter: Adapter, batch: Sequence[Request]) -> Iterator[Response]:
        waiting = {request.key: request for request in batch}
        failure, failed, full = "the model gave no answer", False, False
        try:
            for response in adapter.generate(batch):
                if waiting.pop(response.key, None):
                    yield response
        except ModelError:
            raise
        except Exception as error:
            failure, failed, full = f"{type(error).__name__}: {error}", True, _out_of_memory(error)
        # outside of the handler, whose traceback holds on to what filled the memory
        left = list(waiting.values())
        if failed and len(batch) > 1:
            if full:
                _free()
            for half in (left[: (len(left) + 1) // 2], left[(len(left) + 1) // 2 :]):
                if half:
                    yield from self._batch(adapter, half)
            return
        for request in left:
            yield Response(request.key, request.sample_id, error=failure)


def _announced(adapter: Ahead, batches: Iterable[Sequence[Request]]) -> Iterator[Sequence[Request]]:
    """The batches, each handed out after the adapter was shown the one that follows."""
    current: Sequence[Request] = ()
    for following in batches:
        adapter.ahead(following)
        if current:
            yield current
        current = following
    if current:
        yield current


def _out_of_memory(error: Exception) -> bool:
    """By name: torch has its own exception, and is not imported here."""
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"


def _free() -> None:
    """Hand back what torch keeps for itself, where torch is in use."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()
