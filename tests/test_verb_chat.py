"""`rsbench chat` from a pipe: answers, commands, files, and what goes wrong as sentences with exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PIL import Image

from rsbench.harness.cli import main
from rsbench.harness.dialogue import Dialogue
from rsbench.harness.verbs import chat as verb


@pytest.fixture
def picture(tmp_path: Path) -> str:
    Image.new("RGB", (80, 40), (90, 120, 60)).save(tmp_path / "a.png")
    return str(tmp_path / "a.png")


def run(monkeypatch: pytest.MonkeyPatch, lines: str, *arguments: str) -> int:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(lines))
    try:
        main(["chat", *arguments])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def test_a_conversation_with_the_reference_model(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    picture: str,
    text_folder: Path,
    tmp_path: Path,
) -> None:
    lines = (
        f"Where?\n\n  Sure? \n/save {tmp_path / 'said.json'}\n/history\n/reset\nWhere?\n/quit\nnever asked\n"
    )
    options = ("--model", f"earthgpt,checkpoint={text_folder}", "--max-new-tokens", "9")
    assert run(monkeypatch, lines, picture, *options) == 0
    said, told = capsys.readouterr()
    (record,) = json.loads((tmp_path / "said.json").read_text(encoding="utf-8"))
    assert record["image"] == "data/a.png" and "2 turns in" in told
    values = [part["value"] for part in record["conversations"]]
    assert [part["from"] for part in record["conversations"]] == ["human", "gpt"] * 2
    assert values[0] == "Where?" and values[2] == "Sure?" and values[1]
    history = f"> Where?\n{values[1]}\n> Sure?\n{values[3]}\n"
    # after /reset the first question is answered as it was
    assert said == f"{values[1]}\n{values[3]}\n{history}{values[1]}\n"


def answering(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    """`constant` answers with a text; the dialect reads it."""

    def ask(dialogue: Dialogue, question: str, show: object) -> None:
        from rsbench.harness.contract import Response

        if question == "stop":
            raise KeyboardInterrupt
        dialogue._keep(question, Response("k", "k", text=text))

    monkeypatch.setattr(Dialogue, "ask", ask)


def test_boxes_of_an_answer_are_drawn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], picture: str, tmp_path: Path
) -> None:
    answering(monkeypatch, "There is <p>ship</p>[0.25,0.25,0.75,0.75] in the image.")
    target = tmp_path / "drawn.png"
    options = (picture, "--model", "blank", "--dialect", "earthgpt")
    assert run(monkeypatch, f"Where?\n/draw {target}\n", *options) == 0
    assert "1 box on" in capsys.readouterr().err
    with Image.open(target) as drawn:
        assert drawn.size == (80, 40)
        changed = [x for x in range(80) if drawn.convert("RGB").getpixel((x, 20)) != (90, 120, 60)]
    assert changed and min(changed) == pytest.approx(20, abs=1) and max(changed) == pytest.approx(59, abs=1)


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("/drow x.png", 2, "Did you mean /draw"),
        ("/draw", 2, "/draw needs the name of a file"),
        ("/draw x.png", 2, "no boxes in the last answer"),
        ("/image gone.png", 3, "gone.png is missing"),
        ("/save no/such/place.json", 3, "Cannot write"),
        ("?", 4, "blank"),
    ],
)
def test_what_goes_wrong_is_a_sentence_and_the_exit_code(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    picture: str,
    line: str,
    code: int,
    said: str,
) -> None:
    from rsbench.harness.adapters import trivial

    monkeypatch.setattr(trivial.Blank, "generate", lambda *_: iter(()))
    assert run(monkeypatch, f"/reset\n{line}\n/drow again\n/help\n", picture, "--model", "blank") == code
    out, told = capsys.readouterr()
    assert said in told and "Traceback" not in told and "/quit" in out, "the next lines are read, too"


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("gone.png", "--model", "blank"), 3, "gone.png is missing"),
        (("PICTURE", "--model", "oracle"), 2, "oracle knows"),
        (("PICTURE", "--model", "earhtgpt"), 2, "Did you mean earthgpt"),
        (("PICTURE", "--model", "blank", "--dialect", "earth"), 2, "Did you mean earthgpt"),
        (("PICTURE", "--temperature", "-1"), 2, "-1"),
    ],
)
def test_what_cannot_begin_does_not(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    picture: str,
    arguments: tuple[str, ...],
    code: int,
    said: str,
) -> None:
    assert run(monkeypatch, "?\n", *(picture if a == "PICTURE" else a for a in arguments)) == code
    assert said in capsys.readouterr().err


def test_stopping_stops_an_answer_only(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], picture: str
) -> None:
    answering(monkeypatch, "yes")
    from rsbench.harness.adapters.trivial import Blank
    from rsbench.harness.contract import Decoding, Runtime

    dialogue = Dialogue(Blank({}, Runtime()), None, Decoding(), picture)
    lines = iter(["one?", "stop", "two?"])

    def read() -> str:
        line = next(lines, None)
        if line is None:
            raise EOFError
        return line

    assert verb.converse(dialogue, read, interactive=True) == 0
    assert [turn.question for turn in dialogue.turns] == ["one?", "two?"]
    assert "stopped" in capsys.readouterr().err
    # from a pipe an interrupt is one of the whole command
    assert run(monkeypatch, "one?\nstop\ntwo?\n", picture, "--model", "blank") == 130
