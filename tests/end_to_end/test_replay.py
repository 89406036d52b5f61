"""Answers made elsewhere through the whole command: the figures of public scripts stand in report.json."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest

from rsbench.harness.cli import main

TYPES = [f"A{i}" for i in range(1, 21)]
CORNERS = [f"{axis}_{c}" for c in ("left_top", "right_top", "right_bottom", "left_bottom") for axis in "xy"]


def replay(tmp_path: Path, task: str, data: Path, answers: Any, *more: str) -> dict[str, Any]:
    """The report of a run that replays `answers`: rows of JSONL, or a file."""
    file = answers
    if not isinstance(answers, Path):
        file = tmp_path / "answers.jsonl"
        file.write_text("".join(json.dumps(row) + "\n" for row in answers), encoding="utf-8")
    output = tmp_path / f"runs-{task}-{len(list(tmp_path.iterdir()))}"
    options = ["--data", str(data), "--output", str(output)]
    main(["run", "--model", ",".join([f"replay,answers={file}", *more]), "--tasks", task, *options])
    (report,) = output.glob("*/report.json")
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    for path in report.parent.iterdir():  # no ledger says where things lie on this machine
        assert str(tmp_path) not in path.read_text(encoding="utf-8"), path.name
    return found


def figures(report: Mapping[str, Any]) -> dict[str, float | None]:
    return {figure["name"]: figure["value"] for figure in report["figures"]}


def voc(folder: Path, name: str, objects: Sequence[tuple[str, Sequence[float], bool]]) -> None:
    """One VOC annotation of a picture of 1000 pixels: class, box (4, 5 or 8 numbers), difficult."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = ""
    for label, box, difficult in objects:
        kind = "bndbox" if len(box) == 4 else "robndbox"
        parts = {4: ["xmin", "ymin", "xmax", "ymax"], 5: ["cx", "cy", "w", "h", "angle"], 8: CORNERS}[
            len(box)
        ]
        body = "".join(f"<{p}>{v!r}</{p}>" for p, v in zip(parts, box, strict=True))
        rows += f"<object><name>{escape(label)}</name><difficult>{int(difficult)}</difficult>"
        rows += f"<{kind}>{body}</{kind}></object>"
    size = "<size><width>1000</width><height>1000</height></size>"
    (folder / f"{name}.xml").write_text(f"<annotation>{size}{rows}</annotation>")


