"""A tensor that is read when it is asked for, so that a model larger than the memory can be rewritten."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    import torch
    from torch import Tensor


@dataclass(frozen=True, slots=True)
class Lazy:
    """Shape and type are known at once; `read` costs the disk and the memory of this one tensor."""

    shape: tuple[int, ...]
    dtype: torch.dtype
    read: Callable[[], Tensor]

    @property
    def count(self) -> int:
        """Numbers in it."""
        return prod(self.shape)

    @property
    def size(self) -> int:
        """Bytes in it."""
        return self.count * self.dtype.itemsize

    def cast(self, dtype: torch.dtype) -> Lazy:
        """The same as another type; whole numbers stay what they are."""
        if dtype == self.dtype or not self.dtype.is_floating_point:
            return self
        return replace(self, dtype=dtype, read=lambda: self.read().to(dtype))

    def moved(self, change: Callable[[Tensor], Tensor]) -> Lazy:
        """After a change that keeps shape and type, as a reordering of rows does."""
        return replace(self, read=lambda: change(self.read()))

    def part(self, dim: int, start: int, length: int) -> Lazy:
        """`length` entries of one dimension, from `start` on."""
        shape = (*self.shape[:dim], length, *self.shape[dim + 1 :])
        return replace(self, shape=shape, read=lambda: self.read().narrow(dim, start, length))


Tensors: TypeAlias = Mapping[str, Lazy]


def lazy(tensor: Tensor) -> Lazy:
    """A tensor that is there already."""
    return Lazy(tuple(tensor.shape), tensor.dtype, lambda: tensor)


def joined(parts: Sequence[Lazy], dim: int) -> Lazy:
    """The parts one after the other along a dimension; all have the same type and other dimensions."""
    if len(parts) == 1:
        return parts[0]
    first = parts[0]
    whole = sum(part.shape[dim] for part in parts)

    def read() -> Tensor:
        import torch

        return torch.cat([part.read() for part in parts], dim)

    return replace(first, shape=(*first.shape[:dim], whole, *first.shape[dim + 1 :]), read=read)


def own(tensor: Tensor) -> Tensor:
    """Contiguous, in memory of its own size: a view of something larger brings all of that into a file."""
    if tensor.is_contiguous() and tensor.untyped_storage().nbytes() == tensor.nbytes:
        return tensor
    return tensor.clone() if tensor.is_contiguous() else tensor.contiguous()


def prefixed(prefix: str, tensors: Tensors) -> dict[str, Lazy]:
    """The same tensors, each name behind a prefix."""
    return {prefix + name: tensor for name, tensor in tensors.items()}


def below(prefix: str, tensors: Tensors) -> dict[str, Lazy]:
    """The tensors whose names begin with a prefix, without it."""
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}
