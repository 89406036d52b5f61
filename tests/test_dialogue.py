"""A conversation with a model: what it is sent, what is kept, and the boxes of an answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image as Pictures

from rsbench.harness.adapters.trivial import Blank, Oracle
from rsbench.harness.contract import Decoding, Frame, Region, Request, Response, Runtime, Text, Turn
from rsbench.harness.dialects.earthgpt import EarthGPT
from rsbench.harness.dialogue import Dialogue, Streaming
from rsbench.harness.errors import DataError, ModelError, UsageError
from rsbench.reference_model.data.conversation import from_item
from rsbench.reference_model.data.problems import Tally
from rsbench.reference_model.data.record import Record
from rsbench.reference_model.data.record import Turn as Taught

WARM = Decoding(20, 0.5, logprobs=False)


class Scripted:
    """Answers with what it was told to, and remembers what it was asked."""

    name = "scripted"
    dialect: str | None = "earthgpt"
    checkpoint: str | None = None

    def __init__(self, said: Mapping[str, Response | str]) -> None:
        self.said, self.asked = said, list[Request]()

    def generate(self, requests: Sequence[Request]) -> list[Response]:
        (request,) = requests
        self.asked.append(request)
        said = self.said[request.prompt]
        if isinstance(said, str):
            return [
                Response(request.key, request.sample_id, text=said, frame=Frame.padded_square(80, 40, 64))
            ]
        return [replace(said, key=request.key)]


class Streamed(Scripted):
    """The same word by word; `|` is where a person loses patience."""

    def stream(self, request: Request, show: Callable[[str], None]) -> Response:
        (response,) = self.generate([request])
        for word in (response.text or "").split():
            if word == "|":
                raise KeyboardInterrupt
            show(f"{word} ")
        return response


@pytest.fixture
def picture(tmp_path: Path) -> str:
    Pictures.new("RGB", (80, 40), (10, 20, 30)).save(tmp_path / "a.png")
    return str(tmp_path / "a.png")


def talk(adapter: Scripted, picture: str) -> Dialogue:
    return Dialogue(adapter, EarthGPT(), WARM, picture)


def test_questions_are_sent_literally_with_the_turns_before(picture: str) -> None:
    adapter = Scripted({"Where?": "Here.", "Sure?": "Yes."})
    dialogue, shown = talk(adapter, picture), list[str]()
    dialogue.ask("Where?", shown.append)
    dialogue.ask("Sure?", shown.append)
    first, second = adapter.asked
    assert (first.prompt, first.wants, first.turns) == ("Where?", Text("Where?"), ())
    assert second.prompt == "Sure?" and second.turns == (Turn("Where?", "Here."),)
    assert first.images[0].path == picture and first.images[0].size == (80, 40)
    assert first.decoding == WARM and first.key != second.key
    assert shown == ["Here.", "Yes."] and dialogue.turns[1] == Turn("Sure?", "Yes.")
    dialogue.forget()
    assert dialogue.turns == []
    dialogue.ask("Where?", shown.append)
    assert adapter.asked[2] == first, "the same place in a conversation draws the same numbers"


def test_a_stream_is_shown_as_it_comes(picture: str) -> None:
    adapter, shown = Streamed({"?": "two small ships", "??": ""}), list[str]()
    assert isinstance(adapter, Streaming) and not isinstance(Scripted({}), Streaming)
    dialogue = talk(adapter, picture)
    dialogue.ask("?", shown.append)
    assert shown == ["two ", "small ", "ships "] and dialogue.turns == [Turn("?", "two small ships")]
    dialogue.ask("??", shown.append)
    assert dialogue.turns[1] == Turn("??", "")


def test_an_interrupted_answer_is_what_was_shown(picture: str) -> None:
    adapter = Streamed({"?": "[0.25,0.25,0.75,0.75] | and more"})
    dialogue = talk(adapter, picture)
    with pytest.raises(KeyboardInterrupt):
        dialogue.ask("?", lambda _: None)
    assert dialogue.turns == [Turn("?", "[0.25,0.25,0.75,0.75] ")]
    assert [box.points for box in dialogue.boxes()] == [(20.0, 0.0, 60.0, 40.0)], "the size is known"


def test_an_error_is_no_turn(picture: str) -> None:
    adapter = Scripted({"?": Response("k", "k", error="the model is tired"), "x": "yes"})
    dialogue = talk(adapter, picture)
    with pytest.raises(ModelError, match="scripted: .*tired"):
        dialogue.ask("?", print)
    with pytest.raises(ModelError, match="KeyError"):
        dialogue.ask("not in the script", print)
    assert dialogue.turns == [] and dialogue.boxes() == ()


def test_boxes_of_both_kinds_are_read_from_the_last_answer(picture: str) -> None:
    both = (
        "There is <p>ship</p>[0.25,0.25,0.75,0.75] and <p>plane</p>[0.50,0.30,0.60,0.40,0.50,0.50,0.40,0.40]"
    )
    dialogue = talk(Scripted({"?": both, "x": "No."}), picture)
    assert dialogue.boxes() == ()
    dialogue.ask("?", lambda _: None)
    ship, plane = dialogue.boxes()
    # the square is 80 pixels wide with 20 pixels above and below the picture
    assert (ship.label, plane.label) == ("ship", "plane")
    assert ship.points == pytest.approx((20, 0, 60, 40))
    assert plane.points == pytest.approx((40, 4, 48, 12, 40, 20, 32, 12))
    dialogue.ask("x", lambda _: None)
    assert dialogue.boxes() == ()


def test_a_detector_can_be_asked(picture: str) -> None:
    found = (Region((1.0, 2.0, 3.0, 4.0), "ship", score=0.5),)
    said = {"boxes": Response("", "", regions=found), "class": Response("", "", label="port")}
    dialogue, shown = Dialogue(Scripted(said), None, WARM, picture), list[str]()
    dialogue.ask("boxes", shown.append)
    assert [box.points for box in dialogue.boxes()] == [found[0].points]
    dialogue.ask("class", shown.append)
    assert shown == ["(1 box)", "port"] and dialogue.boxes() == ()


def test_another_picture_begins_anew(picture: str, tmp_path: Path) -> None:
    dialogue = talk(Scripted({"?": "yes"}), picture)
    dialogue.ask("?", lambda _: None)
    (tmp_path / "broken.png").write_bytes(b"not a picture")
    with pytest.raises(DataError, match="broken.png is damaged"):
        dialogue.look_at(str(tmp_path / "broken.png"))
    assert dialogue.path == picture and len(dialogue.turns) == 1
    Pictures.new("RGB", (10, 10)).save(tmp_path / "b.png")
    dialogue.look_at(str(tmp_path / "b.png"))
    assert dialogue.turns == [] and dialogue.picture().size == (10, 10)


def test_a_record_is_of_mmrs_form(picture: str) -> None:
    dialogue = talk(Scripted({"?": "yes", "!": "no"}), picture)
    dialogue.ask("?", lambda _: None)
    dialogue.ask("!", lambda _: None)
    said = [("human", "?"), ("gpt", "yes"), ("human", "!"), ("gpt", "no")]
    rows = [{"from": who, "value": what} for who, what in said]
    assert dialogue.record() == {"image": "data/a.png", "conversations": rows}
    # the training data's own reader takes it whole
    tally = Tally()
    record = from_item(dialogue.record(), "item 1", tally)
    assert record == Record("a.png", (Taught("?", "yes"), Taught("!", "no")))
    assert not tally.problems()


def test_who_cannot_be_talked_with(picture: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="oracle knows"):
        Dialogue(Oracle({}, Runtime()), None, WARM, picture)
    with pytest.raises(DataError, match="missing"):
        Dialogue(Blank({}, Runtime()), EarthGPT(), WARM, str(tmp_path / "gone.png"))
