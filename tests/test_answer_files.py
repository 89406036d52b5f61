"""Every format of answer files, as its kit writes it: recognised, and read to the same values."""

from __future__ import annotations

import io
import json
import math
import pickle
import zipfile
from pathlib import Path
from typing import Any

import pytest

from rsbench.harness.adapters.answer_files.said import Answers, Content
from rsbench.harness.adapters.answer_files.table import FORMATS, read_answers
from rsbench.harness.contract import Frame
from rsbench.harness.errors import DataError, UsageError


def read(path: Path, content: Any = None, **options: str) -> tuple[str, Answers]:
    """Format and answers of a file: rows become JSON lines, other values JSON, text and bytes stay."""
    if isinstance(content, list) and path.suffix == ".jsonl":
        content = "".join(json.dumps(row) + "\n" for row in content)
    if content is not None and not isinstance(content, (str, bytes)):
        content = json.dumps(content)
    if isinstance(content, str):
        path.write_text(content, encoding="utf-8")
    elif content is not None:
        path.write_bytes(content)
    return read_answers(Content(path, options), options.get("format"))


def texts(answers: Answers) -> list[Any]:
    return [said.payload.get("text", said.payload.get("error")) for said in answers.said]


def test_geochat(tmp_path: Path) -> None:
    rows = [
        {"question_id": "Airport/airport_1.jpg", "image_id": "Airport/airport_1.jpg", "answer": "airport",
         "ground_truth": "airport"},
        {"question_id": 7, "image_id": "P0003_0002", "answer": "{<1><2><3><4>|<0>}", "ground_truth": [[1, 2]],
         "question": "the ship", "type": "ref", "obj_ids": [1], "size_group": "small", "dataset": "SOTA"},
        {"question_id": 8, "image_id": "1.tif", "answer": None},
    ]  # fmt: skip
    name, answers = read(tmp_path / "a.jsonl", rows)
    assert name == "geochat" and texts(answers) == ["airport", "{<1><2><3><4>|<0>}"]
    scene, region = answers.said
    assert (scene.id, scene.images, scene.truth) == (
        "Airport/airport_1.jpg",
        ("Airport/airport_1.jpg",),
        "airport",
    )
    assert (region.id, region.images, region.question) == ("7", ("P0003_0002",), "the ship")
    assert answers.faults == ("line 3 has no answer",)


def test_vrsbench(tmp_path: Path) -> None:
    rows = [
        {"image_id": "P1.png", "question": "How many?", "ground_truth": "2", "answer": "two", "type": "x"},
        {"image_id": "P1.png", "question": "the ship", "ground_truth": "{<1><2><3><4>}",
         "answer": "{<1><2><3><5>}", "size_group": "small", "is_unique": True},
    ]  # fmt: skip
    for path, content in ((tmp_path / "a.jsonl", rows), (tmp_path / "a.json", rows)):
        name, answers = read(path, content)
        assert name == "vrsbench" and texts(answers) == ["two", "{<1><2><3><5>}"]
        assert [(s.id, s.images, s.question, s.truth) for s in answers.said][0] == (
            None,
            ("P1.png",),
            "How many?",
            "2",
        )


def rscovlm(**more: Any) -> dict[str, Any]:
    chat = [
        {"role": "system", "content": "You are an AI assistant."},
        {"role": "user", "content": [{"type": "image", "image": "file:///data/example.jpg"}]},
        {"role": "assistant", "content": "an example"},
        {"role": "user", "content": [
            {"type": "image", "image": "file:///data/images/a.jpg"},
            {"type": "text", "text": "find the ship"}]},
    ]  # fmt: skip
    return {"message": chat, "output": "1,2,3,4 ship", "idx": 5, **more}


def test_rscovlm(tmp_path: Path) -> None:
    sizes = {"original_width": 800, "original_height": 600, "resized_width": 812, "resized_height": 588}
    rows = [
        rscovlm(image_id="a.jpg", question="the ship", bbox=[1, 2, 3, 4], **sizes),
        rscovlm(question_id=9, resized_width=812),
        rscovlm(output=None),
        {"message": "no chat", "output": "There is none."},
    ]
    name, answers = read(tmp_path / "inference_results.json", rows)
    first, second, none, odd = answers.said
    assert name == "rscovlm" and first.payload == {"text": "1,2,3,4 ship"} and first.place == 5
    assert (first.id, first.question) == (None, "the ship")
    assert first.images == ("a.jpg", "/data/images/a.jpg")
    assert first.frame == Frame(800, 600, 812, 588, 812 / 800, 588 / 600)
    assert (second.id, second.question, second.frame) == ("9", "find the ship", None)
    assert (
        "no output" in none.payload["error"]
        and odd.payload == {"text": "There is none."}
        and odd.images == ()
    )


