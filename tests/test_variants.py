"""Samples multiplied: what is asked again, under which id, in which order; and answers brought back."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from rsbench.harness.contract import Answer, Image, Region, Sample, Target
from rsbench.harness.datasets.images import open_rgb
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.metrics.mask_codec import decode, encode
from rsbench.harness.tiles import Tiling, parent
from rsbench.harness.turns import D4, turned_target
from rsbench.harness.variants import change_of, changes, disturbances, own_id, restored, unchanged, variants

SHIP = Region((10.0, 20.0, 30.0, 50.0), "ship")
SEEN = Image("a.png", "", size=(100, 80))


def samples() -> list[Sample]:
    """Three questions about one picture, one that speaks of a direction, and one about another picture."""
    texts = ("How many ships?", "Is there a pier?", "What is left of the pier?")
    asked = [
        Sample(f"q{i}", (SEEN,), Target(texts=("2",)), text, {"kind": "x"}) for i, text in enumerate(texts)
    ]
    other = Image("b.png", "", size=(50, 50))
    return [*asked, Sample("q3", (other,), Target(regions=(SHIP,), size=(50, 50)), "the ship", {}, (SHIP,))]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("all", ("speckle", "haze", "blur", "jpeg", "gsd")),
        ("jpeg, blur", ("blur", "jpeg")),
        ("gsd/2,gsd/1,gsd/2", ("gsd/1", "gsd/2")),
        ("haze/1,haze", ("haze",)),
        ("haze/1,haze/2,haze/3,haze/4,haze/5", ("haze",)),
    ],
)
def test_disturbances_have_one_spelling(text: str, expected: tuple[str, ...]) -> None:
    assert disturbances(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("spekle", "speckle"),
        ("haze/6", "1 to 5"),
        ("haze/", "1 to 5"),
        (" ,", "names nothing"),
        ("haze/٣", "1 to 5"),
    ],
)
def test_what_is_no_disturbance_is_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        disturbances(text)
    assert said in str(caught.value)


def test_a_kind_has_five_strengths() -> None:
    assert changes(("blur", "gsd/2")) == ("blur/1", "blur/2", "blur/3", "blur/4", "blur/5", "gsd/2")


def test_all_is_asked_again_but_what_speaks_of_directions() -> None:
    made = variants(samples(), "d4", ("haze/3",), 0)
    ids = [sample.id for sample in made]
    assert len(ids) == len(set(ids)) == 3 * 7 + 4
    assert {own_id(sample) for sample in made if change_of(sample) in D4} == {"q0", "q1", "q3"}
    assert {f"q{i}~haze/3" for i in range(4)} <= set(ids)
    assert unchanged((*samples(), *made)) == tuple(samples())


def test_a_picture_is_shown_in_a_row_and_each_change_of_it_too() -> None:
    made = variants(samples(), "d4", ("haze/3",), 0)
    assert [name for name, _ in groupby(s.images[0].name for s in made)] == ["a.png", "b.png"]
    shown = [image for image, _ in groupby(s.images[0] for s in made)]
    assert len(shown) == len(set(shown)) == 16
    assert made[0].images is made[1].images  # put into words once


def test_a_variant_says_what_is_true_of_its_own_picture() -> None:
    made = {sample.id: sample for sample in variants(samples(), "d4", (), 0)}
    turned = made["q3~rot90"]
    expected = Region((0.0, 10.0, 30.0, 30.0), "ship")
    assert turned.target == Target(regions=(expected,), size=(50, 50)) and turned.regions == (expected,)
    assert (turned.images[0].change, turned.question, turned.tags) == ("rot90", "the ship", {})
    assert made["q0~flip"].target == Target(texts=("2",)) and made["q0~flip"].tags == {"kind": "x"}


def test_a_disturbed_picture_moves_nothing_and_carries_the_seed() -> None:
    (plain,), (seeded,) = (variants(samples()[3:], None, ("speckle/2",), seed) for seed in (0, 7))
    assert plain.target == samples()[3].target and plain.images[0].change == "speckle/2"
    assert seeded.images[0].change == "speckle/2/7"
    assert plain.id == seeded.id == "q3~speckle/2" and own_id(seeded) == "q3"


def test_the_size_comes_from_the_file_where_the_data_does_not_say_it(tmp_path: Path) -> None:
    PIL.Image.new("RGB", (30, 20)).save(tmp_path / "a.png")
    there = Sample("a", (Image("a.png", str(tmp_path / "a.png")),), Target("beach"))
    gone = Sample("b", (Image("b.png", str(tmp_path / "b.png")),), Target("beach"))
    made = variants([there, gone], "d4", ("haze/1",), 0)
    assert {own_id(s) for s in made if change_of(s) in D4} == {"a"}  # what is not known is not turned
    assert made[0].images[0].extent == (20, 30)
    assert [s.images[0].size for s in made if change_of(s) == "haze/1"] == [None, None]


@pytest.mark.parametrize("view", D4[1:])
def test_an_answer_comes_back_to_the_sample(view: str) -> None:
    (sample,) = samples()[3:]
    variant = next(s for s in variants([sample], "d4", (), 0) if change_of(s) == view)
    said = Answer(regions=turned_target(sample.target, view, (50, 50)).regions, raw="text")
    own, answer = restored(variant, said, {"q3": sample})
    assert own is sample and answer == replace(said, regions=(SHIP,))


def test_an_answer_about_a_disturbed_picture_or_in_words_is_left_as_it_is() -> None:
    own = {sample.id: sample for sample in samples()}
    for variant in variants(samples(), None, ("gsd/1",), 3):
        said = Answer(text="two", regions=(SHIP,))
        assert restored(variant, said, own) == (own[own_id(variant)], said)


def test_tiles_are_turned_one_by_one() -> None:
    whole = Sample("p", (Image("p.png", "", size=(90, 60)),), Target(regions=(SHIP,), size=(90, 60)))
    tiles = Tiling(60, 20).cut([whole])
    made = variants(tiles, "d4", (), 0)
    assert len(tiles) == 2 and len(made) == 14
    assert {parent(sample) for sample in made} == {"p"}
    assert made[0].images[0].extent == (60, 60)
    own = {tile.id: tile for tile in tiles}
    for variant in made:
        tile, answer = restored(variant, Answer(regions=variant.target.regions), own)
        assert answer.regions == tile.target.regions


def test_ids_that_end_like_variants_are_refused() -> None:
    (sample,) = samples()[3:]
    with pytest.raises(DataError, match="~rot90"):
        variants([sample, replace(sample, id="q3~rot90")], "d4", (), 0)


def test_a_ledger_that_lost_something_is_told() -> None:
    (sample,) = samples()[3:]
    variant = variants([sample], "d4", (), 0)[0]
    with pytest.raises(DataError, match="is not there"):
        restored(variant, Answer(), {})
    blind = replace(variant, images=(replace(variant.images[0], size=None),))
    with pytest.raises(DataError, match="size"):
        restored(blind, Answer(regions=(SHIP,)), {"q3": sample})


def _inside(points: tuple[float, ...], width: int, height: int) -> Any:
    """Which pixels have their centre in a box or a convex outline: a plain test of sides."""
    if len(points) == 4:
        x1, y1, x2, y2 = points
        points = (x1, y1, x2, y1, x2, y2, x1, y2)
    ends = [(points[k], points[k + 1]) for k in range(0, 8, 2)]
    ys, xs = np.mgrid[:height, :width] + 0.5
    sides = [
        (bx - ax) * (ys - ay) - (by - ay) * (xs - ax)
        for (ax, ay), (bx, by) in zip(ends, ends[1:] + ends[:1], strict=True)
    ]
    return np.all([side > 0 for side in sides], axis=0) | np.all([side < 0 for side in sides], axis=0)


@pytest.mark.parametrize("size", [(9, 6), (8, 8), (7, 12), (11, 11)])
@pytest.mark.parametrize("window", [None, (1, 1, 7, 6)])
def test_what_is_true_of_a_view_lies_on_its_bright_pixels(
    tmp_path: Path, size: tuple[int, int], window: tuple[int, int, int, int] | None
) -> None:
    """A file with one bright part, opened in every view, against what the sample of that view says."""
    width, height = size
    left, top = window[:2] if window else (0, 0)
    shown = (window[2] - left, window[3] - top) if window else size
    box = (1.0, 2.0, 5.0, 4.0)
    slanted = (2.4, 0.1, 4.7, 2.4, 2.4, 4.7, 0.1, 2.4)  # no centre of a pixel lies on a side
    for points in (box, slanted):
        bright = _inside(points, *shown)
        pixels = np.zeros((height, width), np.uint8)
        pixels[top : top + shown[1], left : left + shown[0]][bright] = 255
        PIL.Image.fromarray(pixels).save(tmp_path / "a.png")
        image = Image("a.png", str(tmp_path / "a.png"), window=window, size=size)
        region = Region(points, "ship", mask=encode(bright))
        sample = Sample("s", (image,), Target(regions=(region,), size=shown), "the ship", {}, (region,))
        made = variants([sample], "d4", (), 0)
        assert len(made) == 7
        for variant in (sample, *made):
            seen = np.asarray(open_rgb(variant.images[0]))[:, :, 0] > 0
            extent = variant.images[0].extent
            assert extent and seen.shape == extent[::-1] and seen.sum() == bright.sum() > 0
            for said in (*variant.target.regions, *variant.regions):
                assert (_inside(said.points, seen.shape[1], seen.shape[0]) == seen).all()
                assert said.mask and (decode(said.mask) == seen).all()
            _, answer = restored(variant, Answer(regions=variant.target.regions), {"s": sample})
            assert answer.regions[0].points == pytest.approx(points) and answer.regions[0].mask == region.mask
