"""Files of answers as kits publish them, through the command: published figures come out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.cli import main


def scored(out: Path, *args: str) -> dict[str, Any]:
    """The report of one `rsbench score`."""
    main(["score", *args, "--output", str(out), "--resamples", "20"])
    (path,) = out.glob("*/report.json")
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report


def percent(report: dict[str, Any]) -> dict[str, float | None]:
    return {f["name"]: None if f["value"] is None else 100 * f["value"] for f in report["figures"]}


def test_rsvqa_lr_as_published(shared: Path, tmp_path: Path) -> None:
    """EarthDial's table: presence 92.58 (cut, not rounded), comparison 92.75, average 92.70."""
    file = shared / "data/predictions_EarthDial/rs_vqa/results/RSVQA_LR.jsonl"
    report = scored(tmp_path, str(file), "--task", "vqa")
    found = percent(report)
    assert report["samples"] == 10004 and report["failed"] == 0
    assert found["rsvqa/earthdial/type: presence"] == pytest.approx(92.589, abs=5e-4)
    assert found["rsvqa/earthdial/type: comp"] == pytest.approx(92.754, abs=5e-4)
    assert found["rsvqa/earthdial/OA without count"] == pytest.approx(92.702, abs=5e-4)
    assert report["labels"] == ["own data"]


def test_nwpu_captions_as_published(shared: Path, tmp_path: Path) -> None:
    file = shared / "data/predictions_EarthDial/rs_image_caption/results/NWPU_RESISC45_Captions.jsonl"
    found = percent(scored(tmp_path, str(file), "--task", "captions"))
    assert found["ROUGE-1/mean of references"] == pytest.approx(45.84, abs=5e-3)
    assert found["ROUGE-L/mean of references"] == pytest.approx(39.96, abs=5e-3)


def test_the_coco_results_as_published(shared: Path, tmp_path: Path) -> None:
    """A list of results beside its annotations: the example of the COCO repository."""
    folder = shared / "data/coco_fake_results"
    file = folder / "results/instances_val2014_fakebbox100_results.json"
    found = percent(scored(tmp_path, str(file), "--task", "coco", "--data", str(folder)))
    published = {"AP/given": 50.4581, "AP50/given": 69.6973, "AP75/given": 57.2982}
    assert {name: found[name] for name in published} == pytest.approx(published, abs=5e-5)


def test_aid_under_every_rule(shared: Path, tmp_path: Path) -> None:
    file = shared / "data/predictions_EarthDial/rs_classification/results/AID.jsonl"
    found = percent(scored(tmp_path, str(file), "--task", "images"))
    assert found["cls/earthdial/top-1"] == pytest.approx(88.467, abs=5e-4)
    assert {name.rpartition("/")[0] for name in found} >= {"", "cls/geochat", "cls/contain", "cls/either"}


def test_a_file_needs_to_know_what_was_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"annotation": "yes", "answer": "yes"}\n', encoding="utf-8")
    with pytest.raises(SystemExit) as stop:
        main(["score", str(file)])
    assert stop.value.code == 2 and "--task" in capsys.readouterr().err


