"""What every dialect in the registry must do: being listed is being tested."""

from __future__ import annotations

import time
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rsbench.harness.contract import Boxes, Frame, Image, Label, Mask, Region, Request, Target, Text, Wants
from rsbench.harness.dialects.convention import KNOWN, Convention
from rsbench.harness.dialects.reading import under
from rsbench.harness.geometry import iou
from rsbench.harness.plan import build_dialect
from rsbench.harness.registry import names
from rsbench.harness.roles import Dialect, Instructing

VARIANTS = (  # what options change of notation or wording
    "earthgpt,wording=released",
    "sphinx,decimals=3",
    "qwen,generation=1",
    "qwen,generation=2",
    "qwen,generation=3",
    "rscovlm,text=plain",
    "rscovlm,box=obb,labels=nearest",
    "rscovlm,text=plain,box=obb",
    "geochat,angle=clockwise",
)
DIALECTS = [*names("dialects"), *VARIANTS]
CLASSES = ("ship", "storage tank", "bus", "ferry", "church", "A7", "warehouse", "small-vehicle")
TYPES = tuple(f"A{i}" for i in range(1, 21))
WANTS: tuple[Wants, ...] = (
    Text("Is there a road?"),
    Label(CLASSES),
    Boxes(CLASSES),
    Boxes(CLASSES, oriented=True),
    Boxes(TYPES, parent="airplane"),
    Boxes(("ship",), phrase="the ship on the left"),
)
SIZES = ((512, 512), (800, 300), (150, 600))


@cache
def dialect(name: str) -> Dialect:
    made = build_dialect(name)
    assert made is not None
    return made


def frame_of(name: str, size: tuple[int, int]) -> Frame:
    """What a model of the family sees of a picture, as the dialect declares it."""
    declared: Any = dialect(name)
    frame = declared.frame(size)
    assert isinstance(frame, Frame) and (frame.width, frame.height) == size
    return frame


PIECES = st.sampled_from(
    [
        "{<",
        "}",
        "<",
        ">",
        "|",
        "<delim>",
        "<loc0012>",
        "<loc9999>",
        "<seg001>",
        "<box>",
        "</box>",
        "<ref>",
        "</ref>",
    ]
    + [
        "<|object_ref_start|>",
        "<|object_ref_end|>",
        "<|box_start|>",
        "<|box_end|>",
        "```json\n",
        "```",
        "[",
        "]",
    ]
    + [
        '{"bbox_2d": [',
        '{"quadrant bbox": [1, 2,',
        '], "label": "',
        '"}',
        '"label": ',
        "(10,20),",
        "1,2,3,4 ship\n",
    ]
    + [
        "{<1><2><3><4>}",
        "{<1><2><3><4>|<-90>}",
        "<p>",
        "</p>",
        "ship",
        "nan",
        "1e999",
        "-1",
        "9" * 40,
        "\n",
        " ",
    ]
    + ["\x00", "\ud800", "\\", "There are none.", "1 2 3 4", ",", ", ,"]
)
UNITS = (
    [
        "[",
        '{"',
        "<p>",
        "1,",
        "(1,2)",
        "[1,2,3,4]",
        "ship ",
        "\n",
        "-",
        "\\",
        "{<",
        "<1>",
        "<12><3>|",
        "{<1><2><3><4>|",
    ]
    + [
        "<loc0001>",
        "<loc",
        "<ref>",
        "<|box_start|>(1,2),",
        "```",
        ", ",
        "1 ",
        '"label": ',
        '"label":        ',
        "{[(",
    ]
    + [
        "1,2,3,4 ",
        "1,2,3,4 ship\n",
        '{"bbox_2d": [1,2,3,4], "label": "a"},\n',
        '"label": "\\',
        " ",
        "<seg001>",
        "<|",
    ]
)


