"""How EarthGPT is spoken to and understood."""

from __future__ import annotations

import doctest
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rsbench.harness.contract import (
    Boxes,
    Frame,
    Image,
    Label,
    Mask,
    Region,
    Request,
    Target,
    Text,
    Wants,
)
from rsbench.harness.dialects import earthgpt, notation
from rsbench.harness.dialects.earthgpt import EarthGPT, nearest_first
from rsbench.harness.errors import DataError, UsageError
from rsbench.harness.geometry import iou

PAPER, RELEASED = EarthGPT(), EarthGPT(wording="released")
CLASSES = ("ship", "airplane", "storage tank")
WIDE = Frame.padded_square(200, 100)
TYPES = Boxes(tuple(f"A{i}" for i in range(1, 21)), parent="airplane")


def ask(wants: Wants) -> Request:
    return Request("", "1", (), wants)


def read(text: str, wants: Wants = Boxes(CLASSES), frame: Frame | None = WIDE) -> list[tuple[object, ...]]:  # noqa: B008
    answer = PAPER.parse(text, wants, frame)
    assert answer.unparsable is None, answer.unparsable
    return [(r.label, *(round(v, 6) for v in r.points)) for r in answer.regions]


def test_doctests() -> None:
    assert doctest.testmod(earthgpt).failed == doctest.testmod(notation).failed == 0


def test_prompts_stand_in_the_paper(shared: Path) -> None:
    """Section IV of the paper prints every instruction of the wording `paper`."""
    printed = (next((shared / "papers").glob("000_*.txt"))).read_text()
    label = PAPER.render(ask(Label(("category 1", "..., category n")))).replace("1, ...", "1,...")
    assert label in printed
    for oriented in (False, True):
        assert PAPER.render(ask(Boxes(CLASSES, oriented))) in printed
    question, suffix = PAPER.render(ask(Text("Is there a road?"))).split("? ")
    assert question == "Is there a road" and f"\u201c{suffix}\u201d" in printed


def test_released_prompts() -> None:
    assert RELEASED.render(ask(Label(("beach", "port")))) == (
        "What is the category of this remote sensing image? "
        "Answer the question using a single word or phrase. Reference categories include: beach, port"
    )
    assert RELEASED.render(ask(Text("How many cars?"))) == (
        "How many cars? Answer the question using a single word or phrase."
    )
    assert RELEASED.render(ask(Boxes((), phrase="the left ship"))) == (
        "Please provide the horizontal bounding box coordinate of the region which is described as:"
        "the left ship in this remote sensing image"
    )
    assert RELEASED.render(ask(Text("Describe the image."))) == "Describe the image."


def test_refusals() -> None:
    with pytest.raises(UsageError, match="paper"):
        EarthGPT(wording="papre")
    with pytest.raises(UsageError, match="decimals"):
        EarthGPT(decimals="many")
    with pytest.raises(UsageError, match="mask"):
        PAPER.render(ask(Mask("the road")))
    assert PAPER.parse("[0,0,1,1]", Mask("the road"), WIDE).unparsable


def test_express_groups_counts_and_orders() -> None:
    regions = (
        Region((150, 50, 180, 90), "storage tank"),
        Region((10, 10, 60, 40), "ship"),
        Region((50, 6, 80, 40), "ship"),
        Region((2, 2, 30, 44), "airplane", ignore=True),
    )
    text = PAPER.express(Target(regions=regions), Boxes(CLASSES), WIDE)
    assert text == (
        "There are <p>2 ships</p>[0.25,0.28,0.40,0.45;0.05,0.30,0.30,0.45] and "
        "<p>storage tank</p>[0.75,0.50,0.90,0.70] in the image."
    )
    assert read(text) == [
        ("ship", 50, 6, 80, 40),
        ("ship", 10, 10, 60, 40),
        ("storage tank", 150, 50, 180, 90),
    ]


def test_express_names_type_and_parent() -> None:
    target = Target(regions=tuple(Region((x, 0, x + 20, 20), "A7") for x in (0, 40)))
    text = PAPER.express(target, TYPES, WIDE)
    assert text.startswith("There are <p>2 A7 airplanes</p>[")
    assert [row[0] for row in read(text, TYPES)] == ["A7", "A7"]
    assert [row[0] for row in read("There is <p>plane</p>[0.1,0.3,0.2,0.4]", TYPES)] == ["airplane"]