def scored(items: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    from rsbench.harness.geometry import from_rotated

    return [
        {
            "box": list(from_rotated(*d["rbox"]) if "rbox" in d else d["bbox"]),
            "label": f"kind {d['cls']}",
            "score": d["score"],
        }
        for d in items
    ]


def golden(shared: Path, name: str) -> list[dict[str, Any]]:
    """Cases whose detections have scores that differ: equal ones are one point of our curve (AP_nc)."""
    cases = json.loads((shared / "golden" / name).read_text())["cases"]
    return [c for c in cases if len({d["score"] for i in c["images"] for d in i["dt"]}) > 1]


IGNORED = ("difficult", "ignore", "iscrowd")


def mean(values: Sequence[float], case: Mapping[str, Any]) -> float:
    """Over the classes with objects: public scripts give the others 0 or none at all."""
    asked = {g["cls"] for image in case["images"] for g in image["gt"] if not any(map(g.get, IGNORED))}
    return float(sum(values[c] for c in asked)) / len(asked)


@pytest.mark.parametrize("form", ["hbb", "obb"])
def test_the_voc_rule_of_the_golden_cases(shared: Path, tmp_path: Path, form: str) -> None:
    compared = 0
    for number, case in enumerate(golden(shared, f"{form}_ap.json")):
        folder, data = tmp_path / str(number), tmp_path / str(number) / "data" / "Annotations"
        rows = []
        for i, image in enumerate(case["images"]):
            objects = [
                (
                    f"kind {g['cls']}",
                    g.get("rbox") or g["bbox"],
                    any(map(g.get, IGNORED)),
                )
                for g in image["gt"]
            ]
            voc(data, str(i), objects)
            rows.append({"id": str(i), "boxes": scored(image["dt"])})
        if not any(image["gt"] for image in case["images"]):
            continue
        report = replay(folder, "voc", data.parent, rows)
        if report["problems"]:
            continue  # truth that is no proper box, which the reader leaves out
        got = figures(report)
        for key, expected in case["expected"].get("mmdet_eval_map", case["expected"]).items():
            how, level = key.split("@") if "@" in key else key[3:].split("_")[::-1]
            rows_of = expected.get("float64_rule_ge", expected)["per_class"]
            name = f"AP@{float(level):.2f}/{how}/given"
            value = got.get(f"all classes/m{name}", got.get(f"all classes/{name}", "absent"))
            if value != "absent":
                assert value == pytest.approx(mean(rows_of, case), abs=1e-6), (case["name"], key)
                compared += 1
    assert compared >= 24


COCO = "AP,AP50,AP75,AP small,AP medium,AP large,AR1,AR10,AR100,AR small,AR medium,AR large".split(",")


def test_the_coco_rule_of_the_golden_cases(shared: Path, tmp_path: Path) -> None:
    compared = 0
    for number, case in enumerate(json.loads((shared / "golden" / "hbb_ap.json").read_text())["cases"]):
        rows = case["coco_gt"]["annotations"]
        if (
            not case["coco_dt"]
            or not rows
            or any(row.get("ignore") for row in rows)
            or case["max_dets"] != 100
        ):
            continue
        data = tmp_path / str(number) / "data"
        data.mkdir(parents=True)
        (data / "instances.json").write_text(json.dumps(case["coco_gt"]))
        (data.parent / "results.json").write_text(json.dumps(case["coco_dt"]))
        report = replay(data.parent, "coco", data, data.parent / "results.json")
        if report["problems"]:
            continue
        for name, expected in zip(COCO, case["expected"]["coco_stats"], strict=True):
            value = figures(report)[f"{name}/given"]
            assert (-1 if value is None else value) == pytest.approx(expected, abs=1e-9), (case["name"], name)
        compared += 1
    assert compared >= 10


def test_the_published_coco_results(shared: Path, tmp_path: Path) -> None:
    data = shared / "data" / "coco_fake_results"
    (results,) = (data / "results").glob("*fakebbox100*.json")
    got = figures(replay(tmp_path, "coco", data / "annotations", results))
    published = {"AP/given": 0.504581, "AP50/given": 0.696973, "AP75/given": 0.572982}
    assert {name: round(got[name] or 0, 6) for name in published} == published


def test_mar20_in_its_official_layout(shared: Path, tmp_path: Path) -> None:
    """Real xml of that form (DIOR's), its objects named as MAR20's types."""
    for kind in ("Horizontal Bounding Boxes", "Oriented Bounding Boxes"):
        target = tmp_path / "MAR20" / "Annotations" / kind
        target.mkdir(parents=True)
        for path in sorted((shared / "data" / "DIOR_annotations" / "Annotations" / kind).glob("*.xml")):
            parts = path.read_text(encoding="utf-8").split("<name>")
            named = [
                f"A{1 + k % 20}</name>" + part.split("</name>", 1)[1] for k, part in enumerate(parts[1:])
            ]
            (target / path.name).write_text("<name>".join([parts[0], *named]), encoding="utf-8")
    lists = tmp_path / "MAR20" / "ImageSets" / "Main"
    lists.mkdir(parents=True)
    names = sorted(p.stem for p in target.glob("*.xml"))
    (lists / "test.txt").write_text("\n".join(names[:60]) + "\n")
    (lists / "train.txt").write_text("\n".join(names[60:]) + "\n")
    for task, width in (("mar20", 4), ("mar20_obb", 8)):
        main(
            [
                "run",
                "--model",
                "oracle",
                "--tasks",
                task,
                "--data",
                str(tmp_path),
                "--output",
                str(tmp_path / task),
            ]
        )
        (folder,) = (tmp_path / task).glob(f"{task}-*")
        samples = [json.loads(line) for line in (folder / "samples.jsonl").read_text().splitlines()]
        truth = {s["id"]: s["target"].get("regions", []) for s in samples}
        assert sorted(truth) == sorted(names[:60])
        assert {len(r["points"]) for regions in truth.values() for r in regions} == {width}
        typed, common = (
            [
                {"id": i, "boxes": [{"box": r["points"], "label": label or r["label"], "score": 0.5 + k / 1e4}
                                    for k, r in enumerate(regions)]}
                for i, regions in truth.items()
            ]
            for label in (None, "airplane")
        )  # fmt: skip
        one, twenty = "one-class/AP@0.40/voc07/given", "20 classes/mAP@0.40/voc07/given"
        got = figures(replay(tmp_path, task, tmp_path, typed))
        assert got[one] == pytest.approx(1) and got[twenty] == pytest.approx(1)
        got = figures(replay(tmp_path, task, tmp_path, common))
        assert got[one] == pytest.approx(1) and got[twenty] == 0


def test_one_answer_under_every_rule_interpolation_and_confidence(tmp_path: Path) -> None:
    """Twenty aircraft, one typed wrongly and one box of IoU 0.45: the figures by hand."""
    data = tmp_path / "MAR20"
    boxes = [(40.0 * k, 0.0, 40.0 * k + 20, 20.0) for k in range(20)]
    voc(
        data / "Annotations" / "Horizontal Bounding Boxes",
        "1",
        [(t, b, False) for t, b in zip(TYPES, boxes, strict=True)],
    )
    (data / "ImageSets" / "Main").mkdir(parents=True)
    (data / "ImageSets" / "Main" / "test.txt").write_text("1\n")
    said = [list(b) for b in boxes]
    said[4][2] = said[4][0] + 9.0  # 9 of 20 columns: IoU 0.45
    labels = ["A2", *TYPES[1:]]
    text = " ".join(
        f"{label} [{', '.join(f'{v / 1000:.4f}' for v in b)}]" for label, b in zip(labels, said, strict=True)
    )
    report = replay(tmp_path, "mar20", data, [{"id": "1", "text": text}], "dialect=earthgpt")
    got = figures(report)
    assert report["headline"]["name"] == "one-class/AP@0.40/voc07/clip-score"
    assert report["headline"]["value"] is None  # there are no pictures to look at
    assert set(report["details"]["not computed"]) == {"clip-score", "logprob"}
    assert got["one-class/AP@0.40/voc07/none"] == got["one-class/AP@0.40/area/none"] == 1
    assert got["one-class/AP@0.50/area/none"] == pytest.approx(0.95 * 0.95)
    assert got["one-class/AP@0.50/voc07/none"] == pytest.approx(10 / 11 * 0.95)
    # A1 is missed, A2 has a false box beside the true one, in one group: precision 1/2
    assert got["20 classes/mAP@0.40/area/none"] == pytest.approx(18.5 / 20)
    assert got["20 classes/mAP@0.50/area/none"] == pytest.approx(17.5 / 20)


def test_the_strict_rule_of_classification(tmp_path: Path) -> None:
    data = tmp_path / "CLRS"
    said = {
        "airport/a.tif": ("airport", True),
        "airport/b.tif": ("The image shows an airport.", True),
        "airport/c.tif": ("not an airport", False),
        "airport/d.tif": ("an airport beside a bridge", False),
        "bare land/e.tif": ("Bare_Land", True),
        "bare land/f.tif": ("BareLand.", True),
        "storage tank/g.tif": ("storage-tank", True),
        "storage tank/h.tif": ("", False),
        "beach/i.tif": ("port", False),
        "beach/j.tif": ("Ｂｅａｃｈ", True),
    }
    for name in [*said, "beach/unasked.tif"]:
        (data / name).parent.mkdir(parents=True, exist_ok=True)
        (data / name).write_bytes(name.encode())
    rows = [{"id": name, "text": text} for name, (text, _) in said.items()]
    report = replay(tmp_path, "clrs", data, rows, "dialect=earthgpt")
    hits = sum(hit for _, hit in said.values())
    assert report["headline"]["value"] == pytest.approx(hits / len(said))
    assert report["headline"]["low"] <= hits / len(said) <= report["headline"]["high"]
    assert (report["samples"], report["failed"], report["unparsable"]) == (11, 1, 3)
    assert "incomplete: 1 of 11 without an answer" in report["labels"]
    table = report["details"]["choice"]["classes"]
    assert (table["airport"]["hits"], table["airport"]["samples"], table["bridge"]["samples"]) == (2, 4, 0)
    confusion = report["details"]["choice"]["confusion"]
    row = dict(zip(confusion["columns"], confusion["rows"][confusion["columns"].index("beach")], strict=True))
    assert (row["beach"], row["port"], row["unparsable"]) == (1, 1, 0)


@pytest.mark.parametrize(
    ("file", "task", "dialect", "published"),
    [
        (  # arXiv 2412.15190: presence 92.58 (cut, not rounded), comparison 92.75, average 92.70
            "rs_vqa/results/RSVQA_LR.jsonl", "vqa", (),
            {"type: presence": 92.589, "type: comp": 92.754, "type: rural_urban": 94.0,
             "OA without count": 92.702},
        ),
        ("rs_classification/results/AID.jsonl", "images", ("dialect=plain",), {"top-1": 88.467}),
    ],
)  # fmt: skip
def test_the_published_answers_of_earthdial(
    shared: Path, tmp_path: Path, file: str, task: str, dialect: tuple[str, ...], published: dict[str, float]
) -> None:
    """A file of answers and truths is the data and the answers at once; the format is recognised."""
    path = shared / "data" / "predictions_EarthDial" / file
    report = replay(tmp_path, task, path, path, *dialect)
    rule = "rsvqa/earthdial" if task == "vqa" else "cls/earthdial"
    found = {name: 100 * (figures(report)[f"{rule}/{name}"] or 0) for name in published}
    assert found == pytest.approx(published, abs=5e-4)
    assert report["failed"] == 0 and report["samples"] == (10004 if task == "vqa" else 3000)


def test_answers_of_another_kit_find_their_samples(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """GeoChat's file over a data set with other ids: by picture and question; the rest is counted."""
    data = tmp_path / "data.jsonl"
    asked = [
        ("1", "a.png", "Is there a ship?", "yes"),
        ("2", "a.png", "How many?", "2"),
        ("3", "b.png", "?", "no"),
    ]
    rows = [{"id": i, "image": p, "question": q, "truth": t} for i, p, q, t in asked]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows))
    said = [
        {"question_id": "x9", "image_id": "a", "question": "How many? Answer in one word.", "answer": "3"},
        {"question_id": "x8", "image_id": "a", "question": "is there a ship?", "answer": "Yes."},
        {"question_id": "x7", "image_id": "c", "question": "?", "answer": "no"},
    ]
    report = replay(tmp_path, "vqa", data, said)
    assert report["headline"]["value"] == pytest.approx(1 / 2) and report["failed"] == 1
    assert "read as geochat; 1 answers of no sample of the data" in capsys.readouterr().err


def test_a_submission_to_dota(tmp_path: Path) -> None:
    """Task1 files over VOC data: the class is in the file's name, an image not named has no objects."""
    data = tmp_path / "data" / "Annotations"
    for name in "12":
        voc(
            data,
            name,
            [("ship", (10.0, 10.0, 30.0, 30.0), False), ("plane", (50.0, 50.0, 70.0, 70.0), False)],
        )
    (tmp_path / "out").mkdir()
    corners = "10 10 30 10 30 30 10 30"
    (tmp_path / "out" / "Task1_ship.txt").write_text(f"1 0.9 {corners}\n2 0.8 {corners}\n")
    (tmp_path / "out" / "Task1_plane.txt").write_text(
        "1 0.7 50 50 70 50 70 70 50 70\nother 0.1 0 0 1 0 1 1 0 1\n"
    )
    report = replay(tmp_path, "voc", data.parent, tmp_path / "out")
    classes = {name: value for name, value in figures(report).items() if "@0.50/area" in name}
    assert classes and report["failed"] == 0
    assert next(v for n, v in classes.items() if n.startswith("all classes/m")) == pytest.approx(0.75)
