"""The default engine: one adapter, one batch after the other, in this process."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ..contract import Adapter, Request, Response
from ..errors import RsbenchError


class Serial:
    """Yields responses in order. What breaks one batch becomes errors of that batch, and the run goes on.

    A batch that does not fit into memory is halved until it does; errors of ours (a missing extra, say) and
    an interruption go through.
    """

    def run(self, adapter: Adapter, batches: Iterable[Sequence[Request]]) -> Iterator[Response]:
        """The responses of every batch."""
        for batch in batches:
            yield from _answer(adapter, batch)


def _answer(adapter: Adapter, batch: Sequence[Request]) -> Sequence[Response]:
    try:
        responses = list(adapter.generate(batch))
    except RsbenchError:
        raise
    except Exception as error:  # any library may fail in any way: the other batches must not be lost
        if _out_of_memory(error) and len(batch) > 1:
            half = len(batch) // 2
            return [*_answer(adapter, batch[:half]), *_answer(adapter, batch[half:])]
        reason = f"{type(error).__name__}: {error}"
        return [Response(request.key, request.sample_id, error=reason) for request in batch]
    answered = {response.key for response in responses}
    lost = [request for request in batch if request.key not in answered]
    return [*responses, *(Response(r.key, r.sample_id, error="the model gave no answer") for r in lost)]


def _out_of_memory(error: Exception) -> bool:
    # torch.OutOfMemoryError is known by its name, so that this file needs no torch
    return isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
