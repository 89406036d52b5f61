"""Table I as data: what the paper prints, and the way from a row to records of what may be trained on."""

from __future__ import annotations

import json
import re
from pathlib import Path

import PIL.Image
import pytest

from rsbench.harness.datasets.card import read_card
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.registry import load
from rsbench.reference_model.data.commands import convert_lines, table_lines
from rsbench.reference_model.data.json_file import read
from rsbench.reference_model.data.sources import convert_source, place, read_source, source, table_one

ROWS = table_one().rows


def picture(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    PIL.Image.new("RGB", (20, 10)).save(path)


def test_rows_are_those_the_paper_prints(shared: Path) -> None:
    text = next((shared / "papers").glob("000_*.txt")).read_text()
    table = text[text.index("Task\tData\tSize\tType") : text.index("Therefore, a diverse and comprehensive")]
    printed = [line.split("\t")[1:] for line in table.splitlines()[1:] if line.strip()]
    assert [[row.printed, f"{row.size:,}", row.modality] for row in ROWS] == printed
    assert len(ROWS) == 35 and len({row.printed for row in ROWS}) == 34


def test_rows_are_sound() -> None:
    for row in ROWS:
        assert row.sure in ("verified", "documented", "memory", "unknown")
        assert row.unit in ("captions", "questions", "images", "turns", "?")
        assert not set(row.splits) & set(row.kept)
        assert not row.card or read_card(row.card).layout == row.layout
        assert source(row.name) is row
    assert len({row.name for row in ROWS}) == 35


def test_sums_in_the_notes() -> None:
    """What the notes derive is right arithmetic over the numbers they give."""
    notes = [*table_one().notes, *(row.note for row in ROWS)]
    checked = 0
    for note in (note for note in notes if " + " in note):
        clause = next(part for part in re.split(r"; |: ", note) if " + " in part)
        numbers = [int(n.replace(",", "")) for n in re.findall(r"\d[\d,]*\d", clause)]
        checked += 1
        assert numbers[0] == sum(numbers[1:]), note
    assert checked == 3
    sizes = {row.name: row.size for row in ROWS}
    for name, whole in (
        ("NWPU-RESISC45", 31_500),
        ("EuroSAT", 27_000),
        ("UCMerced-LandUse", 2_100),
        ("RSSCN7", 2_800),
    ):
        assert sizes[name] * 5 == whole
    assert (
        sizes["SSDD"] == 2 * 928 and sizes["UCM-Captions"] > 5 * 1890 and sizes["Sydney-Captions"] > 5 * 555
    )


def test_names_in_any_spelling(tmp_path: Path) -> None:
    assert (
        source("rssc n7").name == "RSSCN7"
        and source("HRISD").name == "HRSID"
        and source("far1m").name == "FAIR1M"
    )
    with pytest.raises(UsageError, match="RSSCN7"):
        source("RSSCN8")
    (tmp_path / "NWPU VHR-10").mkdir()
    (tmp_path / "resisc").mkdir()
    assert place(tmp_path, source("NWPU-VHR-10")) == tmp_path / "NWPU VHR-10"
    assert place(tmp_path / "NWPU VHR-10", source("NWPU-VHR-10")) == tmp_path / "NWPU VHR-10"
    assert place(tmp_path, source("RSICD")) is None and place(tmp_path / "none", source("RSICD")) is None


def test_a_share_of_each_class(tmp_path: Path) -> None:
    for label in ("aGrass", "bField"):
        for n in range(10):
            picture(tmp_path / f"RSSCN7/{label}/{n:03d}.jpg")
    row = source("RSSCN7")
    found = convert_source(row, tmp_path, tmp_path / "RSSCN7")
    assert len(found.records) == 4
    assert {str(r.image).split("/")[1] for r in found.records} == {"aGrass", "bField"}
    assert (
        "grass, field, industry, river lake, forest, resident, parking" in found.records[0].turns[0].question
    )
    with pytest.raises(DataError, match="'test' of RSSCN7 is not for training"):
        convert_source(row, tmp_path, tmp_path / "RSSCN7", ["test"])


def test_pictures_that_nothing_says_the_split_of(tmp_path: Path) -> None:
    coco = {
        "images": [
            {"id": n, "file_name": f"{n:06d}.jpg", "width": 20, "height": 10} for n in (10, 11, 12, 19)
        ],
        "annotations": [{"id": 1, "image_id": 10, "category_id": 1, "bbox": [2, 2, 6, 4]}],
        "categories": [{"id": 1, "name": "ship"}],
    }
    for name in ("SSDD", "HRSID"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "all.json").write_text(json.dumps(coco))
    found = convert_source(source("SSDD"), tmp_path, tmp_path / "SSDD")
    assert {r.image for r in found.records} == {"000010.jpg", "000012.jpg"}
    assert found.problems.counts == {"its name says it is a test picture": 2}
    with pytest.raises(DataError, match="Nothing says which pictures of HRSID are of the split 'train'"):
        convert_source(source("HRSID"), tmp_path, tmp_path / "HRSID")
    (tmp_path / "HRRSD/Annotations").mkdir(parents=True)
    xml = "<annotation><object><name>ship</name><bndbox>{}</bndbox></object></annotation>"
    sides = "".join(
        f"<{side}>{v}</{side}>"
        for side, v in zip(("xmin", "ymin", "xmax", "ymax"), (1, 2, 5, 8), strict=True)
    )
    (tmp_path / "HRRSD/Annotations/1.xml").write_text(xml.format(sides))
    picture(tmp_path / "HRRSD/JPEGImages/1.jpg")
    with pytest.raises(DataError, match="ImageSets/Main/train.txt"):
        convert_source(source("HRRSD"), tmp_path, tmp_path / "HRRSD")
    (tmp_path / "CRSVQA").mkdir()
    (tmp_path / "CRSVQA/1.txt").write_text("What?\nA port\n")
    picture(tmp_path / "CRSVQA/1.png")
    with pytest.raises(DataError, match="Give its pictures in train.txt"):
        convert_source(source("CRSVQA"), tmp_path, tmp_path / "CRSVQA")
    (tmp_path / "CRSVQA/train.txt").write_text("1.png\n")
    assert convert_source(source("CRSVQA"), tmp_path, tmp_path / "CRSVQA").turns == 1


def test_several_sources_into_one_file(tmp_path: Path) -> None:
    for n in range(10):
        picture(tmp_path / f"RSSCN7/aGrass/{n:03d}.jpg")
        picture(tmp_path / f"DSCR/ship/{n}.png")
    said = list(convert_lines(tmp_path, ["RSSCN7", "dscr", "DSCR"], [], "released", tmp_path / "x.json"))
    assert "RSSCN7: 2 records, 2 turns" in said and "DSCR: 10 records, 10 turns" in said
    assert "  1  a source listed twice: DSCR" in said
    records, problems = read(tmp_path / "x.json", tmp_path, check=True)
    assert len(records) == 12 and not problems
    with pytest.raises(DataError, match="no folder called RSICD"):
        list(convert_lines(tmp_path, ["DSCR", "RSICD"], [], "released", tmp_path / "x.json"))


def test_table_with_what_is_found(tmp_path: Path) -> None:
    for n in range(10):
        picture(tmp_path / f"DSCR/ship/{n}.png")
    (tmp_path / "RSICD").mkdir()
    text = "\n".join(table_lines(tmp_path))
    assert re.search(r"classification +DSCR +optical +11,951 +images +10 ", text)
    assert re.search(r"captioning +RSICD +optical +24,333 +captions +- ", text)
    assert re.search(rf"sum of 35 rows +{sum(row.size for row in ROWS):,} +10", text)
    assert "not counted: RSICD: RSICD holds no json of captions." in text and "AID" in text
    bare = "\n".join(table_lines(None))
    assert re.search(r"sum of 35 rows +1,0\d\d,\d{3} +-", bare)


@pytest.mark.parametrize(
    ("name", "card"),
    [
        ("EuroSAT", "eurosat"),
        ("UCMerced-LandUse", "ucmerced"),
        ("WHU-RS19", "whu_rs19"),
        ("RSSCN7", "rsscn7"),
        ("FGSCR-42", "fgscr42"),
    ],
)
def test_what_is_trained_on_is_not_what_a_task_reports_on(name: str, card: str, tmp_path: Path) -> None:
    """Where nobody publishes a list, Table I and the task cut a data set at one place."""
    read_as = read_card(card)
    for label in read_as.classes[:2]:
        for n in range(31):
            picture(tmp_path / f"{label}/{n:03d}.jpg")
    trained = {s.images[0].name for s in read_source(source(name), tmp_path, "train").samples}
    reported = {s.images[0].name for s in load("layouts", read_as.layout)(tmp_path, read_as, "test").samples}
    assert trained and reported and trained.isdisjoint(reported) and len(trained | reported) == 62


@pytest.mark.parametrize(
    ("name", "records"),
    [("RSIVQA", 300), ("NWPU-VHR-10", 80), ("HRSID", 30), ("HIT-UAV", 289), ("RSSCN7", 42)],
)
def test_real_data_sets(name: str, records: int, shared: Path, tmp_path: Path) -> None:
    row = source(name)
    folder = place(shared / "data", row) or shared / f"data/{name}_AID"
    found = convert_source(row, shared / "data", folder)
    assert abs(len(found.records) - records) <= 1, found.problems.lines()
    assert all(
        image is None or (shared / "data" / image).is_file() or name == "RSIVQA"
        for image in {r.image for r in found.records}
    )


def test_boxes_of_hit_uav_against_its_own_numbers(shared: Path) -> None:
    """Horizontal boxes of the other json of HIT-UAV, by the printed rule, beside those converted."""
    folder = shared / "data/HIT-UAV"
    content = json.loads((folder / "normal_json/annotations/val.json").read_text())
    names = {image["id"]: image["filename"] for image in content["images"]}
    wanted: dict[str, list[list[float]]] = {}
    for item in content["annotation"]:
        if item["category_id"] != 4:  # DontCare
            x, y, w, h = item["bbox"]
            pad = int((640 - 512) / 2)
            box = [x / 640, (y + pad) / 640, (x + w) / 640, (y + h + pad) / 640]
            wanted.setdefault(names[item["image_id"]], []).append(box)
    found = convert_source(source("HIT-UAV"), folder, folder)
    checked = total = 0
    for record in found.records:
        turn = record.turns[0]
        if not turn.question.startswith("Detect all objects"):
            continue
        boxes = [
            [float(v) for v in box.split(",")]
            for bracket in re.findall(r"\[(.*?)\]", turn.answer)
            for box in bracket.split(";")
        ]
        own = wanted.get(str(record.image).rsplit("/", 1)[-1], [])
        for box in boxes:  # upright objects are the same in both files, but for a pixel of theirs
            nearest = min(max(abs(a - b) for a, b in zip(box, other, strict=True)) for other in own)
            checked += nearest <= 0.005 + 1.5 / 640
            total += 1
    assert total > 900 and checked >= 0.9 * total