def test_lmms_eval(tmp_path: Path) -> None:
    rows = [
        {"doc_id": 1, "target": "yes", "filtered_resps": ["Yes"], "input": "Is it?", "doc_hash": "x"},
        {"doc_id": 0, "target": "no", "resps": [["No"]], "filtered_resps": [], "filter": "none",
         "doc": {"question_id": 4, "question": "Was it?", "image_path": "b.tif"}},
        {"doc_id": 2, "target": "no", "filtered_resps": [[-1.5, True]]},
    ]  # fmt: skip
    name, answers = read(tmp_path / "20260101_samples_task.jsonl", rows)
    assert name == "lmms-eval" and texts(answers) == ["Yes", "No"]
    assert [(s.id, s.place, s.question, s.truth, s.images) for s in answers.said] == [
        (None, 1, "Is it?", "yes", ()), ("4", 0, "Was it?", "no", ("b.tif",)),
    ]  # fmt: skip
    assert answers.faults == ("line 3 has no response in words",)
    old = {"args": {}, "logs": [{"doc_id": 0, "target": "a", "resps": [["A"]], "doc": {}}]}
    assert texts(read(tmp_path / "old.json", json.dumps(old, indent=2))[1]) == ["A"]


HEAD = ["index", "question", "answer", "prediction", "image_path"]
TABLE = [
    ["7", "What, then?", "A", 'A "word", or\ntwo', "a.png"],
    ["8", "Là?", "B", "Failed to obtain answer via API. ", "b.png"],
    ["9", "Empty?", "C", "", "c.png"],
]
SAID = [
    ['A "word", or\ntwo', "7", "What, then?", "A"],
    ["Failed to obtain answer via API. ", "8", "Là?", "B"],
]


def check_table(answers: Answers) -> None:
    assert [[t, s.id, s.question, s.truth] for t, s in zip(texts(answers), answers.said, strict=True)][
        :2
    ] == SAID
    assert answers.said[0].images == ("a.png",) and "text" in answers.said[0].payload
    assert "error" in answers.said[1].payload and answers.said[2].payload == {
        "error": "row 4 has no prediction"
    }


