"""Tiles of large pictures: where they lie, whose an object is, and what merging keeps."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from shapely.geometry import Polygon

from rsbench.harness.cli import main
from rsbench.harness.contract import Answer, Image, Region, Sample, Target
from rsbench.harness.datasets.card import Dataset, read_card
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.geometry import from_rotated
from rsbench.harness.plan import build_task, prompted
from rsbench.harness.tiles import Tiling, parent

TILING = Tiling(512, 100)


def picture(*regions: Region, size: tuple[int, int] | None = (1000, 700)) -> Sample:
    return Sample(
        "P1", (Image("P1.png", "", size=size),), Target(regions=regions), tags={"sensor": "optical"}
    )


def test_tiles_cover_a_picture_and_overlap_as_asked() -> None:
    for width, height in ((1000, 700), (513, 512), (4000, 30)):
        windows = TILING.windows(width, height)
        covered = np.zeros((height, width), int)
        for x1, y1, x2, y2 in windows:
            assert 0 <= x1 < x2 <= width and 0 <= y1 < y2 <= height
            assert (x2 - x1, y2 - y1) == (min(512, width), min(512, height))
            covered[y1:y2, x1:x2] += 1
        assert covered.min() == 1
        starts = sorted({window[0] for window in windows})
        assert all(b - a <= 412 for a, b in zip(starts, starts[1:], strict=False))
    assert TILING.windows(512, 300) == [(0, 0, 512, 300)]


def test_an_object_is_true_once_in_the_tile_that_shows_most_of_it() -> None:
    seam = Region((500.0, 10.0, 560.0, 40.0), "ship")  # whole in the second tile alone
    common = Region((430.0, 10.0, 460.0, 40.0), "ship", ignore=True)  # whole in two: the first has it
    tiles = TILING.cut([picture(seam, common)])
    assert [tile.id for tile in tiles][:3] == ["P1@0,0", "P1@412,0", "P1@488,0"] and len(tiles) == 6
    held = {tile.id: tile.target.regions for tile in tiles if tile.target.regions}
    assert held == {
        "P1@0,0": (common,),
        "P1@412,0": (Region((88.0, 10.0, 148.0, 40.0), "ship"),),
    }
    assert TILING.cut(tiles) == tiles
    assert {parent(tile) for tile in tiles} == {"P1"}


@pytest.mark.parametrize("size", [(512, 300), None])
def test_a_picture_that_needs_no_tiles_stays_whole(size: tuple[int, int] | None) -> None:
    sample = picture(size=size)
    assert TILING.cut([sample]) == (sample,) and parent(sample) == "P1"


def test_merging_gives_the_picture_back() -> None:
    rng = np.random.default_rng(3)
    regions = tuple(
        Region(
            from_rotated(rng.uniform(60, 940), rng.uniform(60, 640), 40, 20, rng.uniform(0, 3)), f"c{i % 3}"
        )
        for i in range(40)
    )
    sample = picture(*regions)
    tiles = TILING.cut([sample])
    (whole,), (answer,) = TILING.merged(tiles, [Answer() for _ in tiles])
    assert (whole.id, whole.images, whole.tags) == (sample.id, sample.images, sample.tags)
    assert answer == Answer()
    assert sorted(np.round(r.points, 6).tolist() for r in whole.target.regions) == sorted(
        np.round(r.points, 6).tolist() for r in regions
    )


def shapely_nms(boxes: list[tuple[float, Region]], limit: float) -> list[Region]:
    """Greedy suppression with another library's polygons."""
    kept: list[Region] = []
    for _, region in sorted(boxes, key=lambda pair: -pair[0]):
        shape = Polygon(np.reshape(region.points, (4, 2)))
        others = [Polygon(np.reshape(k.points, (4, 2))) for k in kept if k.label == region.label]
        if all(shape.intersection(o).area <= limit * shape.union(o).area for o in others):
            kept.append(region)
    return kept


def test_suppression_is_that_of_another_library() -> None:
    rng = np.random.default_rng(8)
    boxes = []
    for i in range(150):
        points = from_rotated(rng.uniform(20, 480), rng.uniform(20, 480), 60, 25, rng.uniform(0, 3))
        boxes.append((float(rng.permutation(1000)[0] + i / 1000), Region(points, "ab"[i % 2])))
    sample = picture(size=(500, 500))
    answer = Answer(regions=tuple(Region(r.points, r.label, score=s) for s, r in boxes))
    _, (merged,) = TILING.merged([sample], [answer])
    expected = shapely_nms(boxes, 0.1)
    assert 20 < len(expected) < 140
    assert {(r.points, r.label) for r in merged.regions} == {(r.points, r.label) for r in expected}


def test_of_equal_boxes_the_one_that_no_border_cuts_stays() -> None:
    left, right = TILING.cut([picture(size=(900, 500))])
    cut = Region((480.0, 10.0, 512.0, 40.0), "ship")
    whole = Region((92.0, 10.0, 132.0, 40.0), "ship")  # 480..520 of the picture
    assert right.images[0].window == (388, 0, 900, 500)
    for order in (1, -1):
        pairs = [(left, Answer(regions=(cut,))), (right, Answer(regions=(whole,)))][::order]
        _, (merged,) = TILING.merged([s for s, _ in pairs], [a for _, a in pairs])
        assert [r.points for r in merged.regions] == [(480.0, 10.0, 520.0, 40.0)]


def test_classes_do_not_suppress_each_other() -> None:
    box = (10.0, 10.0, 50.0, 50.0)
    answer = Answer(regions=(Region(box, "ship"), Region(box, "harbor"), Region(box, "ship")))
    _, (merged,) = TILING.merged([picture(size=(500, 500))], [answer])
    assert [r.label for r in merged.regions] == ["ship", "harbor"]


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ({"size": 512, "overlap": 512}, DataError),
        ({"size": 512, "overlap": 100, "iou": 0}, DataError),
        ({"size": 512, "overlap": 100, "gap": 3}, UsageError),
    ],
)
def test_tiles_that_are_none_are_refused(raw: dict[str, float], error: type[Exception]) -> None:
    with pytest.raises(error):
        Tiling.of(raw, "card")


def test_counting_first_is_not_for_tiles() -> None:
    card = prompted(read_card("dota_v1"), "count")
    corners = (0.0, 0.0, 9.0, 0.0, 9.0, 9.0, 0.0, 9.0)
    with pytest.raises(UsageError, match="tiles"):
        build_task(card, Dataset((picture(Region(corners, "ship")),), (), ("ship",)))


def test_a_run_in_tiles_is_scored_as_pictures(tmp_path: Path) -> None:
    """The oracle reaches 100 %, and one tile without an answer takes its picture with it."""
    run = ["run", "--model", "oracle", "--tasks", "dota_v1", "--data", "mini", "--output", str(tmp_path)]
    main(run)
    (folder,) = tmp_path.glob("dota_v1-oracle-*")
    report = json.loads((folder / "report.json").read_text())
    lines = (folder / "responses.jsonl").read_text().splitlines(keepends=True)
    pictures = report["spec"]["source"]["items"]
    assert report["headline"]["value"] == pytest.approx(1.0)
    assert report["samples"] == pictures and len(lines) == 4 * pictures and report["failed"] == 0
    (folder / "responses.jsonl").write_text("".join(lines[1:]))
    main(["score", str(folder)])
    report = json.loads((folder / "report.json").read_text())
    assert (report["samples"], report["failed"]) == (pictures, 1)
    assert any(label.startswith(f"incomplete: 1 of {pictures}") for label in report["labels"])