def test_words() -> None:
    label = Label(("bare land", "beach"))
    assert PAPER.express(Target(label="beach"), label, None) == "beach"
    assert RELEASED.express(Target(label="bare land"), label, None) == "Bare land."
    assert RELEASED.parse("Bare land.", label, None).label == "bare land"
    assert PAPER.express(Target(texts=("yes", "yeah")), Text("?"), None) == "yes"
    assert PAPER.parse(" yes\n", Text("?"), None).text == "yes"
    assert PAPER.parse("", Text("?"), None).unparsable == PAPER.parse(" ", label, None).unparsable
    assert PAPER.parse("bare land, beach", label, None).unparsable


def test_nothing_there_is_no_failure() -> None:
    assert PAPER.parse(PAPER.express(Target(), Boxes(CLASSES), WIDE), Boxes(CLASSES), WIDE).unparsable is None
    for text in (
        "There are none.",
        "There is no ship in the image.",
        "None",
        "[]",
        "No ships.",
        "I see no ships",
    ):
        assert read(text) == []


@pytest.mark.parametrize(
    "text", ["", " \n", "a fine day", "ship", "[1,2,3]", "<p>ship</p>", "no idea", "ship [nan,0,1,1]"]
)
def test_unparsable(text: str) -> None:
    assert PAPER.parse(text, Boxes(CLASSES), WIDE).unparsable


def test_unknown_size_is_said() -> None:
    assert "size" in str(PAPER.parse("[0,0,1,1]", Boxes(CLASSES), None).unparsable)


SHIP = ("ship", 20, 50, 40, 70)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("There is <p>ship</p>[0.1,0.5,0.2,0.6] in the image.", [SHIP]),
        ("ship [0.1, 0.5, 0.2, 0.6]", [SHIP]),
        ("ship: [0.100 0.500 0.2000 0.6]", [SHIP]),
        ("There are two ships [.1,.5,.2,.6;.1,.5,.2,.6]", [SHIP, SHIP]),
        ("<p>2 ships</p>[0.1,0.5,0.2,0.6][0.1,0.5,0.2,0.6]", [SHIP, SHIP]),
        ("<p>2 ships</p>[0.1,0.5,0.2,0.6,0.1,0.5,0.2,0.6,0.1,0.5,0.2,0.6]", [SHIP, SHIP, SHIP]),
        ("<p>ship</p>[20,100,40,120]", [SHIP]),
        ("<p>ship</p>[0.2,0.6,0.1,0.5]", [SHIP]),
        ("<p>ship</p>[0.1,0.5,0.2,0.6;0.1,0.2,0.3;0.1,nan,0.2,0.3;1e30,0,1,1]", [SHIP]),
        ("<p>ship</p>[0.1,0.5,0.2,0.6;0.7,0.8,0.9", [SHIP]),
        ("<p>ship</p>[0.1,0.5,0.2,0.6;0.4,0.5,0.4,0.6]", [SHIP]),
        ("<p>ship</p>[0.1,0.5,0.2,0.5,0.2,0.6,0.1,0.6]", [SHIP]),
        ("<p>ship</p>[0.9,0.6,1.2,0.9]", [("ship", 180, 70, 200, 100)]),
        ("<p>ship</p>[0.1,0.1,0.2,0.3]", [("ship", 20, 0, 40, 10)]),
        ('[{"label": "Ships", "bbox": [0.1, 0.5, 0.2, 0.6]}]', [SHIP]),
        ('```json\n[{"bbox_2d": [0.1,0.5,0.2,0.6],\n "label": "ship"}]\n```', [SHIP]),
        ('{"ships": [[0.1,0.5,0.2,0.6], [0.1,0.5,0.2,0.6]]}', [SHIP, SHIP]),
        ('{"x1": 0.1, "y1": 0.5, "x2": 0.2, "y2": 0.6, "class": "ship", "score": 0.3}', [SHIP]),
        ("[0.1,0.5,0.2,0.6] ship\n[0.1,0.5,0.2,0.6] plane", [SHIP, ("airplane", *SHIP[1:])]),
        ("<ref>ship</ref><box>(0.1,0.5),(0.2,0.6)</box>", [SHIP]),
        ("A ship (one of 3) is located at [0.1,0.5,0.2,0.6].", [SHIP]),
        ("1. ship 0.1 0.5 0.2 0.6", [SHIP]),
        ("<p>cloud</p>[0.1,0.5,0.2,0.6]", [("cloud", *SHIP[1:])]),
    ],
)
def test_notations(text: str, expected: list[tuple[object, ...]]) -> None:
    assert read(text) == expected


