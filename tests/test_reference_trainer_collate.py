"""Rows as tensors: every place holds what it should."""

from __future__ import annotations

import numpy as np
import torch

from rsbench.reference_model.trainer.collate import collate
from rsbench.reference_model.trainer.conversation import Spoken
from rsbench.reference_model.trainer.example import Cached, Picture
from rsbench.reference_model.trainer.pack import Block

PIXELS = [np.full((2, 2, 3), value, np.uint8) for value in range(4)]
ONE = Block(Spoken([10, 11, 12, 2], [-1, 0, 0, 0], [0] * 4), 3, 0)
TWO = Block(Spoken([20, 21, 22, 23], [-1, 0, -1, 1], [1, 1, 2, 2]), 3, 1)
TEXT = Block(Spoken([30, 31], [-1, 0], [0, 0]), 0, 2)


def test_every_place_of_a_row() -> None:
    batch = collate([[ONE, TEXT], [TWO]], {0: PIXELS[0], 1: PIXELS[1], 2: None}, 1, 0, "tokens")
    nothing = -100
    assert batch["ids"].tolist() == [
        [1, 0, 0, 0, 10, 11, 12, 2, 1, 30, 31],
        [1, 0, 0, 0, 20, 21, 22, 23, 0, 0, 0],
    ]
    assert batch["visual"].int().tolist() == [[0, 1, 1, 1] + [0] * 7] * 2
    assert batch["positions"].tolist() == [
        [0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2],
        [0, 1, 2, 3, 4, 5, 4, 5, 8, 9, 10],
    ]
    assert batch["block"].tolist() == [[0] * 8 + [1] * 3, [0] * 8 + [-1] * 3]
    assert batch["part"].tolist() == [[0] * 11, [0, 0, 0, 0, 1, 1, 2, 2, 0, 0, 0]]
    assert batch["targets"].tolist() == [
        [nothing] * 4 + [11, 12, 2, nothing, nothing, 31, nothing],
        [nothing] * 4 + [21, nothing, 23] + [nothing] * 4,
    ]
    assert torch.equal(batch["weights"] > 0, batch["targets"] >= 0) and batch["masked"]


def test_answers_can_count_alike() -> None:
    row = [[Block(Spoken([5, 6, 7, 8], [0, 0, -1, 1], [0] * 4), 0, 0)]]
    weights = collate(row, {0: None}, 1, 0, "answers")["weights"]
    assert weights.tolist() == [[0.5, 0.5, 0.0, 1.0, 0.0]]
    assert collate(row, {0: None}, 1, 0, "tokens")["weights"].sum() == 3


def test_one_conversation_a_row_needs_no_mask() -> None:
    batch = collate([[ONE], [TEXT]], {0: PIXELS[0], 2: None}, 1, 0, "tokens")
    assert not batch["masked"] and batch["positions"].tolist() == [list(range(8))] * 2


def test_pictures_of_all_kinds_are_found_in_their_order() -> None:
    cached = Cached(torch.ones(5, 4), (torch.ones(4, 2),))
    blocks = [Block(Spoken([5, 6], [-1, 0], [0, 0]), 3, sample) for sample in range(5)]
    pictures: dict[int, Picture | None] = {0: cached, 1: PIXELS[1], 2: None, 3: cached, 4: PIXELS[0]}
    batch = collate([blocks[:3], blocks[3:]], pictures, 1, 0, "tokens")
    # pixels are 0 and 1 of all found, cached 2 and 3, broken 4
    assert batch["order"].tolist() == [2, 0, 4, 3, 1]
    assert batch["pixels"][:, 0, 0, 0].tolist() == [1, 0] and batch["broken"] == 1
    assert batch["cached"]["vit"].shape == (2, 5, 4) and batch["cached"]["maps"][0].shape == (2, 4, 2)
    assert batch["cached"]["proposals"] is None
    weights = batch["weights"].sum(1).tolist()
    assert weights == [2.0, 2.0]  # the broken one's answer weighs nothing


def test_nothing_to_learn() -> None:
    batch = collate([], {}, 1, 0, "tokens")
    assert batch["ids"].shape == (1, 1) and (batch["targets"] == -100).all() and len(batch["order"]) == 0
