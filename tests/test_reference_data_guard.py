"""Training on the test set is hard: by split, by name, by content and by look."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from rsbench.harness.datasets.card import card_names, read_card
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.errors import DataError
from rsbench.reference_model.data.guard import cards, check_split, guard, refused_images, reported_split
from rsbench.reference_model.data.json_file import read, write
from rsbench.reference_model.data.record import Record, Turn
from rsbench.reference_model.data.sources import table_one

TURN = (Turn("What is it?", "A ship."),)


def test_every_benchmark_of_the_catalogue_is_kept_apart() -> None:
    assert {card.name for card in cards()} >= {
        "clrs",
        "nasc_tg2",
        "nwpu_resisc45",
        "mar20",
        "mar20_obb",
        "dota",
    }
    for card in cards():
        with pytest.raises(DataError, match=f"'{reported_split(card)}' .* is reported on"):
            check_split(card.title, reported_split(card))
        with pytest.raises(DataError, match="The whole data set has it in it"):
            check_split(card.name, None)
    own = [name for name in card_names() if reported_split(read_card(name)) is None]
    assert {"images", "voc", "coco", "captions", "vqa"} <= set(own)
    check_split("images", None)


def test_splits_of_table_one() -> None:
    for row in table_one().rows:
        for split in row.splits:
            check_split(row.name, split)
        for split in (*row.kept, "test", "TEST-dev"):
            with pytest.raises(DataError, match="not for training"):
                check_split(row.printed, split)
    with pytest.raises(DataError, match=r"NWPU-RESISC45 is not for training: it is reported on \(Table II\)"):
        check_split("nwpu resisc45", "test")
    check_split("my own data", "train")
    with pytest.raises(DataError, match="published to report on"):
        check_split("my own data", "test")


def test_by_name(tmp_path: Path) -> None:
    folder = tmp_path / "NWPU-RESISC45"
    for n in (1, 2):
        (folder / "airplane").mkdir(parents=True, exist_ok=True)
        PIL.Image.new("RGB", (8, 8)).save(folder / f"airplane/airplane_00{n}.jpg")
    (folder / "test.txt").write_text("airplane/airplane_002.jpg\n")
    watch = guard({"nwpu_resisc45": folder})
    (test,) = refused_images(read_card("nwpu_resisc45"), folder, tmp_path)
    assert test == "airplane_002.jpg"
    label = "airplane"
    names = [
        f"caption/NWPU_images/{label}/{test}",  # another data set made of the same pictures
        f"NWPU-RESISC45/{test}",
        f"other/{test}",
        f"{label}/{label}_001.jpg",
        "classification/CLRS/beach/beach_1.tif",
        "NaSC_TG2/beach/1.jpg",
        "NaSC_TG2_not/beach/1.jpg",
    ]
    refused = watch.refusals(names)
    assert [name in refused for name in names] == [True, True, False, False, True, True, False]
    assert refused[names[0]] == "task nwpu_resisc45 reports on the split 'test'"
    assert refused[names[4]] == "task clrs reports on all of CLRS"


def test_numbers_of_another_data_set_are_not_refused(tmp_path: Path) -> None:
    write_mini(read_card("mar20"), tmp_path / "MAR20", count=2, split="test")
    watch = guard({"mar20": tmp_path / "MAR20"})
    names = [
        "detection/MAR20/JPEGImages/1.jpg",
        "detection/DIOR/JPEGImages/1.jpg",
        "mar20_obb/1.jpg",
        "MAR20/x/3.jpg",
    ]
    assert list(watch.refusals(names)) == names[:1]


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """train/: a copy of an evaluation picture, the same re-coded and turned, and one of its own."""
    rng = np.random.default_rng(5)
    for name in ("seen", "own"):
        small = PIL.Image.fromarray(rng.integers(0, 255, (9, 9, 3), np.uint8)).resize((160, 160))
        (tmp_path / "train").mkdir(exist_ok=True)
        (tmp_path / "eval").mkdir(exist_ok=True)
        small.save(tmp_path / ("eval/1.png" if name == "seen" else "train/own.png"))
    with PIL.Image.open(tmp_path / "eval/1.png") as picture:
        shutil.copy(tmp_path / "eval/1.png", tmp_path / "train/copy.png")
        picture.transpose(PIL.Image.Transpose.ROTATE_90).save(tmp_path / "train/turned.jpg", quality=60)
    return tmp_path


def test_by_content_and_look(pictures: Path) -> None:
    names = ["copy.png", "turned.jpg", "own.png", "missing.png"]
    watch = guard(against=[pictures / "eval"])
    found = watch.refusals(names, pictures / "train")
    assert set(found) == {"copy.png", "turned.jpg"}
    assert (
        found["copy.png"] == "the same file as eval/1.png"
        and "of 64 bits from eval/1.png" in found["turned.jpg"]
    )
    assert set(guard(against=[pictures / "eval"], distance=-1).refusals(names, pictures / "train")) == {
        "copy.png"
    }
    with pytest.raises(DataError, match="holds no pictures"):
        guard(against=[pictures / "none"])


def test_a_file_made_by_hand(pictures: Path) -> None:
    path = pictures / "x.json"
    write([Record(name, TURN) for name in ("copy.png", "own.png", "CLRS/port/1.tif")], path)
    records, problems = read(path, pictures / "train", guard=guard(against=[pictures / "eval"]))
    assert [r.image for r in records] == ["own.png"]
    assert problems.counts == {"a picture kept for evaluation": 2}
    assert "CLRS/port/1.tif: task clrs reports on all of CLRS" in problems.lines()[0]
    assert len(json.loads(path.read_text())) == 3
