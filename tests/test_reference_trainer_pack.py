"""Dealing conversations out: everything once, rows within their length, parts balanced."""

from __future__ import annotations

from collections import Counter
from itertools import chain

import numpy as np
import pytest

from rsbench.reference_model.trainer.conversation import Spoken
from rsbench.reference_model.trainer.pack import Block, deal, fill, padding


def numbers(dealt: list[list[list[list[int]]]]) -> Counter[int]:
    return Counter(n for process in dealt for part in process for row in part for n in row)


@pytest.mark.parametrize("capacity", [0, 64, 100, 400])
@pytest.mark.parametrize(("processes", "parts"), [(1, 1), (1, 4), (2, 1), (2, 3), (4, 8)])
@pytest.mark.parametrize("seed", range(3))
def test_everything_is_dealt_once(capacity: int, processes: int, parts: int, seed: int) -> None:
    lengths = np.random.default_rng(seed).integers(3, 90, 32).tolist()
    dealt = deal(lengths, capacity, processes, parts)
    assert numbers(dealt) == Counter(range(32))
    assert [len(process) for process in dealt] == [parts] * processes
    rows = [row for process in dealt for part in process for row in part]
    assert all(len(row) == 1 or sum(lengths[n] for n in row) <= capacity for row in rows)
    assert all(part for process in dealt for part in process)
    assert deal(lengths, capacity, processes, parts) == dealt


def test_rows_are_nearly_full() -> None:
    lengths = np.random.default_rng(0).integers(20, 300, 200).tolist()
    rows = fill(lengths, 1000)
    assert len(rows) <= 11 / 9 * np.ceil(sum(lengths) / 1000) + 1
    assert fill(lengths, 0) == [[n] for n in sorted(range(200), key=lambda n: -lengths[n])]
    assert fill([], 10) == []


def test_parts_save_padding_and_processes_get_alike() -> None:
    lengths = np.random.default_rng(1).integers(20, 400, 64).tolist()
    one, four = deal(lengths, 0, 1, 1), deal(lengths, 0, 1, 4)
    assert padding(lengths, four[0:1]) < 0.5 * padding(lengths, one)
    width, count = max(lengths), len(lengths)
    assert padding(lengths, one) == pytest.approx(1 - sum(lengths) / (width * count))
    shares = [sum(lengths[n] for part in p for row in part for n in row) for p in deal(lengths, 0, 4, 2)]
    assert max(shares) - min(shares) < width


def test_fewer_conversations_than_parts() -> None:
    dealt = deal([5, 4], 100, 2, 2)
    assert numbers(dealt) == Counter([0, 1]) and all(len(p) == 2 for p in dealt)
    assert list(chain(*deal([], 0, 2, 1))) == [[], []]


def test_a_block_counts_its_bos_and_picture() -> None:
    assert Block(Spoken([5, 6], [-1, 0], [0, 0]), 7, 3).length == 10
