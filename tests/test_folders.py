"""Class folders: labels from folder names, splits, and what lies about in real folders."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rsbench.harness.datasets.card import Card, read_card
from rsbench.harness.datasets.folders import read
from rsbench.harness.errors import DataError

CARD = Card(
    name="two",
    family="classification",
    version=1,
    title="Two",
    layout="folders",
    expects="Two/<class>/*.jpg",
    classes=("bare_land", "storage_tank"),
    names={"storage_tank": ("storage tank", "storage tanks")},
)
OPEN = read_card("images")


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_labels_come_from_folder_names_in_any_spelling(tmp_path: Path) -> None:
    touch(tmp_path, "BareLand/b.JPG", "BareLand/a.Tif", "Storage-Tanks/x.png", "BareLand/Thumbs.db")
    data = read(tmp_path, CARD)
    assert [(s.id, s.target.label) for s in data.samples] == [
        ("BareLand/a.Tif", "bare land"),
        ("BareLand/b.JPG", "bare land"),
        ("Storage-Tanks/x.png", "storage tank"),
    ]
    assert data.classes == ("bare land", "storage tank")
    assert data.samples[0].images[0].name == "BareLand/a.Tif"
    assert data.samples[0].tags == {"class": "bare land"}
    assert data.problems == ()


def test_an_unknown_folder_is_a_problem_and_an_empty_file_too(tmp_path: Path) -> None:
    touch(tmp_path, "bare land/a.jpg", "volcano/a.jpg", "volcano/b.jpg")
    (tmp_path / "bare land/none.jpg").touch()
    data = read(tmp_path, CARD)
    assert [s.id for s in data.samples] == ["bare land/a.jpg"]
    assert [(p.item, p.reason) for p in data.problems] == [
        ("bare land/none.jpg", "an empty file"),
        ("volcano", "not a class of Two; its images are left out: 2"),
    ]


def test_one_level_of_folders_is_looked_through(tmp_path: Path) -> None:
    touch(
        tmp_path,
        "Two/bare_land/a.jpg",
        "Two/storage_tank/a.jpg",
        "__MACOSX/bare_land/a.jpg",
        ".x/bare_land/a.jpg",
    )
    assert [s.id for s in read(tmp_path, CARD).samples] == ["bare_land/a.jpg", "storage_tank/a.jpg"]


def test_a_folder_named_like_the_split_is_taken(tmp_path: Path) -> None:
    touch(tmp_path, "train/bare_land/a.jpg", "test/bare_land/b.jpg")
    assert [s.id for s in read(tmp_path, CARD, "test").samples] == ["bare_land/b.jpg"]
    with pytest.raises(DataError, match="several folders of class folders: test, train"):
        read(tmp_path, CARD)


def test_any_folder_is_a_class_of_the_open_card(tmp_path: Path) -> None:
    touch(tmp_path, "aGrass/a001.jpg", "gParking/g001.jpg")
    assert read(tmp_path, OPEN).classes == ("a grass", "g parking")


def test_a_list_chooses_the_split(tmp_path: Path) -> None:
    card = replace(CARD, options={"split_file": "{split}.txt"}, split="test")
    touch(tmp_path, "bare_land/a.jpg", "bare_land/b.jpg", "storage_tank/c.jpg", "storage_tank/d.jpg")
    (tmp_path / "test.txt").write_text("bare_land/b.jpg\n\nc\nd.JPG\nd.jpg\ngone.jpg\n")
    data = read(tmp_path, card)
    assert [s.id for s in data.samples] == ["bare_land/b.jpg", "storage_tank/c.jpg", "storage_tank/d.jpg"]
    assert [p.item for p in data.problems] == ["gone.jpg"]


def test_shares_cut_each_class_without_overlap(tmp_path: Path) -> None:
    card = replace(CARD, options={"share": {"test": 0.8, "train": 0.2}}, split="test")
    touch(tmp_path, *(f"{c}/{i}.jpg" for c in ("bare_land", "storage_tank") for i in range(10)))
    test = {s.id for s in read(tmp_path, card).samples}
    train = {s.id for s in read(tmp_path, card, "train").samples}
    assert (len(test), len(train), len(test | train)) == (16, 4, 20)
    assert test == {s.id for s in read(tmp_path, card, "test").samples}
    with pytest.raises(DataError, match="no split 'val'"):
        read(tmp_path, card, "val")


def test_another_layout_is_named(tmp_path: Path) -> None:
    touch(tmp_path, "JPEGImages/1.jpg", "Annotations/1.xml")
    for card in (CARD, OPEN):
        with pytest.raises(DataError, match="looks like VOC xml") as caught:
            read(tmp_path, card)
        assert "--tasks voc" in str(caught.value)
        assert card.expects.strip() in str(caught.value)


def test_real_folders(shared: Path) -> None:
    data = read(shared / "data/RSSCN7", OPEN)
    assert len(data.samples) == 217 and len(data.classes) == 7 and not data.problems
    assert data.classes[3] == "d river lake"
    data = read(shared / "data/AID", OPEN)
    assert len(data.samples) == 240 and len(data.classes) == 30 and "bare land" in data.classes


def test_other_data_is_refused_by_a_closed_card(shared: Path) -> None:
    card = read_card("nasc_tg2")
    data = read(shared / "data/AID", card)  # AID shares five class names
    assert {s.target.label for s in data.samples} <= set(card.classes)
    assert any(p.item == "Airport" for p in data.problems)
    with pytest.raises(DataError, match="is named like one of its classes|no class folders"):
        read(shared / "data/RSSCN7", card)


def test_hidden_files_dead_links_and_circles_are_passed_by(tmp_path: Path) -> None:
    touch(tmp_path, "bare land/a.jpg", "bare land/.DS_Store", "bare land/._a.jpg", "bare land/deep/b.jpg")
    (tmp_path / "bare land/dead.jpg").symlink_to("nowhere.jpg")
    (tmp_path / "bare land/circle").symlink_to("..")
    (tmp_path / "test.txt").write_bytes(b"a\nno\xffse\n")
    data = read(tmp_path, replace(CARD, options={"split_file": "{split}.txt"}), "test")
    assert [s.id for s in data.samples] == ["bare land/a.jpg"]
    assert [p.item for p in data.problems] == ["bare land/dead.jpg", "no\ufffdse"]


def drawn(root: Path, card: Card, split: str) -> set[str]:
    return {Path(s.id).name for s in read(root, card, split).samples}


def test_shares_may_overlap_and_go_by_file_names_alone(tmp_path: Path) -> None:
    """The splits of AID: nested, complementary, and the same under any spelling and order of the folders."""
    aid = read_card("aid")
    touch(tmp_path / "a", *(f"{c}/{c.lower()}_{i}.jpg" for c in ("Beach", "Airport") for i in range(20)))
    touch(
        tmp_path / "b/AID",
        *(f"{c}/{c}_{i}.jpg" for c in ("airport", "beach") for i in reversed(range(20))),
    )
    found = {name: drawn(tmp_path / "a", aid, name) for name in aid.counts}
    assert {name: len(names) for name, names in found.items()} == {
        "test": 32, "train": 8, "test-50": 20, "train-50": 20, "all": 40,
    }  # fmt: skip
    assert found["test"] | found["train"] == found["test-50"] | found["train-50"] == found["all"]
    assert not found["test"] & found["train"] and not found["test-50"] & found["train-50"]
    assert found["test-50"] < found["test"]
    assert found == {name: drawn(tmp_path / "b/AID", aid, name) for name in aid.counts}


def test_frozen_means_frozen(tmp_path: Path) -> None:
    """The test half of ten names, as the sha256sum command orders them."""
    card = replace(CARD, options={"share": {"test": [0, 0.5], "train": [0.5, 1]}}, split="test")
    names = [f"b{i}.jpg" for i in range(10)]
    touch(tmp_path, *(f"bare_land/{name}" for name in names))

    assert drawn(tmp_path, card, "test") == {"b2.jpg", "b7.jpg", "b3.jpg", "b5.jpg", "b1.jpg"}  # sha256sum


@pytest.mark.parametrize(("images", "train"), [(50, 10), (54, 10), (58, 11), (61, 12)])
def test_a_fifth_is_rounded_down(tmp_path: Path, images: int, train: int) -> None:
    """As EarthGPT's 196 training images of WHU-RS19's 1,005 say."""
    whu = read_card("whu_rs19")
    touch(tmp_path, *(f"Beach/beach_{i:02d}.jpg" for i in range(images)))
    assert (len(drawn(tmp_path, whu, "train")), len(drawn(tmp_path, whu, "test"))) == (train, images - train)


def test_lists_of_other_kits_stand_above_the_folders_and_may_name_another_suffix(tmp_path: Path) -> None:
    card = read_card("eurosat")
    touch(tmp_path, *(f"2750/Forest/Forest_{i}.tif" for i in range(5)), "2750/River/River_1.tif")
    with pytest.raises(DataError, match="'torchgeo-test' of EuroSAT needs its list eurosat-test.txt"):
        read(tmp_path, card, "torchgeo-test")
    (tmp_path / "eurosat-test.txt").write_text("Forest_3.jpg\r\nRiver_1.jpg\r\nForest_9.jpg\r\n")
    data = read(tmp_path, card, "torchgeo-test")
    assert [s.id for s in data.samples] == ["Forest/Forest_3.tif", "River/River_1.tif"]
    assert [(p.item, p.reason) for p in data.problems] == [
        ("Forest_9.jpg", "in eurosat-test.txt, but there is no such image")
    ]
    assert len(read(tmp_path, card, "test").samples) == 5  # 4 of 5 and 1 of 1
    with pytest.raises(DataError, match="no split 'val'"):
        read(tmp_path, card, "val")


def test_a_name_in_a_list_must_say_which_image(tmp_path: Path) -> None:
    card = replace(CARD, options={"split_file": "{split}.txt"}, split="test")
    touch(tmp_path, "bare_land/1.jpg", "storage_tank/1.jpg")
    (tmp_path / "test.txt").write_text("1.jpg\nstorage_tank/1.jpg\n")
    data = read(tmp_path, card)
    assert [s.id for s in data.samples] == ["storage_tank/1.jpg"]
    assert "several images have that name" in data.problems[0].reason


def test_a_folder_named_like_the_split_is_not_cut_again(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{s}/Beach/{s}_{i}.jpg" for s in ("train", "test") for i in range(5)))
    assert len(read(tmp_path, read_card("aid"), "test").samples) == 5


def test_a_letter_before_the_name_is_part_of_the_published_name(shared: Path) -> None:
    card = read_card("rsscn7")
    data = read(shared / "data/RSSCN7", card, "all")
    assert len(data.samples) == 217 and not data.problems
    assert data.classes == ("grass", "field", "industry", "river or lake", "forest", "residential", "parking")
    assert {s.id.split("/")[0]: s.target.label for s in data.samples}["dRiverLake"] == "river or lake"
    assert [len(read(shared / "data/RSSCN7", card, s).samples) for s in ("test", "train")] == [175, 42]


def test_aid_as_published(shared: Path) -> None:
    card = read_card("aid")
    data = read(shared / "data/AID", card, "all")
    assert len(data.samples) == 240 and not data.problems and len(data.classes) == 30
    assert {s.target.label for s in data.samples} == set(data.classes)
    sizes = {split: len(read(shared / "data/AID", card, split).samples) for split in card.counts}
    assert sizes == {"test": 210, "train": 30, "test-50": 120, "train-50": 120, "all": 240}
