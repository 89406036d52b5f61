"""Data sets of Hugging Face serve any card: made here on the spot, in every form they are kept in."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import pytest
from PIL import Image as Pictures

from rsbench.harness.contract import Sample
from rsbench.harness.datasets.card import Card, Dataset, card_names, read_card
from rsbench.harness.datasets.hugging_face import read
from rsbench.harness.datasets.images import open_rgb
from rsbench.harness.datasets.open import COPY, describe, open_dataset
from rsbench.harness.errors import DataError
from rsbench.harness.records import FIELDS

datasets.disable_progress_bars()


def picture(red: int, size: tuple[int, int] = (40, 30), form: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    Pictures.new("RGB", size, (red, 0, 0)).save(buffer, form)
    return buffer.getvalue()


def made(features: Mapping[str, Any], **columns: list[Any]) -> datasets.Dataset:
    kinds = {"image": datasets.Image(), **features}
    images = [{"bytes": picture(i), "path": None} for i in range(len(next(iter(columns.values()))))]
    return datasets.Dataset.from_dict({"image": images, **columns}, features=datasets.Features(kinds))


def of(card: str, **mapping: Any) -> Card:
    return replace(read_card(card), hugging_face=mapping)


def opened(found: datasets.Dataset, card: Card, folder: Path, split: str = "test") -> Dataset:
    datasets.DatasetDict({split: found}).save_to_disk(str(folder / "data"))
    return open_dataset(card, f"hf:{folder / 'data'}", cache=folder)[0]


def labelled() -> datasets.Dataset:
    names = list(read_card("nasc_tg2").classes)
    return made({"label": datasets.ClassLabel(names=names)}, label=[0, 1, 9, 9])


def test_every_form_of_a_split(tmp_path: Path) -> None:
    card, found = of("nasc_tg2", splits={"test": "train"}), labelled()
    found.save_to_disk(str(tmp_path / "one"))
    datasets.DatasetDict({"train": found, "more": found}).save_to_disk(str(tmp_path / "several"))
    (tmp_path / "repository/data").mkdir(parents=True)
    found.to_parquet(str(tmp_path / "repository/data/train-00000-of-00001.parquet"))
    (arrow,) = (tmp_path / "one").glob("*.arrow")
    parquet = "repository/data/train-00000-of-00001.parquet"
    labels = []
    for where in ("one", "several", "repository", parquet, f"one/{arrow.name}"):
        data, kind = open_dataset(card, f"hf:{tmp_path / where}", cache=tmp_path)
        assert kind == COPY and not data.problems and data.classes == card.classes
        assert [s.id.rpartition("-")[2] for s in data.samples] == ["0", "1", "2", "3"]
        labels.append([s.target.label for s in data.samples])
    assert labels == [["beach", "circular farmland", "snowberg", "snowberg"]] * 5


def test_bytes_are_kept_once_as_they_are(tmp_path: Path) -> None:
    found = labelled()
    data = opened(found, of("nasc_tg2"), tmp_path)
    again = open_dataset(of("nasc_tg2"), f"hf:{tmp_path / 'data'}", cache=tmp_path)[0]
    assert again == data
    for number, sample in enumerate(data.samples):
        image = sample.images[0]
        assert Path(image.path).read_bytes() == picture(number)
        assert image.name == hashlib.sha256(picture(number)).hexdigest() + ".png" and image.size is None
        assert open_rgb(image).getpixel((0, 0)) == (number, 0, 0)
    assert len(list((tmp_path / "hugging_face").rglob("*.png"))) == 4
    torn = Path(data.samples[0].images[0].path)
    torn.write_bytes(b"half")  # of a writer that was killed
    open_dataset(of("nasc_tg2"), f"hf:{tmp_path / 'data'}", cache=tmp_path)
    assert torn.read_bytes() == picture(0)


def test_one_picture_of_several_expressions(tmp_path: Path) -> None:
    """The columns of danielz01/DIOR-RSVG, under the cards as they are shipped."""
    objects = {
        "bbox": datasets.List(datasets.List(datasets.Value("int32"))),
        "captions": datasets.List(datasets.Value("string")),
        "categories": datasets.List(datasets.Value("string")),
    }
    rows = [
        {
            "bbox": [[1, 2, 10, 12], [3, 3, 9, 9]],
            "captions": ["the ship", "a dam"],
            "categories": ["ship", "dam"],
        },
        {"bbox": [[0, 0, 5, 5]], "captions": ["windy"], "categories": ["windmill"]},
    ]
    found = made({"objects": objects}, objects=rows)
    data = opened(found, read_card("dior_rsvg"), tmp_path)
    assert [(s.id, s.question) for s in data.samples] == [
        ("test-0-0", "the ship"), ("test-0-1", "a dam"), ("test-1", "windy"),
    ]  # fmt: skip
    assert [s.target.regions[0].points for s in data.samples] == [(1, 2, 10, 12), (3, 3, 9, 9), (0, 0, 5, 5)]
    assert {s.target.size for s in data.samples} == {(40, 30)} and data.samples[0].tags[
        "object size"
    ] == "small"
    assert data.samples[0].images == data.samples[1].images
    described = open_dataset(read_card("dior_rsvg_region"), f"hf:{tmp_path / 'data'}", cache=tmp_path)[0]
    assert [s.target.texts for s in described.samples] == [("the ship",), ("a dam",), ("windy",)]
    assert [s.target.label for s in described.samples] == ["ship", "dam", "windmill"]
    assert described.samples[1].regions[0].points == (3, 3, 9, 9)


@pytest.mark.parametrize(
    ("mapping", "box", "points"),
    [
        ({}, [1, 2, 30, 20], (1, 2, 30, 20)),
        ({"boxes": "xywh"}, [1, 2, 30, 20], (1, 2, 31, 22)),
        ({"boxes": "cxcywh", "units": "fraction"}, [0.5, 0.5, 0.5, 0.2], (10, 12, 30, 18)),
        ({"units": "hundredths"}, [0, 10, 50, 100], (0, 3, 20, 30)),
        (
            {"units": "thousandths", "boxes": "corners"},
            [0, 0, 500, 0, 500, 500, 0, 500],
            (0, 0, 20, 0, 20, 15, 0, 15),
        ),
    ],
)
def test_boxes_in_every_convention(mapping: Any, box: Any, points: Any, tmp_path: Path) -> None:
    kinds = {"where": datasets.List(datasets.Value("float64")), "what": datasets.Value("string")}
    found = made(kinds, where=[box], what=["x"])
    data = opened(found, of("grounding", truth="where", question="what", **mapping), tmp_path)
    assert data.samples[0].target.regions[0].points == pytest.approx(points)


def test_objects_of_classes(tmp_path: Path) -> None:
    names = datasets.ClassLabel(names=["Car", "ship"])
    kinds = {
        "objects": {
            "bbox": datasets.List(datasets.List(datasets.Value("float32"))),
            "category": datasets.List(names),
        }
    }
    rows = [
        {"bbox": [[1, 2, 10, 12], [3, 3, 0, 9]], "category": [0, 1]},
        {"bbox": [], "category": []},
    ]
    card = of("coco", truth="objects.bbox", label="objects.category", boxes="xywh")
    data = opened(made(kinds, objects=rows), card, tmp_path)
    first, second = data.samples
    assert [(r.label, r.points) for r in first.target.regions] == [("car", (1, 2, 11, 14))]
    assert second.target.regions == () and second.images[0].size == (40, 30)
    assert [p.reason for p in data.problems] == ["a box without area (ship)"]


def test_questions_captions_and_choices(tmp_path: Path) -> None:
    text, texts = datasets.Value("string"), datasets.List(datasets.Value("string"))
    card = of("vqa", kind="what_kind")
    kinds = {"question": text, "answer": text, "what_kind": text}
    asked = opened(
        made(kinds, question=["Is it?"], answer=["yes"], what_kind=["presence"]), card, tmp_path / "a"
    )
    assert asked.samples[0].question == "Is it?" and asked.samples[0].target.texts == ("yes",)
    assert asked.samples[0].target.kind == "presence"
    said = opened(made({"five": texts}, five=[["a", "b"]]), of("captions", references="five"), tmp_path / "b")
    assert said.samples[0].target.texts == ("a", "b")
    kinds = {"question": text, "choices": texts, "answer": text}
    rows = made(kinds, question=["Which?", "Which?"], choices=[["port", "beach"]] * 2, answer=["beach", "C"])
    picked = opened(rows, of("choices"), tmp_path / "c")
    assert [s.target.label for s in picked.samples] == ["B"] and "none of the choices" in picked.problems[
        0
    ].reason


def test_numbers_with_names_in_the_card(tmp_path: Path) -> None:
    found = made(
        {"y": datasets.Value("int64"), "id": datasets.Value("string")}, y=[1, 0, 7], id=["a", "b", "c"]
    )
    data = opened(found, of("nasc_tg2", label="y", names=["beach", "cloud"]), tmp_path)
    assert [(s.id, s.target.label) for s in data.samples] == [("a", "cloud"), ("b", "beach")]
    assert [p.reason for p in data.problems] == ["the unknown class 7"]


def test_broken_rows_are_counted(tmp_path: Path) -> None:
    kinds = datasets.Features({"image": datasets.Image(), "label": datasets.Value("string")})
    images = [
        {"bytes": picture(1), "path": None},
        {"bytes": b"", "path": None},
        None,
        {"bytes": b"x", "path": "a.jpg"},
    ]
    found = datasets.Dataset.from_dict({"image": images, "label": ["beach"] * 4}, features=kinds)
    data = opened(found, of("nasc_tg2"), tmp_path)
    assert [s.id for s in data.samples] == [
        "test-0",
        "test-3",
    ]  # the last is found damaged when it is decoded
    assert [p.reason for p in data.problems] == ["there is no picture"] * 2
    boxed = found.add_column("truth", [[0, 0, 9, 9]] * 4).add_column("question", ["x"] * 4)
    data = opened(boxed, of("grounding"), tmp_path / "boxed")
    assert len(data.samples) == 1 and "damaged or not an image" in data.problems[-1].reason


def test_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="There is no ./nowhere"):
        read("./nowhere", of("nasc_tg2"), None, tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="cannot be read by datasets"):
        read(str(tmp_path / "empty"), of("nasc_tg2"), None, tmp_path)
    (tmp_path / "bad.parquet").write_bytes(b"PAR1 and then nothing")
    with pytest.raises(DataError, match="cannot be read by datasets"):
        read(str(tmp_path / "bad.parquet"), of("nasc_tg2"), None, tmp_path)
    datasets.DatasetDict({"train": labelled(), "val": labelled()}).save_to_disk(str(tmp_path / "d"))
    with pytest.raises(DataError, match="has no split 'test'; it has train, val") as caught:
        read(str(tmp_path / "d"), of("nasc_tg2"), "test", tmp_path)
    assert "--split" in str(caught.value)
    with pytest.raises(DataError, match="no row that nasc_tg2 can use.*there is no column 'photo'") as caught:
        read(str(tmp_path / "d"), of("nasc_tg2", image="photo", splits={"test": "val"}), "test", tmp_path)
    assert "Its columns: image, label." in str(caught.value)
    with pytest.raises(DataError, match="boxes of the form yxyx"):
        read(str(tmp_path / "d"), of("grounding", boxes="yxyx", splits={"": "val"}), "", tmp_path)


def test_a_hub_that_cannot_be_reached(tmp_path: Path) -> None:
    """In a process of its own, as the library reads its settings once."""
    parts = [
        "run",
        "--model",
        "blank",
        "--tasks",
        "nasc_tg2",
        "--data",
        "hf:nobody/nothing",
        "--output",
        str(tmp_path),
    ]
    env = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-m", "rsbench", *parts], env=env, capture_output=True, text=True)
    assert done.returncode == 3 and "Traceback" not in done.stderr
    assert "cannot be reached" in done.stderr and "--data hf:DIR" in done.stderr


def test_without_the_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(DataError, match=r"pip install 'rsbench\[datasets\]'"):
        read(str(tmp_path), of("nasc_tg2"), None, tmp_path)


@pytest.mark.parametrize("name", [n for n in card_names() if read_card(n).hugging_face])
def test_what_cards_say(name: str) -> None:
    card = read_card(name)
    known = {*FIELDS, "image", "repository", "splits", "config", "each", "names", "boxes", "units"}
    assert card.hugging_face.keys() <= known and card.hugging_face["repository"].count("/") == 1
    assert card.hugging_face.get("splits", {}).keys() <= card.counts.keys()
    assert any("Hugging Face" in what for what in card.certainty)
    assert f"--data hf:{card.hugging_face['repository']}" in describe(card)


def test_samples_are_of_the_sensor_of_the_card(tmp_path: Path) -> None:
    sample: Sample = opened(labelled(), of("nasc_tg2"), tmp_path).samples[0]
    assert sample.tags == {"sensor": "optical", "class": "beach"}
