"""Bad data at the command line: a clear message or a counted record, the rest unharmed, the report whole."""

from __future__ import annotations

import json
import resource
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import PIL.Image
import pytest

from rsbench.harness.cli import main

from ..tif_writer import write_hollow

EARTHGPT = "oracle,dialect=earthgpt"  # the truth, written and read back


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a command left behind; the report is None where it wrote none."""

    code: int
    said: str
    report: dict[str, Any] | None

    @property
    def problems(self) -> dict[str, str]:
        assert self.report is not None
        return {problem["item"]: problem["reason"] for problem in self.report["problems"]}


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    """`rsbench run` in this process: any exception but an exit would be the traceback a user sees."""

    def command(task: str, data: Path, model: str = "oracle", *more: str) -> Outcome:
        output = tmp_path / "runs"
        code = 0
        try:
            main(
                [
                    "run",
                    "--model",
                    model,
                    "--tasks",
                    task,
                    "--data",
                    str(data),
                    "--output",
                    str(output),
                    *more,
                ]
            )
        except SystemExit as stop:
            code = int(stop.code or 0)
        streams = capsys.readouterr()
        assert "Traceback" not in streams.out + streams.err
        reports = sorted(output.glob("*/report.json"), key=lambda path: path.stat().st_mtime)
        if code:
            assert not reports, "a report of a run that failed"
            return Outcome(code, streams.err, None)
        page = reports[-1].with_name("report.md").read_text()
        report = json.loads(reports[-1].read_text())
        assert all(problem["item"] in page for problem in report["problems"])
        return Outcome(code, streams.out + streams.err, report)

    return command


def picture(path: Path, shade: int = 100, side: int = 32) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.linear_gradient("L").resize((side, side)).point(lambda v: v * shade // 255).save(path)
    return path


def questions(path: Path, rows: list[dict[str, Any]], end: str = "\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes("".join(json.dumps(row) + end for row in rows).encode())
    return path


def asked(key: str, image: str = "a.png", answer: str = "yes") -> dict[str, Any]:
    return {
        "id": key,
        "image": image,
        "question": f"Is this picture {key}?",
        "truth": answer,
        "kind": "presence",
    }


def test_ids_that_occur_twice(run: Any, tmp_path: Path) -> None:
    picture(tmp_path / "vqa/a.png")
    questions(tmp_path / "vqa/q.jsonl", [asked("1"), asked("2"), asked("1", answer="no")])
    outcome = run("vqa", tmp_path / "vqa")
    assert outcome.report["samples"] == 2 and outcome.report["headline"]["value"] == 1
    assert list(outcome.problems.values()) == ["a second record with the id '1' is left out"]

    picture(tmp_path / "coco/a.png")
    image = {"id": 1, "file_name": "a.png", "width": 32, "height": 32}
    box = {"id": 1, "image_id": 1, "category_id": 1, "bbox": [2, 2, 20, 20]}
    content = {"images": [image, image], "categories": [{"id": 1, "name": "ship"}], "annotations": [box, box]}
    (tmp_path / "coco/a.json").write_text(json.dumps(content))
    outcome = run("coco", tmp_path / "coco")
    assert outcome.report["samples"] == 1 and outcome.report["headline"]["value"] == 1
    assert "second" in " ".join(outcome.problems.values())


def test_questions_without_pictures_and_pictures_without_questions(run: Any, tmp_path: Path) -> None:
    for name, images in {"some": ("a.png", "unasked.png"), "none": ()}.items():
        for image in images:
            picture(tmp_path / name / "AID/images" / image)
        lines = [
            "a.png:is it 1?yes",
            "a.png:is it 2?yes",
            "gone.png:is it 3?yes",
            ":is it 4?yes",
            "a.png:is it 5?",
        ]
        (tmp_path / name / "AID").mkdir(parents=True, exist_ok=True)
        (tmp_path / name / "AID/rsicd_vqa.txt").write_text("\n".join(lines))
    some = run("rsivqa", tmp_path / "some")
    assert some.report["samples"] == 2 and some.report["headline"]["value"] == 1
    assert len(some.problems) == 3 and "missing" in some.problems["AID/gone.png"]
    none = run("rsivqa", tmp_path / "none")  # a copy without any picture is one for scoring alone
    assert none.report["samples"] == 3 and len(none.problems) == 2


QUOTED = 'a "large road and a river\'s bend, said "so'


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_unbalanced_quotes_and_line_ends(run: Any, tmp_path: Path, end: str) -> None:
    for name in ("airport_1", "beach_2"):
        picture(tmp_path / f"rsicd_precomp/images/{name}.png")
    lines = [f"{QUOTED} {number}" for number in range(5)]
    folder = tmp_path / "rsicd_precomp"
    (folder / "test_caps.txt").write_bytes(end.join([*lines, *lines, ""]).encode())
    names = ["airport_1.png"] * 5 + ["beach_2.png"] * 5
    (folder / "test_filename.txt").write_bytes(end.join([*names, ""]).encode())
    captions = run("rsicd", tmp_path, EARTHGPT)
    assert captions.report["samples"] == 2 and captions.report["headline"]["value"] == pytest.approx(1)
    kept = next((tmp_path / "runs").glob("rsicd-*/samples.jsonl")).read_text()
    assert json.dumps(QUOTED)[1:-1] in kept and "\\r" not in kept

    part = tmp_path / "RSIVQA/AID"
    picture(part / "images/airport_1.png")
    line = 'airport_1.png: is the "runway empty, or not?it\'s "so'
    part.joinpath("rsicd_vqa.txt").write_bytes(
        end.join([line, "no question at all", line + " 2", ""]).encode()
    )
    answers = run("rsivqa", tmp_path / "RSIVQA", EARTHGPT)
    assert answers.report["samples"] == 2 and answers.report["headline"]["value"] == 1
    assert answers.problems == {"rsicd_vqa.txt, line 2": "it is not <image>:<question>?<answer>"}

    picture(tmp_path / "vqa/a.png")
    questions(tmp_path / "vqa/q.jsonl", [asked(QUOTED), asked("2")], end)
    records = run("vqa", tmp_path / "vqa", EARTHGPT)
    assert records.report["headline"]["value"] == 1 and not records.problems


def test_boxes_in_files_of_windows(run: Any, tmp_path: Path) -> None:
    picture(tmp_path / "images/P1.png", side=100)
    (tmp_path / "labelTxt").mkdir()
    lines = ["imagesource:GoogleEarth", "gsd:0.1", "10 10 50 10 50 40 10 40 ship 0", "1 2 3 ship", ""]
    (tmp_path / "labelTxt/P1.txt").write_bytes(b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    outcome = run("dota", tmp_path)
    assert outcome.report["headline"]["value"] == 1 and len(outcome.problems) == 1
    assert "line 4" in next(iter(outcome.problems))


def _png(width: int, height: int) -> bytes:
    """A PNG of this size without a pixel in it."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def test_pictures_that_cannot_be_shown_cost_their_own_answers_alone(run: Any, tmp_path: Path) -> None:
    """27,000 x 27,000 pixels would be 2.2 GB: a PNG is refused by its head, a tif is read by parts."""
    whole = [picture(tmp_path / f"{n}.jpg", 250) for n in range(2)]
    (tmp_path / "huge.png").write_bytes(_png(27_000, 27_000))
    write_hollow(tmp_path / "huge.tif", 27_000, 27_000)
    (tmp_path / "cut.jpg").write_bytes(whole[0].read_bytes()[:200])
    (tmp_path / "empty.png").write_bytes(b"")
    names = ["0.jpg", "huge.png", "huge.tif", "cut.jpg", "empty.png", "gone.png", "1.jpg"]
    questions(tmp_path / "q.jsonl", [asked(name, name) for name in names])
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    report = run("vqa", tmp_path, "earthgpt").report
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 2**20  # kilobytes
    assert (report["samples"], report["failed"]) == (7, 4)
    assert "incomplete: 4 of 7 without an answer" in report["labels"]
    rows = map(json.loads, next((tmp_path / "runs").glob("*/responses.jsonl")).read_text().splitlines())
    errors = {row["sample_id"]: row.get("error") for row in rows}
    assert [name for name in names if errors[name] is None] == ["0.jpg", "huge.tif", "1.jpg"]
    said = {name: why for name, why in errors.items() if why is not None}
    assert all(name in why for name, why in said.items())
    assert "far more than 150,000,000 pixels" in said["huge.png"] and "missing" in said["gone.png"]
    page = next((tmp_path / "runs").glob("*/report.md")).read_text()
    assert all(why in page for why in said.values())


