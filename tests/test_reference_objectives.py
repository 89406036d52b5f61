"""What the encoders are taught: cells, oriented boxes, and losses against plain arithmetic."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from rsbench.reference_model.objectives import IGNORED, NOBODY, Targets, assign, dense_losses, oriented_of
from rsbench.reference_model.proposals import Dense, corners


def test_cells_belong_to_the_smallest_object_around_them() -> None:
    boxes = np.array([[0.0, 0.0, 1.0, 1.0], [0.26, 0.26, 0.74, 0.74], [0.9, 0.0, 0.95, 0.05]])
    cells = assign(boxes, np.array([False, False, False]), 8).reshape(8, 8)
    expected = np.full((8, 8), NOBODY)
    expected[2:6, 2:6] = 0  # centres within 0.25 to 0.75
    expected[3:5, 3:5] = 1  # centres within 0.38 to 0.62
    expected[0, 7] = 2  # no centre inside: the cell under its middle
    assert np.array_equal(cells, expected)


def test_ignored_objects_leave_no_background_and_cede_to_smaller_ones() -> None:
    boxes = np.array([[0.0, 0.0, 0.5, 0.5], [0.0, 0.0, 0.25, 0.25]])
    cells = assign(boxes, np.array([True, False]), 8).reshape(8, 8)
    expected = np.full((8, 8), NOBODY)
    expected[:4, :4] = IGNORED  # the whole of it
    expected[:2, :2] = 1
    assert np.array_equal(cells, expected)


def test_no_objects_are_all_background() -> None:
    assert (assign(np.zeros((0, 4)), np.zeros(0, bool), 4) == NOBODY).all()


@pytest.mark.parametrize("degrees", [-170, -90, -33, 0, 10, 89, 135, 180])
def test_oriented_boxes_and_corners_are_inverse(degrees: float) -> None:
    angle = math.radians(degrees)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    shape = np.array([[0.2, -0.05], [0.2, 0.05], [-0.2, 0.05], [-0.2, -0.05]])
    points = shape @ turn.T + (0.4, 0.6)
    found = oriented_of(points.reshape(1, 8))
    expected = [0.4, 0.6, 0.4, 0.1, math.cos(2 * angle), math.sin(2 * angle)]
    np.testing.assert_allclose(found[0], expected, atol=1e-6)
    again = corners(torch.from_numpy(found))[0].view(4, 2).numpy()
    same = np.abs(again - points).max() < 1e-6 or np.abs(np.roll(again, 2, 0) - points).max() < 1e-6
    assert same, "the same rectangle, from its front or from its back"


def exact() -> tuple[Dense, Targets]:
    """Two pictures of four cells: one object that is found exactly, an ignored cell, background elsewhere."""
    box = torch.tensor([0.1, 0.2, 0.5, 0.4])
    oriented = torch.tensor([0.3, 0.3, 0.4, 0.2, 1.0, 0.0])
    dense = Dense(
        torch.full((2, 4), -30.0), torch.zeros(2, 4, 3), torch.zeros(2, 4, 2),
        box.expand(2, 4, 4).clone(), oriented.expand(2, 4, 6).clone(), torch.zeros(2, 4, 1),
    )  # fmt: skip
    dense.objectness[0, 1] = 30.0
    dense.names[0, 1, 2] = dense.types[0, 1, 0] = 30.0
    cell = torch.full((2, 4), NOBODY)
    cell[0, 1], cell[1, 0] = 0, IGNORED
    targets = Targets(cell, torch.tensor([2]), torch.tensor([0]), box[None], oriented[None])
    return dense, targets


def test_what_is_exactly_right_costs_nothing() -> None:
    costs = {name: float(loss) for name, loss in dense_losses(*exact()).items()}
    assert costs == pytest.approx(dict.fromkeys(costs, 0.0), abs=1e-5)


def test_ignored_cells_and_missing_types_cost_nothing() -> None:
    dense, targets = exact()
    dense.objectness[1, 0] = 5.0
    untyped = replace(targets, type=torch.tensor([-1]))
    assert float(dense_losses(dense, targets)["object"]) == pytest.approx(0, abs=1e-6)
    assert float(dense_losses(dense, untyped)["type"]) == 0


def test_each_loss_is_its_formula() -> None:
    dense, targets = exact()
    dense.objectness[1, 2] = 0.0  # a false alarm at even odds
    dense.names[0, 1] = 0.0
    dense.boxes[0, 1] = torch.tensor([0.3, 0.2, 0.7, 0.4])  # half beside
    dense.oriented[0, 1] = torch.tensor([0.34, 0.3, 0.8, 0.2, 0.0, 1.0])
    losses = dense_losses(dense, targets)
    iou, hull = 1 / 3, 0.6 * 0.2
    assert float(losses["box"]) == pytest.approx(1 - (iou - (hull - 0.12) / hull), abs=1e-5)
    assert float(losses["name"]) == pytest.approx(math.log(3))
    false_alarm = 0.5**2 * math.log(2)
    overrated = (iou - 1) ** 2 * (1 - iou) * 30  # the quality of the box is its IoU
    assert float(losses["object"]) == pytest.approx(false_alarm + overrated, rel=1e-4)
    assert float(losses["oriented"]) == pytest.approx(2 * 0.04 / 0.4 + math.log(2) + 0.5 * 2, rel=1e-5)


def test_pictures_without_objects_have_finite_losses() -> None:
    dense, targets = exact()
    empty = torch.zeros(0)
    nothing = Targets(
        torch.full((2, 4), NOBODY), empty.long(), empty.long(), empty.view(0, 4), empty.view(0, 6)
    )
    losses = dense_losses(dense, nothing)
    assert all(torch.isfinite(v) for v in losses.values())
    assert float(losses["object"]) == pytest.approx(30, rel=1e-4) and float(losses["box"]) == 0
