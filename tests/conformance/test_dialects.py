"""What every dialect in the registry must do: being listed is being tested."""

from __future__ import annotations

import time
from typing import cast

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rsbench.harness.contract import Boxes, Frame, Image, Label, Region, Request, Target, Text, Wants
from rsbench.harness.geometry import iou
from rsbench.harness.registry import load, names
from rsbench.harness.roles import Dialect

DIALECTS = names("dialects")
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
FRAMES = (Frame.plain(512, 512), Frame.plain(800, 300), Frame.plain(150, 600))


def dialect(name: str) -> Dialect:
    return cast(Dialect, load("dialects", name)())


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
    assert dialect(name).name == name
    assert dialect(name).version >= 1


@pytest.mark.parametrize("name", DIALECTS)
def test_prompts_differ_by_what_is_asked_and_are_stable(name: str) -> None:
    image = Image("a.png", "", size=(64, 64))
    prompts = [dialect(name).render(Request("", "1", (image,), wants)) for wants in WANTS]
    assert prompts == [dialect(name).render(Request("", "2", (image,), wants)) for wants in WANTS]
    assert all(prompts)
    assert prompts[2] != prompts[3]
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
    for frame in FRAMES:
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
    spoken = dialect(name)
    for wants in WANTS[2:5]:
        answer = spoken.parse(spoken.express(Target(), wants, FRAMES[0]), wants, FRAMES[0])
        assert answer.unparsable is None and answer.regions == ()
    for wants in WANTS:
        for text in ("", "  \n"):
            assert spoken.parse(text, wants, FRAMES[0]).unparsable


@pytest.mark.parametrize("name", DIALECTS)
def test_spans_point_at_the_numbers(name: str) -> None:
    spoken, wants = dialect(name), Boxes(CLASSES)
    text = spoken.express(
        Target(regions=objects(np.random.default_rng(5), wants, FRAMES[0])), wants, FRAMES[0]
    )
    spans = sorted(r.span for r in spoken.parse(text, wants, FRAMES[0]).regions if r.span)
    assert spans and all(a[1] <= b[0] for a, b in zip(spans, spans[1:], strict=False))
    assert all(text[start].isdigit() and text[end - 1].isdigit() for start, end in spans)


@pytest.mark.parametrize("name", DIALECTS)
@given(text=st.text(), digits=st.text("[](){};,.:-+e0123456789<>p/ \n\"'ship", max_size=200))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_garbage_never_raises(name: str, text: str, digits: str) -> None:
    for wants in WANTS:
        for frame in (FRAMES[1], None):
            for garbage in (text, digits):
                answer = dialect(name).parse(garbage, wants, frame)
                assert all(np.isfinite(region.points).all() for region in answer.regions)


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("unit", ["[", '{"', "<p>", "1,", "(1,2)", "[1,2,3,4]", "ship ", "\n", "-", "\\"])
def test_long_garbage_is_quick(name: str, unit: str) -> None:
    start = time.process_time()
    for wants in WANTS:
        dialect(name).parse(unit * (40_000 // len(unit)), wants, FRAMES[0])
    assert time.process_time() - start < 10


@pytest.mark.parametrize("name", DIALECTS)
def test_listing_every_class_names_none(name: str) -> None:
    assert dialect(name).parse(", ".join(CLASSES), Label(CLASSES), None).unparsable
