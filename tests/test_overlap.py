"""Pictures two sets share: copies, re-coded and turned ones are found, parts and strangers are not."""

from __future__ import annotations

import builtins
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from PIL.Image import Transpose

from rsbench.harness.contract import Image
from rsbench.harness.datasets import overlap
from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.overlap import (
    DISTANCE,
    MOST_PARTNERS,
    SYMMETRIES,
    Match,
    Prints,
    fingerprints,
    matches,
    near_pairs,
)
from rsbench.harness.errors import ModelError


def pictures(folder: Path) -> list[Image]:
    return [
        Image(p.relative_to(folder).as_posix(), str(p))
        for p in sorted(folder.rglob("*.*"))
        if p.suffix != ".txt"
    ]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("base")
    rng = np.random.default_rng(1)
    for n in range(6):
        small = PIL.Image.fromarray(rng.integers(0, 255, (11, 13, 3), np.uint8))
        small.resize((200, 160), PIL.Image.Resampling.BICUBIC).save(folder / f"{n}.png")
    return folder


def found(base: Path, other: Path, distance: int = DISTANCE) -> list[tuple[str, str, str]]:
    a, b = fingerprints(pictures(base)), fingerprints(pictures(other), workers=2)
    return [(a.names[m.a], b.names[m.b], m.kind) for m in matches(a, b, distance)]


def test_copies_recoded_and_turned_pictures(base: Path, tmp_path: Path) -> None:
    shutil.copy(base / "0.png", tmp_path / "copy.png")
    with PIL.Image.open(base / "1.png") as picture:
        picture.save(tmp_path / "recoded.bmp")
        picture.save(tmp_path / "jpeg.jpg", quality=50)
        picture.resize((120, 96)).save(tmp_path / "smaller.png")
        picture.crop((0, 0, 100, 80)).save(tmp_path / "part.png")
    with PIL.Image.open(base / "2.png") as picture:
        for symmetry in SYMMETRIES[1:]:
            picture.transpose(Transpose[symmetry]).save(tmp_path / f"{symmetry}.jpg", quality=70)
    assert found(base, tmp_path) == [
        ("0.png", "copy.png", "file"),
        ("1.png", "recoded.bmp", "pixels"),
        *sorted(
            [("1.png", "jpeg.jpg", "near"), ("1.png", "smaller.png", "near")]
            + [("2.png", f"{s}.jpg", "near") for s in SYMMETRIES[1:]],
            key=lambda row: (_distance(base, tmp_path, row), row),
        ),
    ]
    assert [row[2] for row in found(base, tmp_path, -1)] == ["file", "pixels"]


def _distance(base: Path, other: Path, row: tuple[str, str, str]) -> int:
    """By ImageHash itself, over all symmetries of the first picture."""
    import imagehash

    with PIL.Image.open(base / row[0]) as a, PIL.Image.open(other / row[1]) as b:
        turned = [a, *(a.transpose(Transpose[s]) for s in SYMMETRIES[1:])]
        return min(imagehash.phash(t) - imagehash.phash(b) for t in turned)


def test_the_symmetry_is_named(base: Path, tmp_path: Path) -> None:
    for symmetry in SYMMETRIES[1:]:
        with PIL.Image.open(base / "3.png") as picture:
            picture.transpose(Transpose[symmetry]).save(tmp_path / "x.png")
        (match,) = matches(fingerprints(pictures(base)), fingerprints(pictures(tmp_path)))
        assert (match.kind, match.turned) == ("near", symmetry)


def test_one_set_with_itself(base: Path, tmp_path: Path) -> None:
    shutil.copytree(base, tmp_path / "set")
    shutil.copy(base / "0.png", tmp_path / "set/again.png")
    prints = fingerprints(pictures(tmp_path / "set"))
    assert matches(prints, prints, itself=True) == [Match(0, 6, "file")]


def test_plain_and_broken_pictures(tmp_path: Path) -> None:
    for name, grey in (("a", 10), ("b", 200), ("c", 200)):
        PIL.Image.new("RGB", (40, 40), (grey,) * 3).save(tmp_path / f"{name}.png")
    (tmp_path / "broken.jpg").write_bytes(b"\xff\xd8\xff")
    prints = fingerprints([*pictures(tmp_path), Image("none.png", str(tmp_path / "none.png"))])
    assert prints.plain == (True, True, True)
    assert [p.item for p in prints.problems] == ["broken.jpg", "none.png"]
    assert matches(prints, prints, itself=True) == [Match(1, 2, "file")]  # equal bytes, not equal look
    assert matches(fingerprints([]), prints) == []