@pytest.mark.parametrize("suffix", ["csv", "tsv", "json"])
def test_vlmevalkit_as_text(tmp_path: Path, suffix: str) -> None:
    import csv

    file = io.StringIO()
    writer = csv.writer(file, delimiter="\t" if suffix == "tsv" else ",", quoting=csv.QUOTE_ALL)
    writer.writerows([HEAD, *TABLE])
    rows = [dict(zip(HEAD, (v or None for v in row), strict=True)) for row in TABLE]
    name, answers = read(tmp_path / f"m_d.{suffix}", rows if suffix == "json" else file.getvalue())
    assert name == "vlmevalkit"
    check_table(answers)


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def xlsx(sheet: str, shared: str | None = None, name: str = "xl/worksheets/sheet1.xml") -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr(name, f'<worksheet xmlns="{MAIN}"><sheetData>{sheet}</sheetData></worksheet>')
        if shared is not None:
            packed.writestr("xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{shared}</sst>')
    return file.getvalue()


def test_vlmevalkit_as_a_spreadsheet(tmp_path: Path) -> None:
    """Shared and inline strings, runs, phonetic hints, escapes, numbers, an error, and cells left out."""
    from xml.sax.saxutils import escape

    inline = "".join(
        f'<row r="{r}">'
        + "".join(
            f'<c r="{chr(65 + c)}{r}" t="inlineStr"><is><t xml:space="preserve">{escape(v)}</t></is></c>'
            for c, v in enumerate(row)
            if v
        )
        + "</row>"
        for r, row in enumerate([HEAD, *TABLE], 1)
    )
    check_table(read(tmp_path / "a.xlsx", xlsx(inline))[1])
    strings = "".join(f"<si><t>{name}</t></si>" for name in HEAD)
    strings += "<si><r><t>in </t></r><r><t>runs_x000A_</t></r><rPh><t>not this</t></rPh></si>"
    head = "".join(f'<c r="{chr(65 + i)}1" t="s"><v>{i}</v></c>' for i in range(5))
    body = '<c r="A2"><v>7.0</v></c><c r="B2" t="e"><v>#N/A</v></c><c r="D2" t="s"><v>5</v></c>'
    body += '<c r="E2" t="str"><v>a.png</v></c>'
    (said,) = read(tmp_path / "b.xlsx", xlsx(f"<row>{head}</row><row>{body}</row>", strings))[1].said
    assert (said.id, said.question, said.payload, said.images) == (
        "7",
        None,
        {"text": "in runs\n"},
        ("a.png",),
    )


@pytest.mark.parametrize(
    "content",
    [
        b"no zip",
        xlsx("<row>", name="x"),
        xlsx("<row><c r='A1' t='s'><v>5</v></c></row>", "<si/>"),
        xlsx("<row><c r='A1' t='s'><v>x</v></c></row>", "<si/>"),
        xlsx("<row><c r='ZZZ1'><v>5</v></c></row>"),
        xlsx("<broken"),
        xlsx("<row><c r='A1' t='inlineStr'><is><t>other</t></is></c></row>" * 2),
    ],
)
def test_a_damaged_spreadsheet_says_so(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(DataError):
        read(tmp_path / "a.xlsx", content)


def test_entities_are_not_expanded(tmp_path: Path) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet>&a;</worksheet>'
        packed.writestr("xl/worksheets/sheet1.xml", bomb)
    with pytest.raises(DataError, match="xlsx"):
        read(tmp_path / "a.xlsx", file.getvalue())


def test_mmdetection_and_mmrotate(tmp_path: Path) -> None:
    upright = [{"image_id": 3, "bbox": [10.0, 20.0, 30.0, 40.0], "score": 0.5, "category_id": 1}]
    name, answers = read(tmp_path / "r.bbox.json", upright)
    assert name == "coco" and answers.complete and answers.said[0].id == "3"
    assert answers.said[0].payload["regions"][0].points == (10, 20, 40, 60)
    turned = [
        {"image_id": "P0001", "bbox": [50.0, 60.0, 40.0, 20.0, math.pi / 2], "score": 0.5, "category_id": 1}
    ]
    (said,) = read(tmp_path / "o.bbox.json", turned, categories="plane;ship")[1].said
    (region,) = said.payload["regions"]
    assert region.label == "ship" and said.images == ("P0001",)
    pairs = sorted(zip(map(round, region.points[::2]), map(round, region.points[1::2]), strict=True))
    assert pairs == [(40, 40), (40, 80), (60, 40), (60, 80)]  # 40 wide, turned by a quarter: 40 high
    with pytest.raises(UsageError, match="category_id 1"):
        read(tmp_path / "o.bbox.json", categories="plane")
    assert read(tmp_path / "none.json", "[]")[1].said == ()


def test_dota(tmp_path: Path) -> None:
    for folder, number, line in (("one", 1, "P1 0.5 0 0 4 0 4 2 0 2"), ("two", 2, "P1 0.5 0 0 4 2")):
        (tmp_path / folder).mkdir()
        file = tmp_path / folder / f"Task{number}_ground-track-field.txt"
        file.write_text(f"{line}\n\nP2 x 0 0\nP3 0.9 1 2\n")
        (tmp_path / folder / f"Task{number}_ship.txt").write_text(line.replace("P1", "P9") + "\n")
        name, answers = read(tmp_path / folder)
        assert name == "dota" and answers.complete and {s.id for s in answers.said} == {"P1", "P9"}
        (region,) = next(s for s in answers.said if s.id == "P1").payload["regions"]
        assert region.label == "ground-track-field" and region.score == 0.5
        assert region.points == ((0, 0, 4, 0, 4, 2, 0, 2) if number == 1 else (0, 0, 4, 2))
        assert len(answers.faults) == 2 and f"line 3 of {file.name}" in answers.faults[0]
        with zipfile.ZipFile(tmp_path / f"{folder}.zip", "w") as packed:
            for path in (tmp_path / folder).iterdir():
                packed.write(path, f"out/{path.name}")
        assert {s.id: s.payload for s in read(tmp_path / f"{folder}.zip")[1].said} == {
            s.id: s.payload for s in answers.said
        }
    (tmp_path / "one" / "Task2_x.txt").write_text("P1 0.5 0 0 4 2\n")
    with pytest.raises(DataError, match="Task1 and of Task2"):
        read(tmp_path / "one")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="folder"):
        read(tmp_path / "empty")


def test_earthdial_and_own_lines(tmp_path: Path) -> None:
    rows = [{"question": "[hr] <image>\\n Is it?", "answer": "yes", "annotation": "no", "vqa_type": "comp"}]
    name, answers = read(tmp_path / "a.jsonl", rows)
    assert name == "earthdial" and answers.said[0].id == "line 1" and texts(answers) == ["yes"]
    assert read(tmp_path / "b.jsonl", [{"id": 1, "text": "yes"}])[0] == "rsbench"
    assert (
        read(tmp_path / "c.jsonl", [{"question_id": 1, "annotation": "no", "answer": "yes"}])[0] == "rsbench"
    )


def test_pickles_are_refused_with_the_reason(tmp_path: Path) -> None:
    for name in ("r.pkl", "r.bin"):
        with pytest.raises(DataError, match="runs the code") as caught:
            read(tmp_path / name, pickle.dumps([{"image_id": 1}]))
        assert "format_only" in str(caught.value)


def test_a_format_can_be_named(tmp_path: Path) -> None:
    rows = [{"question_id": 1, "image_id": "a", "question": "?", "ground_truth": "x", "answer": "y"}]
    assert read(tmp_path / "a.jsonl", rows)[0] == "geochat"
    name, answers = read(tmp_path / "a.jsonl", format="vrsbench")
    assert name == "vrsbench" and answers.said[0].id is None
    with pytest.raises(UsageError, match="geochta"):
        read(tmp_path / "a.jsonl", format="geochta")


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize(
    "content", ["", "{", "[1, null]", '{"a": 1}\n', '{"message": 1, "output": {}}', "\x00"]
)
def test_no_content_ends_in_a_traceback(tmp_path: Path, name: str, content: str) -> None:
    """Any format on any content: its answers, or an error that says what is wrong."""
    for suffix in ("jsonl", "xlsx", "csv"):
        try:
            read(tmp_path / f"a.{suffix}", content, format=name)
        except (DataError, UsageError) as error:
            assert error.message
