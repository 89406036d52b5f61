"""Pictures decoded once, in background threads, as a model wants them, while it answers the batch before."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from threading import Lock
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from .contract import Image
from .datasets.images import changed, cut, open_rgb, reads_parts
from .errors import DataError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

T = TypeVar("T")
BUDGET = 2**29  # bytes
THREADS = 2
_PATIENCE = 2  # calls of `ahead` after which a picture that nobody took is let go
_AT_FIRST = 8  # pictures begun ahead before it is known what one weighs


class Windows:
    """open_rgb, a picture decoded once for all its windows and changes that are asked for in a row."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._whole: tuple[Image, Picture] | None = None

    def __call__(self, image: Image) -> Picture:
        """As open_rgb."""
        parts = image.window is not None and reads_parts(image)
        if not image.change and (image.window is None or parts):
            return open_rgb(image)
        whole = replace(image, window=image.window if parts else None, change="")
        with self._lock:  # the other threads would only decode the same
            if self._whole is None or self._whole[0] != whole:
                self._whole = None  # not two at a time
                self._whole = whole, open_rgb(whole)
            picture = self._whole[1]
        if image.window is not None and not parts:
            picture = cut(picture, image.window, image.name)
        return changed(picture, image)


class Pictures(Generic[T]):
    """What `prepare` makes of the pictures asked about last, and of those asked about next.

    `read` opens an Image: as RGB, or open_reduced for a model that takes less. `prepare` turns what it gives
    into what the model takes: pixels of its size, or bytes to send. Both run in `threads` threads, and a
    DataError that either raises is the result for that image alone. Results are kept while `budget` bytes
    have room for them, half for those that were taken and half for those to come; `weigh` says how many bytes
    one has. Without `keep` a result is handed out once.

        pictures = Pictures(lambda picture: np.asarray(picture.resize((336, 336))))
        pictures.ahead(image for request in next_batch for image in request.images)  # returns at once
        for pixels in pictures.take([request.images[0] for request in batch]): ...

    `ahead` and `take` are called from one thread.
    """

    def __init__(
        self,
        prepare: Callable[[Any], T],
        read: Callable[[Image], Any] | None = None,
        threads: int = THREADS,
        budget: int = BUDGET,
        weigh: Callable[[T], int] | None = None,
        keep: bool = True,
    ) -> None:
        opened = read or Windows()
        self._load = lambda image: prepare(opened(image))
        self._weigh: Callable[[T], int] = weigh or weight
        self._threads, self._half = threads, budget // 2
        self._pool: ThreadPoolExecutor | None = None
        self._keeps = keep
        self._coming: dict[Image, tuple[Future[T], int]] = {}  # and in which call of `ahead` it was begun
        self._calls = 0
        self._taken: OrderedDict[Image, tuple[T, int]] = OrderedDict()
        self._bytes = 0  # of those taken
        self._last: int | None = None  # bytes of the last result

    def ahead(self, images: Iterable[Image]) -> None:
        """Begin to read what will be asked for; returns at once and never raises for a broken picture.

        What there is no room for is read when it is taken.
        """
        self._calls += 1
        for image in [i for i, (_, call) in self._coming.items() if call < self._calls - _PATIENCE]:
            self._coming.pop(image)[0].cancel()  # nobody came for it
        for image in images:
            if image in self._taken:
                self._taken.move_to_end(image)
            elif image not in self._coming:
                if not self._room():
                    return
                self._coming[image] = self._begin(image), self._calls

    def take(self, images: Sequence[Image]) -> list[T | DataError]:
        """What was made of each image, in order; for one that cannot be read, the reason.

        Whatever else `read` or `prepare` raises is raised here.
        """
        found: dict[Image, T | DataError] = {}
        begun: dict[Image, Future[T]] = {}
        for image in images:
            if image in self._taken:
                self._taken.move_to_end(image)
                found[image] = self._taken[image][0]
            elif image not in begun:
                begun[image] = self._coming.pop(image)[0] if image in self._coming else self._begin(image)
        for image, future in begun.items():
            try:
                found[image] = self._keep(image, future.result())
            except DataError as error:
                found[image] = error
        return [found[image] for image in images]

    def close(self) -> None:
        """Let go of the threads and of all that is kept."""
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._pool = None
        self._coming.clear()
        self._taken.clear()
        self._bytes = 0

    def _begin(self, image: Image) -> Future[T]:
        self._pool = self._pool or ThreadPoolExecutor(self._threads, "pictures")
        return self._pool.submit(self._load, image)

    def _room(self) -> bool:
        if self._last is None:
            return len(self._coming) < _AT_FIRST
        return (len(self._coming) + 1) * self._last <= self._half

    def _keep(self, image: Image, made: T) -> T:
        self._last = self._weigh(made)
        if not self._keeps:
            return made
        self._taken[image] = made, self._last
        self._bytes += self._last
        while self._bytes > self._half:
            _, (_, gone) = self._taken.popitem(last=False)
            self._bytes -= gone
        return made


def weight(made: Any) -> int:
    """Bytes of an array, a tensor, a Pillow picture, bytes, or several of these; of anything else, none.

    >>> weight((b"1234", None))
    4
    """
    if isinstance(made, (tuple, list)):
        return sum(map(weight, made))
    if isinstance(made, (bytes, str)):
        return len(made)
    if hasattr(made, "getbands"):
        return int(made.width * made.height * len(made.getbands()))
    return int(getattr(made, "nbytes", 0))