def test_other_classes_are_kept_apart() -> None:
    text = "There are <p>2 planes</p>[0.1,0.5,0.2,0.6;0.3,0.3,0.4,0.4] and <p>ship</p>[0.5,0.5,0.6,0.6]."
    assert [row[0] for row in read(text)] == ["airplane", "airplane", "ship"]


def test_span_is_where_the_numbers_stand() -> None:
    text = "<p>2 ships</p>[0.1,0.5,0.2,0.6; 0.3,0.3,0.4,0.45]"
    spans = [r.span for r in PAPER.parse(text, Boxes(CLASSES), WIDE).regions]
    assert [text[slice(*span)] for span in spans if span] == ["0.1,0.5,0.2,0.6", "0.3,0.3,0.4,0.45"]


def test_a_frame_without_padding_is_taken_for_the_size() -> None:
    assert read("<p>ship</p>[0.1,0.5,0.2,0.6]", frame=Frame.plain(200, 100)) == [SHIP]
    assert read("<p>ship</p>[0.1,0.5,0.2,0.6]", frame=Frame.padded_square(200, 100, 512)) == [SHIP]
    assert read("<p>ship</p>[51.2,256,102.4,307.2]", frame=Frame.padded_square(200, 100, 512)) == [SHIP]


def test_oriented_corner_order() -> None:
    """The released example: nearest corner first, then rising angle."""
    example = [0.38, 0.12, 0.42, 0.04, 0.85, 0.27, 0.80, 0.35]
    for shift in range(4):
        assert nearest_first(example[2 * shift :] + example[: 2 * shift]) == example
    wants = Boxes(CLASSES, oriented=True)
    target = Target(regions=(Region((80, 100, 38, 12, 42, 4, 85, 27), "ship"),))
    text = EarthGPT(decimals="3").express(target, wants, Frame.plain(100, 100))
    assert text == "There is <p>ship</p>[0.380,0.120,0.420,0.040,0.850,0.270,0.800,1.000] in the image."


def _objects(rng: np.random.Generator, size: float, oriented: bool) -> tuple[Region, ...]:
    regions: list[Region] = []
    for _ in range(30):
        cx, cy = rng.uniform(60, 440), rng.uniform(60, 240)
        w, h = size * rng.uniform(0.8, 1.2), size * rng.uniform(0.4, 0.8)
        angle = rng.uniform(0, np.pi) if oriented else 0.0
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        points = (np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) / 2) @ turn.T + (cx, cy)
        flat = tuple(float(v) for v in points.ravel())
        regions.append(Region(flat if oriented else (*flat[:2], *flat[4:6]), CLASSES[len(regions) % 3]))
    return tuple(regions)


@pytest.mark.parametrize("oriented", [False, True])
@pytest.mark.parametrize("side", [None, 512])
def test_round_trip_loses_the_rounding_only(oriented: bool, side: int | None) -> None:
    """No corner moves by more than half a unit of the last place; nothing is lost or renamed."""
    rng = np.random.default_rng(3)
    frame = Frame.padded_square(500, 300, side)
    wants = Boxes(CLASSES, oriented=oriented)
    for decimals in (2, 3, 4):
        dialect = EarthGPT(decimals=decimals)
        regions = _objects(rng, 40, oriented)
        back = dialect.parse(dialect.express(Target(regions=regions), wants, frame), wants, frame).regions
        assert sorted(r.label for r in back) == sorted(r.label for r in regions)
        tolerance = 500 * 0.5 * 10**-decimals + 1e-9
        for region in regions:
            gap = min(_corner_gap(region.points, r.points) for r in back if r.label == region.label)
            assert gap <= tolerance


