"""CRSVQA's files: pairs of lines as people type them, a split by the name of the image alone."""

from __future__ import annotations

import doctest
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from rsbench.harness.contract import Problem
from rsbench.harness.datasets import alternating
from rsbench.harness.datasets.alternating import read, split_of
from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.open import open_dataset
from rsbench.harness.errors import DataError, UsageError

CARD = read_card("crsvqa")
WHOLE = replace(CARD, options={"kinds": CARD.options["kinds"]})


def written(root: Path, stem: str, content: bytes, picture: bool = True) -> None:
    (root / "text").mkdir(exist_ok=True)
    (root / "image").mkdir(exist_ok=True)
    (root / "text" / f"{stem}.txt").write_bytes(content)
    if picture:
        Image.new("RGB", (4, 4)).save(root / "image" / f"{stem}.png")


def test_doctests() -> None:
    assert doctest.testmod(alternating).failed == 0


def test_pairs_of_lines(tmp_path: Path) -> None:
    text = "What is the scene\uff1f\r\nPort\r\nHow many ships are there? (count)\r\n3\r\n"
    text += " What shape is it \r\nround\r\n\r\n"
    written(tmp_path, "12", b"\xef\xbb\xbf" + text.encode())
    data = read(tmp_path, WHOLE)
    assert data.problems == ()
    assert [(s.id, s.question, s.target.texts[0], s.target.kind) for s in data.samples] == [
        ("12-1", "What is the scene?", "Port", "scene"),
        ("12-2", "How many ships are there?", "3", "count"),
        ("12-3", "What shape is it?", "round", "object"),
    ]
    assert {s.images[0].name for s in data.samples} == {"image/12.png"}


def test_what_is_broken_is_counted(tmp_path: Path) -> None:
    written(tmp_path, "1", b"is it?\nyes\nand this?")
    written(tmp_path, "2", b"is it?\n\nis it?\nwhat is it?\n\nyes\nwhere?\nleft", picture=False)
    written(tmp_path, "3", b"")
    written(tmp_path, "4", b"is \xff it?\nyes")
    (tmp_path / "README.txt").write_text("a note")
    Image.new("RGB", (4, 4)).save(tmp_path / "image/9.png")
    data = read(tmp_path, WHOLE)
    assert [s.id for s in data.samples] == ["1-1", "4-1"]
    assert data.problems == (
        Problem("1.txt, question 2", "it has no answer"),
        Problem("2.txt, question 1", "it has no answer"),
        Problem("2.txt, question 2", "a question stands where its answer should"),
        Problem("2.txt, question 3", "it has no words"),
        Problem("9", "pictures without a question: 1 (9)"),
        Problem("2.png", "the picture 2.png is missing; 1 question is left out"),
    )


def test_the_split_is_frozen() -> None:
    """By the name alone; a tenth of the images; these very ones, for good."""
    share = CARD.options["share"]
    tests = [n for n in range(1, 4640) if split_of(str(n), share) == "test"]
    assert tests[:5] == [9, 39, 49, 51, 55]
    assert abs(len(tests) / 4639 - 0.1) < 0.01
    assert {split_of(str(n), share) for n in range(100)} == {"test", "train"}


def test_splits_are_apart(tmp_path: Path) -> None:
    for stem in ("1", "9", "39", "40"):
        written(tmp_path, stem, b"is it?\nyes")
    assert [s.id for s in read(tmp_path, CARD).samples] == ["39-1", "9-1"]
    assert [s.id for s in read(tmp_path, CARD, "train").samples] == ["1-1", "40-1"]
    assert not read(tmp_path, CARD).problems
    with pytest.raises(UsageError, match="no split of CRSVQA 'val'"):
        read(tmp_path, CARD, "val")


def test_other_layouts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no text files"):
        read(tmp_path, CARD)
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "1.txt").write_text("is it?\nyes")
    with pytest.raises(DataError, match="several folders of text files"):
        read(tmp_path, CARD)


@pytest.mark.parametrize("split", ["test", "train"])
def test_the_miniature(split: str, tmp_path: Path) -> None:
    out = write_mini(CARD, tmp_path / "mini", split=split, count=5)
    assert any(
        b"\r\n" in p.read_bytes() and "\uff1f".encode() in p.read_bytes() for p in (out / "text").iterdir()
    )
    data, kind = open_dataset(CARD, out, split, cache=tmp_path)
    assert kind == "mini" and not data.problems and len({s.images[0].name for s in data.samples}) == 5
    kinds = [s.target.kind for s in data.samples]
    assert set(kinds) <= set(CARD.mini["asks"]) and kinds.count("count") == kinds.count("scene") == 5
