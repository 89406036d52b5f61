"""Scoring a ledger: errors are not answers, unparsable answers are wrong, confidences are told apart."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from rsbench.harness.contract import (
    Answer,
    Boxes,
    Frame,
    Image,
    Label,
    Region,
    Report,
    Request,
    Response,
    Sample,
    Target,
    Text,
    Turn,
    Wants,
)
from rsbench.harness.dialects.plain import Plain
from rsbench.harness.ledger import Appender, Ledger, start
from rsbench.harness.metrics.choice import Choice
from rsbench.harness.metrics.detection import Detection
from rsbench.harness.metrics.vqa import VQA
from rsbench.harness.observation import items
from rsbench.harness.rating import box_mark
from rsbench.harness.roles import Metric
from rsbench.harness.score import score

from .test_ledger import spec

CHOICES = ("beach", "forest")


class Fixed:
    """A task over given samples."""

    name, version = "fixed", 1

    def __init__(self, samples: Sequence[Sample], wants: Wants, metric: Metric, headline: str) -> None:
        self._samples, self._wants = samples, wants
        self.metrics: tuple[Metric, ...] = (metric,)
        self.headline = headline

    def samples(self) -> Sequence[Sample]:
        return self._samples

    def request(self, sample: Sample, history: Sequence[Turn]) -> Wants | None:
        return None if history else self._wants


class Words:
    """A dialect in which the text is the label; '?' cannot be understood."""

    name, version = "words", 1

    def render(self, request: Request) -> str:
        return "what?"

    def parse(self, text: str, wants: Wants, frame: Frame | None) -> Answer:
        return Answer(unparsable="a question mark") if text == "?" else Answer(label=text)

    def express(self, target: Target, wants: Wants, frame: Frame | None) -> str:
        return target.label or ""


def scenes() -> list[Sample]:
    return [
        Sample(
            f"s{i}", (Image(f"{i}.png", ""),), Target(label=CHOICES[i % 2]), tags={"sensor": "sar" * (i > 1)}
        )
        for i in range(4)
    ]


def answered(
    folder: Path, samples: Sequence[Sample], *responses: Response, sources: tuple[str, ...] = ()
) -> Ledger:
    ledger = start(folder, spec(confidences=sources), CHOICES, samples, [], {})
    with Appender(ledger, "responses.jsonl") as appender:
        for response in responses:
            appender.response(response)
    return ledger


def scene_report(folder: Path, *texts: str | None) -> Report:
    task = Fixed(scenes(), Label(CHOICES), Choice(CHOICES), "top-1")
    replies = [
        Response(f"k{i}", f"s{i}", text=text, error=None if text is not None else "broken image")
        for i, text in enumerate(texts)
    ]
    return score(answered(folder, scenes(), *replies), task, Words(), resamples=100)


def test_an_error_is_counted_and_not_scored(tmp_path: Path) -> None:
    report = scene_report(tmp_path, "beach", "forest", None)
    assert (report.samples, report.failed, report.unparsable) == (4, 2, 0)
    assert report.headline.value == 1.0
    assert report.details["errors"] == {"broken image": 1, "not asked yet": 1}
    assert "incomplete: 2 of 4 without an answer" in report.labels


def test_an_unparsable_answer_is_counted_and_wrong(tmp_path: Path) -> None:
    report = scene_report(tmp_path, "beach", "?", "forest", "forest")
    assert report.unparsable == 1
    assert report.headline.value == 0.5
    assert report.headline.low is not None and report.headline.high is not None
    assert report.headline.low <= 0.5 <= report.headline.high


def test_slices_follow_the_tags(tmp_path: Path) -> None:
    report = scene_report(tmp_path, "beach", "forest", "forest", "beach")
    slices = {(s.tag, s.value): s.figure.value for s in report.slices}
    assert slices == {("sensor", "not known"): 1.0, ("sensor", "sar"): 0.0}


def test_the_same_ledger_gives_the_same_bytes(tmp_path: Path) -> None:
    texts = ["beach", "beach", "beach", "?"]
    first, second = scene_report(tmp_path / "a", *texts), scene_report(tmp_path / "b", *texts)
    assert first == second


def test_nothing_answered_is_undefined_not_zero(tmp_path: Path) -> None:
    report = scene_report(tmp_path)
    assert report.headline.value is None and report.failed == 4


def test_evidence_is_written_a_line_a_sample(tmp_path: Path) -> None:
    scene_report(tmp_path, "beach", "beach", "beach", "beach")
    (path,) = tmp_path.glob("*/evidence.jsonl")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["sample"] for row in rows] == ["s0", "s1", "s2", "s3"]


BOXES = Boxes(("ship",))
SHIP = Region((0.0, 0.0, 10.0, 10.0), "ship")
FALSE = Region((50.0, 50.0, 60.0, 60.0), "ship")
HEADLINE = "all/AP@0.50/area/clip-score"


def box_task() -> Fixed:
    views = {"all": {"ship": "ship"}}
    return Fixed(box_samples(), BOXES, Detection(views, thresholds=(0.5,)), HEADLINE)


def box_samples() -> list[Sample]:
    return [Sample("s0", (Image("0.png", "", size=(99, 99)),), Target(regions=(SHIP,)))]


def test_each_confidence_source_has_its_own_figures(tmp_path: Path) -> None:
    sources = ("clip-score", "logprob", "none")
    reply = Response("k0", "s0", regions=(FALSE, SHIP))
    ledger = answered(tmp_path, box_samples(), reply, sources=sources)
    mark = box_mark(Answer(regions=(FALSE, SHIP)))
    with Appender(ledger, "confidence.jsonl") as appender:
        for source, scores in (("clip-score", [0.1, 0.9]), ("logprob", [0.9, None]), ("none", [1.0, 1.0])):
            appender.add({"key": "k0", "source": source, "digest": "d", "boxes": mark, "scores": scores})
    report = score(ledger, box_task(), None, resamples=50)
    figures = {figure.name: figure.value for figure in report.figures}
    assert figures[HEADLINE] == 1.0
    assert figures["all/AP@0.50/area/none"] == 0.5
    assert not any(name.endswith("logprob") for name in figures)
    assert report.details["not computed"] == ["logprob"]


def test_without_the_headlines_source_another_one_is_shown(tmp_path: Path) -> None:
    reply = Response("k0", "s0", regions=(FALSE, SHIP))
    ledger = answered(tmp_path, box_samples(), reply, sources=("clip-score", "none"))
    row = {"key": "k0", "digest": "d", "boxes": box_mark(Answer(regions=(FALSE, SHIP)))}
    with Appender(ledger, "confidence.jsonl") as appender:
        appender.add({**row, "source": "none", "scores": [1.0, 1.0]})
        appender.add({**row, "source": "clip-score", "scores": [None, None], "error": "0.png is damaged"})
    report = score(ledger, box_task(), None, resamples=50)
    assert (report.headline.name, report.headline.value) == (HEADLINE, None)
    assert report.details["shown"] == "all/AP@0.50/area/none"
    assert report.details["detection"]["all"]["classes"]
    assert report.details["unrated"] == {"0.png is damaged": 1}


def test_ratings_of_other_boxes_are_not_used(tmp_path: Path) -> None:
    ledger = answered(tmp_path, box_samples(), Response("k0", "s0", regions=(SHIP,)), sources=("clip-score",))
    with Appender(ledger, "confidence.jsonl") as appender:
        other = {"key": "k0", "source": "clip-score", "digest": "d", "boxes": "0" * 16, "scores": [0.5]}
        appender.add(other)
    report = score(ledger, box_task(), None, resamples=50)
    assert report.headline.value is None


def test_scores_of_two_models_are_not_mixed(tmp_path: Path) -> None:
    samples = [*box_samples(), replace(box_samples()[0], id="s1")]
    replies = [Response(f"k{i}", f"s{i}", regions=(SHIP,)) for i in range(2)]
    ledger = answered(tmp_path, samples, *replies, sources=("clip-score",))
    task = Fixed(samples, BOXES, box_task().metrics[0], HEADLINE)
    row = {"source": "clip-score", "boxes": box_mark(Answer(regions=(SHIP,))), "scores": [0.5]}
    with Appender(ledger, "confidence.jsonl") as appender:
        appender.add({**row, "key": "k0", "digest": "one"})
        appender.add({**row, "key": "k1", "digest": "one"})
    whole = score(ledger, task, None, resamples=50)
    assert whole.headline.value == 1.0 and whole.details["raters"] == {"clip-score": "one"}
    with Appender(ledger, "confidence.jsonl") as appender:
        appender.add({**row, "key": "k0", "digest": "two"})
    mixed = score(ledger, task, None, resamples=50)
    assert mixed.headline.value is None and mixed.details["not computed"] == ["clip-score"]
    assert mixed.details["raters"] == {}


def test_a_detectors_own_scores_stand_in_for_the_headline(tmp_path: Path) -> None:
    scored = (replace(FALSE, score=0.2), replace(SHIP, score=0.8))
    ledger = answered(tmp_path, box_samples(), Response("k0", "s0", regions=scored), sources=("clip-score",))
    report = score(ledger, box_task(), None, resamples=50)
    assert report.headline.name == "all/AP@0.50/area/given"
    assert report.headline.value == 1.0
    assert report.details["not computed"] == []


def test_items_pair_every_sample_with_its_answer(tmp_path: Path) -> None:
    ledger = answered(tmp_path, box_samples(), Response("k0", "s0", regions=(SHIP,)))
    (item,) = items(ledger, box_task(), None)
    assert item.answer == Answer(regions=(SHIP,))


class Counting(Fixed):
    """The number of ships first, then the ships; remembers what it was reminded of."""

    def __init__(self, samples: Sequence[Sample]) -> None:
        super().__init__(samples, BOXES, Detection({"all": {"ship": "ship"}}, thresholds=(0.5,)), "")
        self.headline = "all/AP@0.50/area/given"
        self.first_turn = VQA("rsvqa/strict")
        self.histories: list[tuple[Turn, ...]] = []

    def request(self, sample: Sample, history: Sequence[Turn]) -> Wants | None:
        self.histories.append(tuple(history))
        return (Text("How many ships?"), BOXES, None)[len(history)]


def conversation(folder: Path, *rows: Sequence[Response]) -> tuple[Counting, Report]:
    """A report over three samples of two, one and no ship, from the responses in the order they came."""
    ships = ((SHIP, FALSE), (SHIP,), ())
    samples = [
        Sample(f"s{i}", (Image(f"{i}.png", "", size=(99, 99)),), Target(texts=(str(len(r)),), regions=r))
        for i, r in enumerate(ships)
    ]
    task = Counting(samples)
    ledger = answered(folder, samples, *(response for row in rows for response in row))
    return task, score(ledger, task, Plain(), resamples=50)


def counts(*texts: str) -> list[Response]:
    return [Response(f"first{i}", f"s{i}", text=text) for i, text in enumerate(texts)]


def ships(*found: tuple[Region, ...]) -> list[Response]:
    regions = [tuple(replace(region, score=0.5) for region in regions) for regions in found]
    return [Response(f"second{i}", f"s{i}", regions=r) for i, r in enumerate(regions)]


def test_the_last_turn_is_scored_and_the_first_one_shown(tmp_path: Path) -> None:
    """The model is reminded of the question as it was worded and of its literal answer, understood or not."""
    first, second = counts("2", "no idea", ""), ships((SHIP, FALSE), (SHIP,), ())
    task, report = conversation(tmp_path, first, second)
    assert report.headline.value == 1.0 and (report.failed, report.unparsable) == (0, 0)
    shown = report.details["first turn"]
    assert (shown["answers"], shown["unparsable"]) == (3, 1)  # an empty answer
    assert shown["rsvqa/strict/OA"] == pytest.approx(1 / 3)
    assert shown["errors"]["vhm/counting"]["without a number"] == 2
    question = "How many ships?\nAnswer with a single word or a short phrase."
    reminded = {history[0] for history in task.histories if len(history) == 1}
    assert reminded == {Turn(question, text) for text in ("2", "no idea", "")}
    assert not any(turn.question == "" for history in task.histories for turn in history)


def test_a_conversation_that_broke_off_is_no_answer(tmp_path: Path) -> None:
    """Neither a first answer alone nor an error in any turn is scored."""
    broken = Response("first1", "s1", error="broken image")
    failed = Response("second2", "s2", error="out of memory")
    first = [counts("2")[0], broken, counts("", "", "0")[2]]
    _, report = conversation(tmp_path, first, [failed])
    assert (report.samples, report.failed) == (3, 3) and report.headline.value is None
    assert report.details["errors"] == {"not asked yet": 1, "broken image": 1, "out of memory": 1}
    assert "first turn" not in report.details
    mended = counts("", "1")[1]
    _, report = conversation(tmp_path, [mended], ships((), (SHIP,)))
    assert report.failed == 1 and report.headline.value == pytest.approx(1 / 3)


def test_the_report_says_what_came_first(tmp_path: Path) -> None:
    task = Fixed(scenes(), Label(CHOICES), Choice(CHOICES), "top-1")
    ledger = start(tmp_path, spec(prompting="count"), CHOICES, scenes(), [], {})
    assert "prompting count" in score(ledger, task, Words(), resamples=50).labels
    assert not any("prompting" in label for label in scene_report(tmp_path / "bare").labels)
