"""Proposals: boxes of cells, corners, suppression and order, against plain arithmetic."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from rsbench.reference_model.config import Config, ProposalConfig
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.proposals import (
    BOX_FREQUENCIES,
    Dense,
    ProposalTokens,
    cell_centres,
    corners,
    fourier,
    input_size,
    select,
)

HEAD = ProposalConfig(width=2, count=3, threshold=0.5, overlap=0.5, names=("a", "b"), types=("t",))


def dense(boxes: list[list[float]], scores: list[float], names: list[int]) -> Dense:
    """One picture whose cells say exactly this."""
    oriented = torch.tensor([[0.5, 0.5, 0.4, 0.2, 1.0, 0.0]]).expand(len(boxes), -1)
    return Dense(
        torch.tensor(scores).logit()[None],
        torch.nn.functional.one_hot(torch.tensor(names), 2)[None] * 20.0,
        torch.zeros(1, len(boxes), 1),
        torch.tensor(boxes)[None],
        oriented[None],
        torch.arange(2.0 * len(boxes)).view(1, len(boxes), 2),
    )


def test_the_best_are_kept_without_overlaps_in_reading_order() -> None:
    boxes = [
        [0.1, 0.6, 0.3, 0.8],
        [0.11, 0.6, 0.31, 0.8],  # the first again, weaker
        [0.5, 0.1, 0.7, 0.3],
        [0.1, 0.1, 0.3, 0.3],  # of the other name
        [0.8, 0.8, 0.9, 0.9],  # below the threshold
        [-0.2, 0.4, 0.3, 1.2],  # weakest of what is left: more than `count`
    ]
    found = select(dense(boxes, [0.9, 0.8, 0.7, 0.95, 0.4, 0.6], [0, 0, 0, 1, 0, 0]), HEAD)
    assert found.valid.tolist() == [[True, True, True]]
    torch.testing.assert_close(found.boxes[0], torch.tensor([boxes[2], boxes[0], boxes[3]]))
    torch.testing.assert_close(found.scores[0], torch.tensor([0.7, 0.9, 0.95]))
    assert found.names.tolist() == [[0, 0, 1]]


def test_what_detection_lists_comes_first() -> None:
    boxes = [[0.1, 0.6, 0.3, 0.8], [0.5, 0.1, 0.7, 0.3], [0.1, 0.1, 0.3, 0.3]]
    head = replace(HEAD, listed=0.8)
    found = select(dense(boxes, [0.9, 0.7, 0.85], [1, 0, 1]), head)
    torch.testing.assert_close(found.scores[0], torch.tensor([0.85, 0.9, 0.7]))
    assert found.names.tolist() == [[1, 1, 0]]


def test_empty_slots_are_zero_and_boxes_stay_in_the_picture() -> None:
    found = select(dense([[-0.2, 0.4, 0.3, 1.2]], [0.6], [1]), HEAD)
    assert found.valid.tolist() == [[True, False, False]]
    torch.testing.assert_close(found.boxes[0, 0], torch.tensor([0.0, 0.4, 0.3, 1.0]))
    assert not found.inputs[0, 1:].any() and not found.boxes[0, 1:].any()
    assert not select(dense([[0.1, 0.1, 0.2, 0.2]], [0.4], [0]), HEAD).valid.any()


def test_the_language_model_is_shown_features_names_score_and_place() -> None:
    box = [0.125, 0.25, 0.5, 0.75]
    shown = select(dense([box], [0.6], [1]), HEAD).inputs[0, 0]
    assert len(shown) == input_size(HEAD) == 2 + 2 + 1 + 1 + 8 * BOX_FREQUENCIES + 6
    torch.testing.assert_close(shown[:6], torch.tensor([0.0, 1.0, 0.0, 1.0, 1.0, 0.6]), atol=1e-6, rtol=0)
    phases = [v * math.pi * 2**k for v in box for k in range(BOX_FREQUENCIES)]
    waves = torch.tensor([*map(math.sin, phases), *map(math.cos, phases)])
    torch.testing.assert_close(shown[6:-6], waves, atol=1e-4, rtol=0)
    assert shown[-6:].tolist() == [1, 0, 0, 0, 1, 0]  # its middle is at 0.3125, 0.5
    torch.testing.assert_close(fourier(torch.tensor(box)), waves, atol=1e-4, rtol=0)


def test_the_language_model_can_tell_slots_apart() -> None:
    tokens = ProposalTokens(HEAD, 16)
    inputs = torch.randn(1, 1, input_size(HEAD)).expand(2, 3, -1)
    shown = tokens(inputs)
    apart = tokens.slots - tokens.slots[:1]
    torch.testing.assert_close(shown - shown[:, :1], apart.expand(2, -1, -1))
    assert apart[1:].norm(dim=-1).min() > 1


def test_the_language_model_can_tell_ninths_apart() -> None:
    tokens = ProposalTokens(HEAD, 16)
    nn.init.zeros_(tokens.proj.weight)
    inputs = torch.zeros(1, 3, input_size(HEAD))
    inputs[0, 0, [-6, -1]] = 1  # at the left, at the bottom
    inputs[0, 1, [-4, -2]] = 1  # at the right, in the middle; the third is empty
    shown = tokens(inputs)[0] - tokens.slots
    torch.testing.assert_close(shown[0] - shown[2], tokens.places.weight[:, 6])
    torch.testing.assert_close(shown[1] - shown[2], tokens.places.weight[:, 5])


@pytest.mark.parametrize("degrees", [0, 30, 45, 80, -60])
def test_corners_go_clockwise_from_the_front_left(degrees: float) -> None:
    angle = math.radians(degrees)
    oriented = torch.tensor([0.5, 0.4, 0.3, 0.1, math.cos(2 * angle), math.sin(2 * angle)])
    points = [complex(x, y) for x, y in corners(oriented).view(4, 2).tolist()]
    middle, turn = complex(0.5, 0.4), complex(math.cos(angle), math.sin(angle))
    for point, side in zip(points, (0.15 - 0.05j, 0.15 + 0.05j, -0.15 + 0.05j, -0.15 - 0.05j), strict=True):
        assert abs(point - (middle + side * turn)) < 1e-6
    area = sum((a.conjugate() * b).imag for a, b in zip(points, points[1:] + points[:1], strict=True)) / 2
    assert area == pytest.approx(0.03)  # positive: clockwise where y points down


def test_cells_are_counted_row_by_row() -> None:
    expected = [[0.25, 0.25], [0.75, 0.25], [0.25, 0.75], [0.75, 0.75]]
    assert cell_centres(2, torch.device("cpu")).tolist() == expected


@torch.no_grad()
def test_a_head_that_says_nothing_boxes_every_cell(proposals_model: EarthGPT) -> None:
    head = proposals_model.head
    assert head is not None
    features = proposals_model.encoders(torch.zeros(1, 3, 64, 64))
    weight, bias = head.geometry.weight.clone(), head.geometry.bias
    assert bias is not None
    kept = bias.clone()
    head.geometry.weight.zero_()
    bias.copy_(torch.tensor([math.log(v) for v in (1, 2, 3, 0.5)] + [0.5, -0.5, 0, math.log(2), 0, 1]))
    raw: Dense = head(features)
    head.geometry.weight.copy_(weight)
    bias.copy_(kept)
    cell = 8 * 3 + 5  # row 3, column 5 of the 8 x 8 grid of the second stage
    x, y = 5.5 / 8, 3.5 / 8
    expected = torch.tensor([x - 1 / 8, y - 2 / 8, x + 3 / 8, y + 0.5 / 8])
    torch.testing.assert_close(raw.boxes[0, cell], expected)
    oriented: Tensor = torch.tensor([x + 0.5 / 8, y - 0.5 / 8, 1 / 8, 2 / 8, 0, 1])
    torch.testing.assert_close(raw.oriented[0, cell], oriented)
    assert raw.objectness.shape == (1, 64)


def test_the_number_of_proposals_is_the_configurations(tiny_proposals: Config) -> None:
    assert tiny_proposals.proposals is not None
    more = replace(tiny_proposals, proposals=replace(tiny_proposals.proposals, count=20))
    assert more.visual_tokens == tiny_proposals.visual_tokens + 14