def test_broken_lines_cost_themselves(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    rows = ['{"annotation": "yes", "answer": "yes"}', "no json", '{"annotation": "no"}', '{"answer": "no"}']
    file.write_text("\n".join(rows), encoding="utf-8")
    report = scored(tmp_path / "runs", str(file), "--task", "vqa")
    assert (report["samples"], report["failed"]) == (3, 2)  # neither of the last two holds an answer
    assert [problem["item"] for problem in report["problems"]] == ["line 2"]


def test_masks_of_a_file(tmp_path: Path) -> None:
    """Two pixels of a 2 x 2 image are asked for: the answer has one of them, then both."""
    rows = [
        {"id": 1, "truth": {"size": [2, 2], "counts": "022"}, "masks": [{"size": [2, 2], "counts": "013"}]},
        {"id": 2, "truth": {"size": [2, 2], "counts": "022"}, "masks": [{"size": [2, 2], "counts": "022"}]},
        {"id": 3, "truth": {"size": [2, 2], "counts": "9"}, "masks": []},
    ]
    file = tmp_path / "a.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    report = scored(tmp_path / "runs", str(file), "--task", "masks")
    found = percent(report)
    assert found["mask/mean_iou"] == pytest.approx(75) and found["mask/cum_iou"] == pytest.approx(75)
    assert len(report["problems"]) == 1


def detector(tmp_path: Path, split: str, right: list[float], wrong: list[float]) -> Path:
    """A run of a detector on pictures with one ship each: true boxes and false ones, with these scores."""
    data, lines = tmp_path / split / "Annotations", []
    data.mkdir(parents=True)
    for i, (good, bad) in enumerate(zip(right, wrong, strict=True)):
        box = [10 + i, 10, 40 + i, 40 + len(split)]
        corners = "".join(
            f"<{k}>{v}</{k}>" for k, v in zip(("xmin", "ymin", "xmax", "ymax"), box, strict=True)
        )
        size = "<size><width>100</width><height>100</height></size>"
        ship = f"<object><name>ship</name><bndbox>{corners}</bndbox></object>"
        (data / f"{i}.xml").write_text(f"<annotation>{size}{ship}</annotation>")
        boxes = [
            {"box": box, "label": "ship", "score": good},
            {"box": [70, 70, 80, 80], "label": "ship", "score": bad},
        ]
        lines.append(json.dumps({"id": str(i), "boxes": boxes}))
    answers = tmp_path / f"{split}.jsonl"
    answers.write_text("\n".join(lines), encoding="utf-8")
    output = tmp_path / f"{split}-runs"
    model = f"replay,answers={answers}"
    main(["run", "--model", model, "--tasks", "voc", "--data", str(data.parent), "--output", str(output)])
    return next(output.glob("voc-*"))


def test_a_cut_is_chosen_on_other_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """On validation data the false boxes lie below 0.4; on test data one lies above, and stays."""
    validation = detector(tmp_path, "val", [0.9, 0.8, 0.5], [0.35, 0.3, 0.2])
    test = detector(tmp_path, "test", [0.9, 0.8, 0.5], [0.6, 0.3, 0.2])
    main(["score", str(test), "--validation", str(validation)])
    cut = json.loads((test / "report.json").read_text(encoding="utf-8"))["details"]["cut"]
    assert cut["score"] == 0.35 and cut["tried"]["0.35"] == 1.0 and cut["tried"]["0.1"] < 1
    assert cut["figures"]["all classes/AP@0.50/area"] == pytest.approx(0.75)  # one tied group: P 3/4, R 1
    assert "chosen on validation data" in (test / "report.md").read_text(encoding="utf-8")
    with pytest.raises(SystemExit) as stop:
        main(["score", str(test), "--validation", str(test)])
    assert stop.value.code == 2 and "those the cut was chosen on" in capsys.readouterr().err


def test_another_rule_has_a_report_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An empty answer is right under LHRS-Bot's rule, and the run's own report does not change."""
    file = tmp_path / "a.jsonl"
    rows = ['{"annotation": "yes", "answer": "yes"}', '{"annotation": "no", "answer": ""}']
    file.write_text("\n".join(rows), encoding="utf-8")
    scored(tmp_path / "runs", str(file), "--task", "vqa")
    (run,) = (tmp_path / "runs").glob("vqa-*")
    before = {name: (run / name).read_bytes() for name in ("report.json", "report.md", "evidence.jsonl")}
    main(["score", str(run), "--rule", "rsvqa/lhrs"])
    assert before == {name: (run / name).read_bytes() for name in before}
    other = json.loads((run / "report-rsvqa-lhrs.json").read_text(encoding="utf-8"))
    assert other["headline"]["name"] == "rsvqa/lhrs/OA" and other["headline"]["value"] == 1.0
    assert "rule rsvqa/lhrs" in other["labels"]
    assert json.loads(before["report.json"])["headline"]["value"] == 0.5
    for path, wrong in ((run, "rsvqa/lrhs"), (run, "cls/geochat"), (file, "rsvqa/lhrs")):
        with pytest.raises(SystemExit) as stop:
            main(["score", str(path), "--rule", wrong])
        assert stop.value.code == 2
    assert "rsvqa/lhrs" in capsys.readouterr().err
