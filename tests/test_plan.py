"""A task rebuilt from its ledger asks exactly what the run asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rsbench.harness.contract import Boxes, Runtime, Text, Turn
from rsbench.harness.datasets.card import parse_card, read_card
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.errors import UsageError
from rsbench.harness.ledger import Ledger, start
from rsbench.harness.plan import build_adapter, build_spec, plan, prompted, stored_task, varied


def test_a_stored_task_asks_the_same(tmp_path: Path) -> None:
    content = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 9, "height": 9}],
        "categories": [{"id": 7, "name": "Ship"}, {"id": 9, "name": "StorageTank"}],
        "annotations": [{"id": 1, "image_id": 1, "category_id": 9, "bbox": [1, 1, 5, 5]}],
    }
    (tmp_path / "data").mkdir()
    (tmp_path / "data/a.json").write_text(json.dumps(content))
    planned = plan("coco", str(tmp_path / "data"), None, None, 0, tmp_path)
    adapter, options = build_adapter("blank", Runtime())
    spec = build_spec(planned, adapter, options, None, None, Runtime())
    data = planned.dataset
    ledger = start(tmp_path, spec, data.classes, planned.samples, data.problems, {}, None, data.aliases)
    again = stored_task(ledger)
    assert again.request(ledger.samples()[0], ()) == planned.task.request(planned.samples[0], ())
    assert "prompting" not in ledger.folder.name and ledger.spec["prompting"] is None
    assert data.aliases == (("category_id 7", "ship"), ("category_id 9", "storage tank"))


def test_prompting_is_part_of_the_run_and_of_what_is_asked(tmp_path: Path) -> None:
    write_mini(read_card("mar20_obb"), tmp_path / "data", count=3)
    specs, folders = [], []
    for prompting, first in ((None, None), ("count", Text), ("hbb", Boxes)):
        planned = plan("mar20_obb", str(tmp_path / "data"), None, None, 0, tmp_path, prompting)
        adapter, options = build_adapter("blank", Runtime())
        spec = build_spec(planned, adapter, options, None, None, Runtime())
        data = planned.dataset
        ledger = start(tmp_path, spec, data.classes, planned.samples, data.problems, {})
        again, sample = stored_task(ledger), ledger.samples()[0]
        histories: list[tuple[Turn, ...]] = [(), (Turn("?", "!"),), (Turn("?", "!"),) * 2]
        asked = [again.request(sample, history) for history in histories]
        assert asked == [planned.task.request(planned.samples[0], history) for history in histories]
        if first is not None:
            assert isinstance(asked[0], first)
            assert isinstance(asked[1], Boxes) and asked[1].oriented and asked[2] is None
        assert again.samples() == ledger.samples()
        specs.append(spec)
        folders.append(ledger.folder)
    assert len(set(folders)) == 3
    assert len({spec.source for spec in specs}) == 1  # the same data, whatever is asked first


def test_a_limit_that_leaves_no_sample_out_is_none(tmp_path: Path) -> None:
    write_mini(read_card("mar20"), tmp_path / "data", count=3)
    whole, equal, above, below = (
        plan("mar20", str(tmp_path / "data"), None, limit, 0, tmp_path) for limit in (None, 3, 200, 2)
    )
    assert equal.samples == above.samples == whole.samples and len(whole.samples) == 3
    assert len(below.samples) == 2
    adapter, options = build_adapter("blank", Runtime())
    specs = [
        build_spec(each, adapter, options, None, None, Runtime()) for each in (whole, equal, above, below)
    ]
    assert specs[0] == specs[1] == specs[2] and [spec.limit for spec in specs] == [None, None, None, 2]


def test_changed_pictures_are_asked_about_besides(tmp_path: Path) -> None:
    write_mini(read_card("mar20"), tmp_path / "data", count=3)
    planned = plan("mar20", str(tmp_path / "data"), None, 2, 0, tmp_path)
    more = varied(planned, "d4", ("haze", "gsd/2"), 0)
    assert (more.samples, more.source, more.limit) == (planned.samples, planned.source, 2)
    assert len(more.variants) == 2 * (7 + 5 + 1) and varied(planned, None, (), 0).variants == ()
    adapter, options = build_adapter("blank", Runtime())
    specs = [build_spec(each, adapter, options, None, None, Runtime()) for each in (planned, more)]
    assert (specs[1].views, specs[1].corrupt) == ("d4", ("haze", "gsd/2"))
    data = more.dataset
    ledger = start(tmp_path, specs[1], data.classes, (*more.samples, *more.variants), data.problems, {})
    assert len(ledger.samples()) == 28 and Ledger(ledger.folder).spec["corrupt"] == ["haze", "gsd/2"]
    again = stored_task(ledger)  # of the pictures as they are
    assert [sample.id for sample in again.samples()] == [sample.id for sample in planned.samples]


def test_prompting_is_for_detection() -> None:
    card = read_card("clrs")
    assert prompted(card, None) is card
    with pytest.raises(UsageError, match="clrs has no question that could come first"):
        prompted(card, "count")
    with pytest.raises(UsageError, match="prompting"):
        prompted(read_card("mar20"), "counting")


def test_what_a_report_calls_the_data(tmp_path: Path) -> None:
    """Fewer items than are published, or answers that bring their truths, are not the published data."""
    path = tmp_path / "two.yaml"
    path.write_text(
        "{name: two, family: captioning, version: 1, title: Two, layout: karpathy, citation: A., split: test,"
        " counts: {test: 2}, options: {file: two.json, references: 1}, protocol: {headline: BLEU-4}}"
    )
    assert parse_card(path).items(1) == "1 image"
    rows = [{"id": n, "answer": "a road", "truth": ["a road"]} for n in range(2)]
    found = []
    for number in (1, 2):
        answers = tmp_path / f"{number}.jsonl"
        answers.write_text("".join(json.dumps(row) + "\n" for row in rows[:number]))
        found.append(plan(str(path), str(answers), None, None, 0, tmp_path).source.kind)
        folder = tmp_path / str(number)
        folder.mkdir()
        images = [
            {"filename": f"{n}.jpg", "split": "test", "sentences": [{"raw": "a road"}]} for n in range(number)
        ]
        (folder / "two.json").write_text(json.dumps({"images": images}))
        found.append(plan(str(path), str(folder), None, None, 0, tmp_path).source.kind)
    part = "1 image where 2 are published"
    truths = "truths from a file of answers"
    assert found == [f"{truths}: {part}", part, truths, "official"]
