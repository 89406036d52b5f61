"""Every family of data to instructions: literal words in both wordings, numbers against the printed rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsbench.harness.contract import Image, Problem, Region, Sample, Target
from rsbench.harness.datasets.card import Dataset, read_card
from rsbench.harness.datasets.folders import read as read_folders
from rsbench.harness.datasets.mini.write import write_mini
from rsbench.harness.datasets.open import open_dataset
from rsbench.reference_model.data.convert import CONVERTERS, Conversion, convert
from rsbench.reference_model.data.json_file import read, write
from rsbench.reference_model.data.record import Record, Turn

WIDE = Image("1.png", "", size=(200, 100))
BRIEF = "Answer the question using a single word or phrase."


def sample(target: Target, question: str = "", image: Image = WIDE, name: str = "s") -> Sample:
    return Sample(name, (image,), target, question)


def converted(
    family: str, *samples: Sample, classes: tuple[str, ...] = (), wording: str = "released"
) -> Conversion:
    return convert(Dataset(samples, (), classes), family, Path("."), wording)


def test_categories() -> None:
    found = converted("classification", sample(Target(label="beach")), classes=("beach", "port"))
    question = f"What is the category of this remote sensing image? {BRIEF} Reference categories include: "
    question += "beach, port"
    assert found.records == (Record("1.png", (Turn(question, "Beach."),)),)
    paper = converted(
        "classification", sample(Target(label="beach")), sample(Target()), classes=("beach",), wording="paper"
    )
    assert paper.records[0].turns[0] == Turn(
        "What is the category of this RS image? Answering the question using a single word or phrase."
        " Reference categories include beach",
        "beach",
    )
    assert paper.problems.counts == {"a picture without a class": 1}


def test_captions_are_turns_and_duplicates_are_removed() -> None:
    texts = ("A port .", "Two ships.", "a  port .", " ")
    found = converted("captioning", sample(Target(texts=texts)), sample(Target(), name="t"))
    question = "Please provide a one-sentence caption for the provided remote sensing image in details."
    assert found.records == (Record("1.png", (Turn(question, "A port ."), Turn(question, "Two ships."))),)
    assert found.turns == 2
    assert found.problems.counts == {
        "the same caption of a picture again": 1,
        "empty caption": 1,
        "a picture without a caption": 1,
    }
    paper = converted("captioning", sample(Target(texts=texts)), wording="paper").records[0].turns[0].question
    assert paper == "Please provide a one-sentence caption for the provided RS image in detail."


def test_paper_wording_is_printed(shared: Path) -> None:
    printed = next((shared / "papers").glob("000_*.txt")).read_text()
    assert (
        converted("captioning", sample(Target(texts=("x",))), wording="paper").records[0].turns[0].question
        in printed
    )


def test_questions_of_a_picture_are_its_turns() -> None:
    other = Image("2.png", "")
    found = converted(
        "vqa",
        sample(Target(texts=("yes", "no")), "Is there\n a ship\N{FULLWIDTH QUESTION MARK}"),
        sample(Target(texts=("2",)), "How many?", other),
        sample(Target(texts=("no",)), "Is it rural?"),
        sample(Target(texts=("no",)), "Is it rural?"),
        sample(Target(label="B", choices=("a", "b")), "Which?", other),
        sample(Target(texts=(" ",)), "Is it?"),
        sample(Target(texts=("x",)), " "),
    )
    assert found.records == (
        Record("1.png", (Turn(f"Is there a ship? {BRIEF}", "yes"), Turn(f"Is it rural? {BRIEF}", "no"))),
        Record("2.png", (Turn(f"How many? {BRIEF}", "2"), Turn("Which?\nA. a\nB. b", "B"))),
    )
    assert found.problems.counts == {
        "the same question and answer of a picture again": 1,
        "a question without an answer": 1,
        "an empty question": 1,
    }


def test_detection_horizontal() -> None:
    regions = (
        Region((0, 0, 200, 100), "harbor"),
        Region((20, 50, 40, 70), "ship"),
        Region((10, 10, 30, 20), "ship"),
        Region((50, 50, 51, 51), "ship", ignore=True),
        Region((100, 20, 101, 21), "car"),
        Region((-10, 20, 20, 40), "car"),
    )
    found = converted(
        "detection",
        sample(Target(regions=regions)),
        sample(Target(), name="e"),
        classes=("ship", "car", "harbor"),
    )
    whole, session, empty = found.records
    ships = "[0.05,0.30,0.15,0.35;0.10,0.50,0.20,0.60]"  # (10 + 0) / 200, (10 + 50) / 200, ...
    cars = "[0.00,0.35,0.10,0.45;0.50,0.35,0.51,0.35]"  # 0.505 is written down as 0.51 or 0.50
    question = (
        "Detect all objects shown in the remote sensing image and describe using horizontal bounding boxes"
    )
    answer = whole.turns[0].answer
    assert whole.turns[0].question == question and len(whole.turns) == 1
    assert answer.startswith(
        f"There are <p>2 ships</p>{ships}, <p>2 cars</p>[0.00,0.35,0.10,0.45;0.50,0.35,0.5"
    )
    assert answer.endswith(" and <p>harbor</p>[0.00,0.25,1.00,0.75] in the image.")
    assert [turn.question for turn in session.turns] == [
        f"Detect {noun} shown in the image using horizontal bounding boxes."
        for noun in ("ships", "cars", "harbors")
    ]
    assert session.turns[0].answer == f"There are two ships {ships} in the image."
    assert session.turns[2].answer == "There is one harbor [0.00,0.25,1.00,0.75] in the image."
    assert len(cars) == len(session.turns[1].answer) - len("There are two cars  in the image.")
    assert empty.turns == (Turn(question, "There are no objects in the image."),)
    assert found.problems.counts == {
        "a box over the border of the picture, cut by the square": 1,
        "a box too small for two decimals, kept without area": 1,
    }


def test_detection_oriented_asks_for_both_forms() -> None:
    diamond = Region((50, 20, 80, 50, 50, 80, 20, 50), "ship")
    square = Image("1.png", "", size=(100, 100))
    found = converted(
        "detection", sample(Target(regions=(diamond,)), image=square), classes=("ship",), wording="paper"
    )
    whole, session = found.records
    corners = "[0.50,0.20,0.80,0.50,0.50,0.80,0.20,0.50]"
    assert whole.turns == (
        Turn(
            "Detect all objects shown in the RS image and describe using horizontal bounding boxes",
            "There is <p>ship</p>[0.20,0.20,0.80,0.80] in the image.",
        ),
        Turn(
            "Detect all objects shown in the RS image and describe using oriented bounding boxes",
            f"There is <p>ship</p>{corners} in the image.",
        ),
    )
    assert session.turns[1] == Turn(
        "Detect all ships in the image and describe using oriented bounding box.",
        f"There is one ship {corners} in the image.",
    )


def test_grounding_and_region_captions() -> None:
    box = Target(regions=(Region((20, 50, 40, 70), "the tiny ship"),))
    thin = Target(regions=(Region((20, 50, 20.2, 70), "a mast"),))
    samples = (
        sample(box, "The tiny ship"),
        sample(thin, "a mast"),
        sample(Target(), "nothing"),
        sample(box, "x", Image("3", "")),
    )
    found = converted("grounding", *samples)
    assert found.records[0].turns[0] == Turn(
        "Please provide the horizontal bounding box coordinate of the region which is described as:"
        "The tiny ship in this remote sensing image",
        "[0.10,0.50,0.20,0.60]",
    )
    assert found.problems.counts == {
        "a box too small for two decimals, kept without area": 1,
        "a sample without a region": 1,
        "a sample without the size of its picture": 1,
    }
    assert converted("region_captioning", *samples).records[0].turns[0] == Turn(
        "Please provide a short description for this region in this remote sensing image :"
        "[0.10,0.50,0.20,0.60]",
        "The tiny ship",
    )


def test_pictures_are_named_below_the_folder(tmp_path: Path) -> None:
    inside, outside = tmp_path / "a/b/1.png", tmp_path / "c/1.png"
    samples = (
        sample(Target(label="x"), image=Image("1.png", str(inside))),
        sample(Target(label="x"), image=Image("1.png", str(outside))),
        sample(Target(label="x"), image=Image("2.png", str(inside), window=(0, 0, 9, 9))),
        Sample("two", (WIDE, WIDE), Target(label="x")),
    )
    dataset = Dataset(samples, (Problem("9.png", "an empty file"),), ("x",))
    found = convert(dataset, "classification", tmp_path / "a")
    assert [r.image for r in found.records] == ["b/1.png"]
    assert found.problems.counts == {
        "an empty file": 1,
        "a picture outside the folder": 1,
        "a part of a picture, not a file": 1,
        "2 pictures in one question": 1,
    }


@pytest.mark.parametrize("task", ["images", "captions", "vqa", "dota", "voc", "grounding", "region_captions"])
def test_any_card_s_data_becomes_a_file_that_is_sound(task: str, tmp_path: Path) -> None:
    """Miniatures in the published layouts, through the harness's readers, into a file that reads clean."""
    card = read_card(task)
    write_mini(card, tmp_path / "mini", count=1 if task == "images" else 3, split="train", seed=1_000_000)
    dataset, _ = open_dataset(card, tmp_path / "mini", None, cache=tmp_path)
    found = convert(dataset, card.family, tmp_path)
    assert card.family in CONVERTERS and found.records
    assert write(found.records, tmp_path / "x.json") == len(found.records)
    again, problems = read(tmp_path / "x.json", tmp_path, check=task == "images")
    assert tuple(again) == found.records
    assert set(problems.counts) <= {"a box without area, kept"}


def test_rsscn7(shared: Path) -> None:
    dataset = read_folders(shared / "data/RSSCN7", read_card("images"))
    found = convert(dataset, "classification", shared / "data")
    assert (
        len(found.records) == 217
        and found.records[0].image == "RSSCN7/aGrass/" + Path(str(found.records[0].image)).name
    )
