"""What training is fed with: examples, the sources they come from, and pictures seen beforehand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from ..data.record import Turn

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    from torch import Tensor

    from ..config import Config
    from ..model import EarthGPT
    from ..proposals import Proposals
    from ..tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class Cached:
    """What the frozen encoders saw of one picture; no tensor has a batch dimension.

    `vit` (1 + grid^2, channels); `maps` (grid^2, channels) each, brought to the grid; the fields of
    `proposals` (None with `localisation: text`) as `Proposals` has them for one picture.
    """

    vit: Tensor
    maps: tuple[Tensor, ...]
    proposals: Proposals | None = None


Pixels: TypeAlias = "npt.NDArray[np.uint8]"  # (S, S, 3), padded to a square and resized
Picture: TypeAlias = "Cached | Pixels"


@dataclass(frozen=True, slots=True)
class Example:
    """A conversation, about one picture or none.

    A picture that costs something is a function: it is called where and when the picture is needed, while the
    turns of a step are read in every process. It raises DataError for a picture that is broken.
    """

    turns: tuple[Turn, ...]
    picture: Picture | Callable[[], Picture] | None = None


class Source(Protocol):
    """Examples to train on; `problems` may name what could not be used."""

    def __len__(self) -> int:
        """How many there are."""

    def example(self, index: int, rng: np.random.Generator) -> Example:
        """One of them; every random choice is drawn from `rng`."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a function named by `module` builds its source from: the model as the training starts (in
    evaluation mode, on the CPU), and a folder for caches."""

    model: EarthGPT
    tokenizer: Tokenizer
    config: Config
    folder: Path
    seed: int


Builder: TypeAlias = Callable[..., Any]