def objects(rng: np.random.Generator, wants: Boxes, frame: Frame) -> tuple[Region, ...]:
    """Up to 12 objects, each side at least a tenth of the image's short side."""
    regions = []
    for _ in range(1 if wants.phrase else int(rng.integers(1, 13))):
        side = min(frame.width, frame.height)
        w, h = rng.uniform(0.1, 0.3, 2) * side
        cx, cy = rng.uniform(0.25 * side, (frame.width - 0.25 * side, frame.height - 0.25 * side))
        angle = rng.uniform(0, np.pi) if wants.oriented else 0.0
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        points = (np.array([[-w, -h], [w, -h], [w, h], [-w, h]]) / 2) @ turn.T + (cx, cy)
        flat = tuple(float(v) for v in points.ravel())
        label = wants.classes[int(rng.integers(len(wants.classes)))]
        regions.append(Region(flat if wants.oriented else (*flat[:2], *flat[4:6]), label))
    return tuple(regions)


@pytest.mark.parametrize("name", DIALECTS)
def test_it_has_a_name_and_a_version(name: str) -> None:
    assert dialect(name).name == name.partition(",")[0]
    assert dialect(name).version >= 1


@pytest.mark.parametrize("name", DIALECTS)
def test_it_declares_how_it_writes_coordinates(name: str) -> None:
    """What is read under another convention lies elsewhere; without a frame nothing is placed."""
    spoken, frame = dialect(name), frame_of(name, (400, 300))
    declared = spoken.convention  # type: ignore[attr-defined]  # of every built-in dialect
    assert isinstance(declared, Convention) and str(declared)
    wants = Boxes(CLASSES)
    text = spoken.express(Target(regions=(Region((40, 60, 200, 240), "ship"),)), wants, frame)
    found = [under(spoken, convention).parse(text, wants, frame).regions for convention in KNOWN.values()]
    assert len({regions[0].points for regions in found if regions}) > 3
    assert spoken.convention is declared  # type: ignore[attr-defined]  # under() leaves it alone
    unplaced = spoken.parse(text, wants, None)
    assert unplaced.regions if name == "plain" else "size" in str(unplaced.unparsable)


@pytest.mark.parametrize("name", DIALECTS)
def test_prompts_differ_by_what_is_asked_and_are_stable(name: str) -> None:
    image = Image("a.png", "", size=(64, 64))
    spoken = dialect(name)

    def said(sample: str) -> list[tuple[str, str | None]]:
        """Prompt and system prompt of every question."""
        requests = [Request("", sample, (image,), wants) for wants in WANTS]
        systems = [spoken.system(r) if isinstance(spoken, Instructing) else None for r in requests]
        return list(zip(map(spoken.render, requests), systems, strict=True))

    assert said("1") == said("2") and said("1")[2] != said("1")[3]
    prompts = [prompt for prompt, _ in said("1")]
    assert all(prompts)
    assert "Is there a road?" in prompts[0] and "the ship on the left" in prompts[5]
    assert all(choice in prompts[1] for choice in CLASSES)


@pytest.mark.parametrize("name", DIALECTS)
def test_regions_are_worded_for_every_question_in_words(name: str) -> None:
    """Each region, in its place, whatever its label: that is for the model to say."""
    image = Image("a.png", "", size=(400, 300))
    boxes = ((40.0, 90.0, 120.0, 150.0), (0.0, 0.0, 100.0, 50.0, 90.0, 70.0, 0.0, 60.0))

    def said(wants: Wants, *points: tuple[float, ...], label: str = "") -> str:
        regions = tuple(Region(p, label) for p in points)
        return dialect(name).render(Request("", "1", (image,), wants, regions=regions))

    for wants in (Text("", sentences=True), Text("Is it a ship?")):
        prompts = [said(wants, *some) for some in (boxes, boxes[::-1], boxes[:1], boxes[1:], ())]
        assert len(set(prompts)) == 5
        assert said(wants, *boxes, label="ship") == prompts[0] and wants.question in prompts[0]