@pytest.mark.parametrize(
    "task", ["images", "vqa", "coco", "voc", "dota", "aid", "rsicd", "rsvqa_lr", "mar20"]
)
def test_an_empty_folder(run: Any, tmp_path: Path, task: str) -> None:
    (tmp_path / "empty").mkdir()
    outcome = run(task, tmp_path / "empty")
    assert outcome.code == 3 and "empty" in outcome.said
    assert run(task, tmp_path / "nowhere").said.startswith("rsbench: There is no folder")


def test_a_folder_of_another_benchmark(run: Any, tmp_path: Path) -> None:
    picture(tmp_path / "AID/Airport/airport_1.jpg")
    picture(tmp_path / "AID/Beach/beach_1.jpg")
    for task, looks in (("mar20", "a folder of class folders"), ("rsicd", "--tasks images")):
        outcome = run(task, tmp_path / "AID")
        assert outcome.code == 3 and "AID does not hold" in outcome.said and looks in outcome.said
    outcome = run("whu_rs19", tmp_path / "AID", "oracle", "--split", "all")  # some class names are the same
    assert outcome.report is not None and "published" in outcome.report["labels"][0]


def test_half_an_annotation_file(run: Any, tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    image = {"id": 1, "file_name": "a.png", "width": 32, "height": 32}
    whole = json.dumps({"categories": [], "images": [image] * 9, "annotations": []})
    (tmp_path / "a.json").write_text(whole[: len(whole) // 2])
    outcome = run("coco", tmp_path)
    assert outcome.code == 3 and "a.json cannot be read" in outcome.said
    (tmp_path / "a.json").write_text("")
    assert run("coco", tmp_path).code == 3
    rows = questions(tmp_path / "vqa/q.jsonl", [asked("1"), asked("2"), asked("3")])
    rows.write_bytes(rows.read_bytes()[:-20])
    outcome = run("vqa", tmp_path / "vqa")
    assert outcome.report["samples"] == 2 and outcome.report["headline"]["value"] == 1
    assert list(outcome.problems) == ["line 3"]
