"""Tensors that are read when they are asked for."""

from __future__ import annotations

import torch
from torch import Tensor

from rsbench.reference_model.lazy import Lazy, below, joined, lazy, own, prefixed


def counted(tensor: Tensor, reads: list[int]) -> Lazy:
    def read() -> Tensor:
        reads.append(1)
        return tensor

    return Lazy(tuple(tensor.shape), tensor.dtype, read)


def test_nothing_is_read_before_it_is_asked_for() -> None:
    reads: list[int] = []
    whole = counted(torch.arange(12.0).view(3, 4), reads)
    half = whole.cast(torch.float16).part(1, 1, 2).moved(lambda t: -t)
    both = joined([half, half], 0)
    assert (both.shape, both.dtype, both.count, both.size) == ((6, 2), torch.float16, 12, 24)
    assert not reads
    found = both.read()
    assert len(reads) == 2 and found.dtype == torch.float16
    assert found.tolist() == [[-1, -2], [-5, -6], [-9, -10]] * 2


def test_whole_numbers_keep_their_type_and_one_part_is_itself() -> None:
    ids = lazy(torch.tensor([1, 2]))
    assert ids.cast(torch.float16) is ids and joined([ids], 0) is ids
    single = lazy(torch.ones(2))
    assert single.cast(torch.float32) is single


def test_a_part_gets_memory_of_its_own() -> None:
    whole = torch.arange(12.0).view(3, 4)
    assert own(whole) is whole
    for view in (whole[1], whole.T, whole[:, 1:3], whole[:1].expand(3, 4)):
        found = own(view)
        assert torch.equal(found, view) and found.is_contiguous()
        assert found.untyped_storage().nbytes() == view.numel() * 4


def test_names_go_behind_a_prefix_and_come_out_again() -> None:
    tensors = {"a": lazy(torch.ones(1))}
    assert below("x.", prefixed("x.", tensors) | {"y.a": lazy(torch.ones(1))}) == tensors