@pytest.mark.parametrize("name", DIALECTS)
def test_labels_and_texts_come_back(name: str) -> None:
    spoken = dialect(name)
    for choice in CLASSES:
        wants = Label(CLASSES)
        assert spoken.parse(spoken.express(Target(label=choice), wants, None), wants, None).label == choice
    for text in ("yes", "12", "rural"):
        asked = Text("?")
        assert spoken.parse(spoken.express(Target(texts=(text,)), asked, None), asked, None).text == text


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("wants", WANTS[2:], ids=["boxes", "oriented", "parent", "phrase"])
@pytest.mark.parametrize("seed", range(3))
def test_boxes_come_back(name: str, wants: Boxes, seed: int) -> None:
    """Each object comes back under its own class, with an IoU that a hundredth of the side explains."""
    spoken, rng = dialect(name), np.random.default_rng(seed)
    for frame in (frame_of(name, size) for size in SIZES):
        regions = objects(rng, wants, frame)
        answer = spoken.parse(spoken.express(Target(regions=regions), wants, frame), wants, frame)
        assert answer.unparsable is None and len(answer.regions) == len(regions)
        assert sorted(r.label for r in answer.regions) == sorted(r.label for r in regions)
        overlap = iou([r.points for r in regions], [r.points for r in answer.regions])
        same = np.array([[a.label == b.label for b in answer.regions] for a in regions])
        assert (overlap * same).max(1).min() > (0.5 if frame.width != frame.height else 0.75)
        assert {len(r.points) for r in answer.regions} == {8 if wants.oriented else 4}


@pytest.mark.parametrize("name", DIALECTS)
def test_an_empty_image_is_an_answer_and_an_empty_text_is_none(name: str) -> None:
    spoken, frame = dialect(name), frame_of(name, SIZES[0])
    for wants in WANTS[2:5]:
        answer = spoken.parse(spoken.express(Target(), wants, frame), wants, frame)
        assert answer.unparsable is None and answer.regions == ()
    for wants in WANTS:
        for text in ("", "  \n"):
            assert spoken.parse(text, wants, frame).unparsable


@pytest.mark.parametrize("name", DIALECTS)
def test_spans_point_at_the_numbers(name: str) -> None:
    spoken, wants, frame = dialect(name), Boxes(CLASSES), frame_of(name, SIZES[0])
    text = spoken.express(Target(regions=objects(np.random.default_rng(5), wants, frame)), wants, frame)
    spans = sorted(r.span for r in spoken.parse(text, wants, frame).regions if r.span)
    assert spans and all(a[1] <= b[0] for a, b in zip(spans, spans[1:], strict=False))
    assert all(text[start].isdigit() and text[end - 1].isdigit() for start, end in spans)


@pytest.mark.parametrize("name", DIALECTS)
@given(
    text=st.text(),
    digits=st.text("[](){};,.:-+e0123456789<>p/ \n\"'ship|", max_size=200),
    pieces=st.lists(PIECES, max_size=30).map("".join),
)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_garbage_never_raises(name: str, text: str, digits: str, pieces: str) -> None:
    frames = (frame_of(name, SIZES[1]), Frame.plain(300, 200), None)
    for wants in (*WANTS, Mask("the road")):
        for frame in frames:
            for garbage in (text, digits, pieces):
                answer = dialect(name).parse(garbage, wants, frame)
                assert all(np.isfinite(region.points).all() for region in answer.regions)


@pytest.mark.parametrize("name", [*names("dialects"), "rscovlm,text=plain,box=obb,labels=nearest"])
@pytest.mark.parametrize("unit", UNITS)
def test_long_garbage_takes_linear_time(name: str, unit: str) -> None:
    frame = frame_of(name, SIZES[0])

    def seconds(length: int) -> float:
        start = time.process_time()
        for wants in WANTS[1:4]:
            dialect(name).parse((unit * (length // len(unit) + 1))[:length], wants, frame)
        return time.process_time() - start

    assert seconds(20_000) < max(1.0, 30 * seconds(2_000))


@pytest.mark.parametrize("name", DIALECTS)
def test_listing_every_class_names_none(name: str) -> None:
    assert dialect(name).parse(", ".join(CLASSES), Label(CLASSES), None).unparsable
