"""Answers made elsewhere, read from a file."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.adapters.replay import Replay
from rsbench.harness.contract import Boxes, Image, Request, Response, Runtime, Sample, Target, Text, Turn
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.understand import understand


def replay(path: Path, content: str, **options: str) -> Replay:
    path.write_text(content, encoding="utf-8")
    return Replay({"answers": str(path), **options}, Runtime())


def answers(adapter: Replay, ids: Sequence[str]) -> list[Response]:
    return list(adapter.generate([Request(f"key {i}", i, (), Boxes(("ship",))) for i in ids]))


def lines(*rows: Any) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_lines_of_every_kind(tmp_path: Path) -> None:
    box = {"box": [1, 2, 3, 4], "label": "ship", "score": 0.5}
    quad = {"box": [1, 2, 3, 2, 3, 4, 1, 4], "label": "plane"}
    rows = lines({"id": "a", "text": "ship"}, {"id": 2, "boxes": [box, quad]}, {"id": "c", "label": "port"})
    adapter = replay(tmp_path / "a.jsonl", "\ufeff" + rows + "\n", dialect="earthgpt")
    text, boxes, label, absent = answers(adapter, ["a", "2", "c", "d"])
    assert (text.key, text.sample_id, text.text) == ("key a", "a", "ship")
    assert boxes.regions and [(r.points, r.label, r.score) for r in boxes.regions] == [
        ((1, 2, 3, 4), "ship", 0.5),
        ((1, 2, 3, 2, 3, 4, 1, 4), "plane", None),
    ]
    assert label.label == "port"
    assert absent.error == "no answer in a.jsonl" and absent.text is None and absent.regions is None
    assert adapter.dialect == "earthgpt" and adapter.note is None


def test_a_text_for_every_turn(tmp_path: Path) -> None:
    rows = lines(
        {"id": "a", "texts": ["15", "There are"]}, {"id": "b", "texts": ["3"]}, {"id": "c", "text": "7"}
    )
    adapter = replay(tmp_path / "a.jsonl", rows)
    first = [Request(f"key {i}", i, (), Text("How many?")) for i in "abc"]
    said = list(adapter.generate(first))
    assert [r.text for r in said] == ["15", "3", "7"]
    second = [replace(r, turns=(Turn("How many?", s.text or ""),)) for r, s in zip(first, said, strict=True)]
    there, absent, again = adapter.generate(second)
    assert (there.text, again.text) == ("There are", "7")
    assert absent.error == "no answer to question 2 in a.jsonl" and absent.text is None


def test_broken_lines_are_counted_and_passed_by(tmp_path: Path) -> None:
    rows = lines(
        {"id": "a", "boxes": [{"box": [1, 2, 3], "label": "x"}, {"box": [1, 2, 3, 4], "label": "x"}, 7]},
        {"id": "b"},
        ["no", "row"],
        {"id": "c", "boxes": [{"box": [1, 2, 3, float("nan")], "label": "x"}]},
    )
    adapter = replay(tmp_path / "a.jsonl", rows + '{"id": "d", "te')
    kept, empty, nan, torn = answers(adapter, ["a", "b", "c", "d"])
    assert kept.regions and len(kept.regions) == 1
    assert empty.error == "line 2 of a.jsonl has no text, label or boxes"
    assert nan.regions == () and nan.error is None
    assert torn.error == "no answer in a.jsonl"
    assert adapter.note and "line 5 is not JSON" in adapter.note and "and 1 more" in adapter.note


def test_the_content_is_the_checkpoint(tmp_path: Path) -> None:
    first = replay(tmp_path / "a.jsonl", lines({"id": "a", "text": "x"})).checkpoint
    assert first == replay(tmp_path / "b.jsonl", lines({"id": "a", "text": "x"})).checkpoint
    assert first != replay(tmp_path / "b.jsonl", lines({"id": "a", "text": "y"})).checkpoint


def test_refusals(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="answers=FILE"):
        Replay({}, Runtime())
    with pytest.raises(UsageError, match="answers"):
        Replay({"anwsers": "x"}, Runtime())
    with pytest.raises(DataError, match="no file"):
        Replay({"answers": str(tmp_path / "none")}, Runtime())
    with pytest.raises(DataError, match="'a', 'b'"):
        replay(tmp_path / "a", lines(*({"id": i, "text": "x"} for i in "aabbc")))
    for content in ("", "[1, 2]", "[}", "\x00\x01", "hello", "[" * 10_000):
        with pytest.raises(DataError):
            replay(tmp_path / "a", content)


def test_other_data_is_noticed(tmp_path: Path) -> None:
    adapter = replay(tmp_path / "a", lines({"id": "a", "text": "x"}))
    sample = Sample("a", (Image("a.png", ""),), Target())
    adapter.prepare([sample], (), {})
    with pytest.raises(DataError, match="'a', the data 'other'"):
        adapter.prepare([Sample("other", sample.images, Target())], (), {})


def test_coco_results(tmp_path: Path) -> None:
    rows = [
        {"image_id": 42, "category_id": 18, "bbox": [10, 20, 30, 40], "score": 0.25},
        {"image_id": 42, "category_id": 1, "bbox": [10, 20, 30], "score": 0.25},
        {"image_id": "x", "category_id": 0, "bbox": [0, 0, 5, 5], "score": 1},
    ]
    adapter = replay(tmp_path / "r.json", json.dumps(rows))
    found, other, empty = answers(adapter, ["42", "x", "7"])
    assert found.regions and [(r.points, r.score) for r in found.regions] == [((10, 20, 40, 60), 0.25)]
    assert other.regions and other.regions[0].label == "category_id 0"
    assert empty.regions == () and empty.error is None
    assert adapter.note == "r.json: read as coco; item 2 has a box that is none"
    wants = Boxes(("dog", "cat"), aliases=(("category_id 1", "cat"), ("category_id 18", "dog")))
    answer = understand(found, wants, None, Image("42.jpg", ""))
    assert [region.label for region in answer.regions] == ["dog"]


def test_real_coco_results_reach_the_classes(shared: Path) -> None:
    """Every detection of the pycocotools example is kept, under the category's own name."""
    from rsbench.harness.datasets.card import read_card
    from rsbench.harness.datasets.coco import read

    folder = shared / "data" / "coco_fake_results"
    results = folder / "results" / "instances_val2014_fakebbox100_results.json"
    rows = json.loads(results.read_text())
    dataset = read(folder, read_card("coco"))
    adapter = Replay({"answers": str(results)}, Runtime())
    adapter.prepare(dataset.samples, dataset.classes, {})
    wants = Boxes(dataset.classes, aliases=dataset.aliases)
    found = []
    for sample, response in zip(
        dataset.samples, answers(adapter, [s.id for s in dataset.samples]), strict=True
    ):
        answer = understand(response, wants, None, sample.images[0])
        found += [(sample.id, region.label, region.score) for region in answer.regions]
    names = dict(dataset.aliases)
    expected = [(str(r["image_id"]), names[f"category_id {r['category_id']}"], r["score"]) for r in rows]
    assert sorted(found) == sorted(expected) and len(rows) > 500
