"""Places of a geojson with a folder of pictures each, as METER-ML has them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.datasets.card import read_card
from rsbench.harness.datasets.sites import read
from rsbench.harness.errors import DataError

METER = read_card("meter_ml")


def put(root: Path, *places: Any, split: str = "test") -> Path:
    features = [{"type": "Feature", "properties": p, "geometry": None} for p in places]
    (root / f"{split}.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": features}))
    return root


def picture(root: Path, folder: str) -> None:
    (root / folder).mkdir(parents=True)
    (root / folder / "naip.png").write_bytes(b"x")
    (root / folder / "sentinel-2-10m.npy").write_bytes(b"x")


def test_the_class_is_a_place_in_the_list_or_a_name(tmp_path: Path) -> None:
    for name in "abcd":
        picture(tmp_path, f"test_images/{name}")
    places = zip("abcd", (0, 5, 6.0, "R&Ts"), strict=True)
    put(tmp_path, *({"Image_Folder": f"test_images/{n}", "idx": value} for n, value in places))
    data = read(tmp_path, METER)
    assert [(s.id, s.target.label) for s in data.samples] == [
        ("test_images/a", "none of these"),
        ("test_images/b", "refinery or petroleum terminal"),
        ("test_images/c", "wastewater treatment plant"),
        ("test_images/d", "refinery or petroleum terminal"),
    ]
    assert data.samples[0].images[0].name == "test_images/a/naip.png" and data.problems == ()


def test_a_bad_place_costs_itself(tmp_path: Path) -> None:
    picture(tmp_path / "data", "test_images/a")
    picture(tmp_path, "outside")
    (tmp_path / "data/test_images/empty").mkdir()
    (tmp_path / "data/test_images/empty/naip.png").touch()
    good = {"Image_Folder": "test_images/a", "idx": 1}
    strange = (7, -1, 1.5, True, "volcano", None)
    put(
        tmp_path / "data", good, good, {"idx": 1}, {**good, "Image_Folder": "../outside"}, None,
        {"Image_Folder": "test_images/gone", "idx": 1}, {"Image_Folder": "test_images/empty", "idx": 1},
        *({"Image_Folder": f"x{n}", "idx": value} for n, value in enumerate(strange)),
    )  # fmt: skip
    data = read(tmp_path / "data", METER)
    assert [s.id for s in data.samples] == ["test_images/a"]
    assert [(p.item, p.reason) for p in data.problems] == [
        ("test_images/a", "a second place of this folder is left out"),
        ("place 3 of test.geojson", "no folder"),
        ("../outside", "a folder outside the data"),
        ("place 5 of test.geojson", "no folder"),
        ("test_images/gone", "there is no naip.png"),
        ("test_images/empty", "there is no naip.png"),
        *((f"x{n}", "no class of the card") for n in range(6)),
    ]


def test_what_is_no_such_data(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="there is no val.geojson"):
        read(tmp_path, METER, "val")
    for body in ("{", "[]", '{"features": 3}', '{"features": [1]}'):
        (tmp_path / "test.geojson").write_text(body)
        with pytest.raises(DataError, match="no geojson with features"):
            read(tmp_path, METER)
    put(tmp_path, {"Image_Folder": "gone", "idx": 0})
    with pytest.raises(DataError, match="no place with a class and a picture") as caught:
        read(tmp_path, METER)
    assert "gone: there is no naip.png" in str(caught.value)