def test_near_pairs_are_all_there_are() -> None:
    rng = np.random.default_rng(4)
    a = rng.integers(0, 2**63, 150, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
    flips = np.array(
        [
            np.bitwise_or.reduce(np.uint64(1) << rng.integers(0, 64, k % 20).astype(np.uint64))
            for k in range(150)
        ]
    )
    b = np.concatenate([a ^ flips, a[:20], rng.integers(0, 2**63, 100, dtype=np.uint64)])
    table = np.array([[(int(x) ^ int(y)).bit_count() for y in b] for x in a])
    for distance in (0, 1, 4, 9, 16):
        i, j, bits = near_pairs(a, b, distance)
        assert np.array_equal(np.stack([i, j], 1), np.argwhere(table <= distance))
        assert np.array_equal(bits, table[i, j])


def test_candidates_come_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overlap, "_AT_ONCE", 7)
    same = np.full(30, 5, np.uint64)
    i, j, _ = near_pairs(same, same, 2)
    assert len(i) == 900 and len(set(zip(i.tolist(), j.tolist(), strict=True))) == 900


def test_one_ship_at_the_same_place_is_no_copy(tmp_path: Path) -> None:
    """Near hashes of different seas: only the detail tells them, and it finds the compressed copy."""
    rng = np.random.default_rng(3)
    for name in ("a", "b"):
        grey = rng.normal(60, 5, (128, 128)).clip(0, 255).astype(np.uint8)
        grey[30:50, 40:90] = 220
        PIL.Image.fromarray(grey).save(tmp_path / f"{name}.png")
    with PIL.Image.open(tmp_path / "a.png") as picture:
        picture.save(tmp_path / "c.jpg", quality=70)
    prints = fingerprints(pictures(tmp_path))
    near = near_pairs(prints.hashes[:1, 0], prints.hashes[1:2, 0], DISTANCE)
    assert len(near[0]) == 1 and not any(prints.plain)
    assert [(m.a, m.b, m.kind) for m in matches(prints, prints, itself=True)] == [(0, 2, "near")]


def test_equal_pictures_by_the_thousand_are_not_all_listed(tmp_path: Path) -> None:
    many = MOST_PARTNERS + 50
    names = tuple(f"{n}.png" for n in range(many))
    nothing = np.zeros((many, 8), np.uint64), np.zeros((many, 64, 64), np.uint8)
    prints = Prints(names, ("file",) * many, ("pixels",) * many, *nothing, (True,) * many, ())
    listed = matches(prints, prints)
    assert len(listed) == many * MOST_PARTNERS and {m.b for m in listed} == set(range(many))
    assert {m.kind for m in listed} == {"file"}
    assert {m.b for m in matches(prints, prints, itself=True)} == set(range(1, many))


def test_too_far_means_nothing() -> None:
    nothing = Prints((), (), (), np.zeros((0, 8), np.uint64), np.zeros((0, 64, 64), np.uint8), (), ())
    with pytest.raises(ValueError, match="at most 16"):
        matches(nothing, nothing, 17)


def test_the_library_is_named_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def absent(name: str, *rest: Any) -> Any:
        if name == "imagehash":
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(ModelError, match="pip install"):
        fingerprints([])


def test_drawn_scenes_are_no_duplicates(tmp_path: Path) -> None:
    """Training and test draws of the miniature: nothing is shared at the usual distance."""
    for split, seed in (("test", None), ("train", 1_000_000)):
        write_mini(read_card("nasc_tg2"), tmp_path / split, split=split, count=1, seed=seed)
    assert found(tmp_path / "test", tmp_path / "train") == []


def test_strangers_of_real_data(shared: Path) -> None:
    """No picture of RSSCN7 is one of UCAS50, and none of its 217 is another, at the usual distance."""
    rsscn7 = fingerprints(pictures(shared / "data/RSSCN7")[:120:8])
    ucas = fingerprints(pictures(shared / "data/UCAS50/UCAS50/images")[:4])
    assert matches(rsscn7, ucas) == [] and matches(rsscn7, rsscn7, itself=True) == []