def _corner_gap(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    """The largest coordinate difference under the best cyclic match of corners."""
    if len(a) == 4:
        return max(abs(p - q) for p, q in zip(a, b, strict=True))
    turned = [b[2 * k :] + b[: 2 * k] for k in range(4)]
    flipped = [tuple(v for i in (0, 3, 2, 1) for v in t[2 * i : 2 * i + 2]) for t in turned]
    return min(max(abs(p - q) for p, q in zip(a, t, strict=True)) for t in (*turned, *flipped))


def test_round_trip_of_exact_numbers_is_exact() -> None:
    frame = Frame.plain(100, 100)
    regions = tuple(Region((x, 20, x + 11, 40), "ship") for x in (5, 30, 60))
    back = PAPER.parse(
        PAPER.express(Target(regions=regions), Boxes(CLASSES), frame), Boxes(CLASSES), frame
    ).regions
    assert iou([r.points for r in back], [r.points for r in regions]) == pytest.approx(np.eye(3), abs=1e-9)


def test_coordinates_stay_inside_the_picture() -> None:
    target = Target(regions=(Region((-20, 10, 30, 120), "ship"),))
    assert "[0.00,0.30,0.15,0.85]" in PAPER.express(target, Boxes(CLASSES), WIDE)


PIECES = st.sampled_from(
    [
        "[",
        "]",
        "(",
        ")",
        "{",
        "}",
        ";",
        ",",
        '"',
        "<p>",
        "</p>",
        "ship",
        "label",
        ":",
        "nan",
        "1e999",
        "0.5",
        "-1",
        "9" * 40,
    ]
    + ["\n", " ", "There are", "no", "\x00", "\ud800", "|", "0.1,0.2,0.3,0.4"]
)


@given(st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join)))
@settings(max_examples=300, deadline=None)
def test_never_raises(text: str) -> None:
    for wants in (
        Boxes(CLASSES),
        Boxes(CLASSES, oriented=True),
        Boxes((), phrase="it"),
        Label(CLASSES),
        Text("?"),
    ):
        for region in PAPER.parse(text, wants, WIDE).regions:
            assert all(np.isfinite(region.points)) and region.span and text[slice(*region.span)]
    PAPER.parse(text, replace(TYPES, oriented=True), Frame.plain(0, 0))


@pytest.mark.parametrize(
    "unit",
    [
        "[",
        "<p>",
        "[0.1,0.2,0.3,0.4]",
        "ship [",
        "{",
        '"',
        '\\"',
        "(1,2)",
        "9",
        "1.",
        "a ",
        "\n",
        "[[",
        "name:",
        "</p>[0.1;",
    ]
    + ['{"label":', "- ", "1e", "there is ", "(", "x" * 50 + "[1,2,3,4,5]", "|", "\t"],
)
def test_garbage_takes_linear_time(unit: str) -> None:
    def seconds(length: int) -> float:
        start = time.process_time()
        PAPER.parse((unit * (length // len(unit) + 1))[:length], Boxes(CLASSES), WIDE)
        return time.process_time() - start

    assert seconds(100_000) < max(1.5, 30 * seconds(10_000))


def pointed(
    wants: Text,
    *points: tuple[float, ...],
    size: tuple[int, int] | None = (200, 100),
    spoken: EarthGPT = PAPER,
) -> str:
    image, regions = Image("a.png", "", size=size), tuple(Region(p, "") for p in points)
    return spoken.render(Request("", "1", (image,), wants, regions=regions))


def test_regions_stand_behind_the_released_instruction() -> None:
    """Worked by hand: 200 x 100 is padded by 50 above, then divided by 200; the paper prints no wording."""
    words = "Please provide a short description for this region in this remote sensing image :"
    box, quad = (20, 50, 40, 70), (10, 0, 20, 0, 20, 10, 10, 10)
    described = Text("", sentences=True)
    for spoken in (PAPER, RELEASED):
        assert pointed(described, box, spoken=spoken) == words + "[0.10,0.50,0.20,0.60]"
    assert pointed(described, (80, 50, 90, 60), box) == words + "[0.40,0.50,0.45,0.55;0.10,0.50,0.20,0.60]"
    assert pointed(described, quad) == words + "[0.05,0.25,0.10,0.25,0.10,0.30,0.05,0.30]"
    assert pointed(described, (-9, 50, 400, 70)) == words + "[0.00,0.50,1.00,0.60]"
    assert pointed(Text("Is it a ship?"), box) == (
        "Is it a ship? :[0.10,0.50,0.20,0.60] Answering the question using a single word or phrase"
    )
    with pytest.raises(DataError, match="a.png is not known"):
        pointed(described, box, size=None)


@pytest.mark.parametrize("size", [(500, 300), (211, 640), (333, 333)])
def test_regions_come_back_within_the_rounding(size: tuple[int, int]) -> None:
    rng, frame = np.random.default_rng(4), Frame.padded_square(*size)
    for decimals in (2, 3):
        near = rng.uniform(0, 0.5, (20, 2)) * size
        boxes = [(x, y, x + 0.4 * size[0], y + 0.4 * size[1]) for x, y in near.tolist()]
        prompt = pointed(Text("", sentences=True), *boxes, size=size, spoken=EarthGPT(decimals=decimals))
        written, dropped = notation.find_boxes(prompt)
        assert len(written) == 20 and not dropped
        back = [frame.to_original([v * max(size) for v in box.numbers]) for box in written]
        assert np.abs(np.subtract(back, boxes)).max() <= max(size) * 0.5 * 10**-decimals + 1e-9
