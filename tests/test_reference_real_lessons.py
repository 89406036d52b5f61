"""Real conversations for a model with proposals: it reports what the head finds, and points at it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from rsbench.harness.errors import DataError
from rsbench.reference_model.batches import batch
from rsbench.reference_model.data.record import Record, Turn
from rsbench.reference_model.model import EarthGPT
from rsbench.reference_model.objectives import IGNORED
from rsbench.reference_model.real_lessons import SeenRecords
from rsbench.reference_model.real_scenes import known, real_shard
from rsbench.reference_model.world import World

DETECT = "Detect all objects shown in the RS image and describe using {} bounding boxes"
CATEGORY = "What is the category of this RS image? Answering the question using a single word or phrase"
WORLD = World(("car", "ship"), (), ("field",), ("optical",))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("real")
    rng = np.random.default_rng(0)
    for name in ("a.png", "b.png"):
        Image.fromarray(rng.integers(0, 255, (64, 96, 3)).astype(np.uint8)).save(folder / name)
    (folder / "broken.png").write_bytes(b"no picture")
    return folder


def test_detection_tells_what_the_head_finds(proposals_model: EarthGPT, folder: Path) -> None:
    records = [
        Record(
            "a.png",
            (
                Turn(CATEGORY, "field"),
                Turn(DETECT.format("horizontal"), "There is <p>car</p>[0.1,0.1,0.2,0.2] in the image."),
            ),
        ),
        Record("broken.png", (Turn("Is there a car?", "yes"),)),
        Record("gone.png", (Turn("Is there a car?", "yes"),)),
        Record(None, (Turn("Hello?", "Yes."),)),
        Record(
            "b.png",
            (Turn("Is there a car at the left?", "yes"), Turn("Where is it?", "[0.90,0.90,0.91,0.91]")),
        ),
    ]
    source = SeenRecords(records, folder, proposals_model, ["met before"])
    assert len(source) == 2 and source.problems[0] == "met before"
    assert sum("broken.png" in line or "gone.png" in line for line in source.problems) == 2
    assert any("no picture" in line for line in source.problems)
    views = {str(source.example(0, np.random.default_rng(seed)).turns[1].answer) for seed in range(40)}
    assert len(views) > 1, "a class and its objects are seen in every symmetry"
    for answer in views:
        assert re.search(r"<b\d+>", answer) and not re.search(r"\d\.\d\d", answer)
    assert source.example(0, np.random.default_rng(0)).turns[0] == Turn(CATEGORY, "field")
    told = source.example(1, np.random.default_rng(0)).turns
    assert told[0] == Turn("Is there a car at the left?", "yes")
    pointed = [turn for turn in told if turn.question == "Where is it?"]
    assert not pointed or "<b" in pointed[0].answer


def test_boxes_become_the_pointer_of_the_proposal_there(proposals_model: EarthGPT, folder: Path) -> None:
    plain = SeenRecords([Record("a.png", (Turn("Is it?", "yes"),))], folder, proposals_model)
    seen: Any = plain.example(0, np.random.default_rng(0)).picture
    proposals = seen.proposals
    used = int(proposals.valid.sum())
    boxes = [[min(max(v, 0.0), 1.0) for v in box] for box in proposals.boxes[:used].tolist()]
    box = max(boxes, key=lambda b: (b[2] - b[0]) * (b[3] - b[1]))
    numbers = ",".join(f"{v:.2f}" for v in box)
    source = SeenRecords([Record("a.png", (Turn("Where?", f"[{numbers}]"),))], folder, proposals_model)
    (turn,) = source.example(0, np.random.default_rng(0)).turns
    assert re.fullmatch(r"\[<->(<->)*<b>(<->)*\]", turn.answer)


def test_nothing_to_see(proposals_model: EarthGPT, folder: Path) -> None:
    with pytest.raises(DataError, match="No picture"):
        SeenRecords([Record("gone.png", (Turn("?", "!"),))], folder, proposals_model)


def test_what_a_record_tells() -> None:
    cars, ship = "<p>2 cars</p>[0.10,0.10,0.20,0.20;0.5,0.5,0.6,0.6]", "<p>ship</p>[0.3,0.3,0.4,0.4]"
    hbb = f"There are {cars} and {ship} in the image."
    obb = "There is <p>ship</p>[0.30,0.30,0.40,0.30,0.40,0.40,0.30,0.40] in the image."
    both = Record("a", (Turn(CATEGORY, "Field."), Turn(DETECT.format("horizontal"), hbb)))
    told = known(both.turns, WORLD)
    assert told.label == "field" and [r.label for r in told.regions or ()] == ["car", "car", "ship"]
    more = known((*both.turns, Turn(DETECT.format("oriented"), obb)), WORLD)
    assert [len(r.points) for r in more.regions or ()] == [8]
    nothing = known((Turn("Why?", "So."),), WORLD)
    assert nothing.label is None and nothing.regions is None


def test_a_shard_of_real_pictures(folder: Path) -> None:
    answer = "There is <p>car</p>[0.10,0.40,0.30,0.60] in the image."
    records = [
        Record("a.png", (Turn(CATEGORY, "field"), Turn(DETECT.format("horizontal"), answer))),
        Record("b.png", (Turn(CATEGORY, "Moon."),)),
        Record("gone.png", ()),
    ]
    shard, lost = real_shard(records, folder, WORLD, 32, 0)
    assert shard.images.shape == (2, 32, 32, 3) and shard.label.tolist() == [0, -1]
    assert shard.box.tolist() == [pytest.approx([0.1, 0.4, 0.3, 0.6]), [0, 0, 1, 1]]
    assert shard.visible.tolist() == [1, 0], "of the second nothing is known: no place of it counts as empty"
    assert shard.offsets.tolist() == [0, 1, 2] and shard.side.tolist() == [96, 96]
    cells = batch(shard, np.array([1]), np.arange(1), 32, np.random.default_rng(0)).targets.cell
    assert set(cells.flatten().tolist()) == {IGNORED}
    assert sum(lost.values()) == 2 and any("moon" in reason for reason in lost)
    assert set(shard.crop_name.tolist()) <= {0, 2}
    with pytest.raises(DataError, match="No picture"):
        real_shard(records[2:], folder, WORLD, 32, 0)
