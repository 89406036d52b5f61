"""A program asked in lines of JSON: what it sees, what it may answer, and every way it fails."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from jsonschema import Draft202012Validator

from rsbench.harness.adapters.command import Command
from rsbench.harness.adapters.command_messages import response_of, row_of
from rsbench.harness.contract import (
    Boxes,
    Decoding,
    Frame,
    Image,
    Label,
    Mask,
    Region,
    Request,
    Response,
    Runtime,
    Text,
    Token,
    Turn,
    Wants,
)
from rsbench.harness.errors import ModelError, UsageError

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "command_model.py"
LOOP = """import json, os, sys, time
for line in sys.stdin:
    row = json.loads(line)
    say = lambda **answer: print(json.dumps({"key": row["key"], **answer}), flush=True)
    question = row["wants"].get("question", "")
"""


def schema(name: str) -> Draft202012Validator:
    text = files("rsbench.harness.adapters").joinpath(f"command_{name}.schema.json").read_text()
    Draft202012Validator.check_schema(json.loads(text))
    return Draft202012Validator(json.loads(text))


def program(folder: Path, body: str, **options: str) -> Command:
    """The adapter of a program whose loop over requests has this body."""
    path = folder / "model.py"
    path.write_text(LOOP + "\n".join("    " + line for line in body.splitlines()) + "\n")
    return Command(
        {"run": f"{sys.executable} '{path}'", "start": "20", "timeout": "20", **options}, Runtime()
    )


def asked(count: int, wants: Wants | None = None) -> list[Request]:
    return [Request(f"k{i}", f"s{i}", (), wants or Text(f"q{i}")) for i in range(count)]


def by_key(responses: Sequence[Response]) -> dict[str, Response]:
    return {response.key: response for response in responses}


def full(tmp_path: Path, wants: Wants) -> Request:
    PIL.Image.new("RGB", (8, 4), "red").save(tmp_path / "a.png")
    path = str(tmp_path / "a.png")
    images = (Image("a.png", path), Image("a.png", path, page=2, window=(1, 1, 5, 3)))
    regions = (Region((1, 2, 3, 4), "hidden"), Region((0, 0, 1, 0, 1, 1, 0, 1), ""))
    return Request(
        "k", "class/s", images, wants, "?", Decoding(9, 0.5), (Turn("a", "b"),), regions, "Be brief."
    )


WANTS: list[Wants] = [
    Text("How many?"),
    Label(("ship", "port"), "Which?", (("harbour", "port"),)),
    Boxes(("ship",), oriented=True, parent="thing"),
    Boxes((), phrase="the ship"),
    Mask("the ship"),
]


@pytest.mark.parametrize("wants", WANTS, ids=lambda w: type(w).__name__)
def test_a_request_keeps_to_its_schema(wants: Wants, tmp_path: Path) -> None:
    request = full(tmp_path, wants)
    for pictures in (None, (b"one", b"two")):
        row = row_of(request, pictures)
        schema("request").validate(row)
        assert "hidden" not in json.dumps(row) and "class/s" not in json.dumps(row)
    bare = row_of(Request("k", "s", (), wants), None)
    schema("request").validate(bare)
    assert set(bare) == {"key", "wants", "images", "decoding"}
    row = row_of(request, None)
    assert row["images"][1]["window"] == [1, 1, 5, 3] and Path(row["images"][0]["path"]).is_absolute()
    assert row["turns"] == [{"question": "a", "answer": "b"}] and row["regions"][0] == [1, 2, 3, 4]
    assert (row["prompt"], row["system"], row["decoding"]["max_new_tokens"]) == ("?", "Be brief.", 9)


SHIP = {"box": [1, 2, 3, 4], "label": "ship", "score": 0.5}
FRAME = {"width": 8, "height": 4, "seen_width": 4, "seen_height": 2, "scale_x": 0.5, "scale_y": 0.5}


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"text": "two"}, {"text": "two"}),
        ({"text": ""}, {"text": ""}),
        ({"label": "ship"}, {"label": "ship"}),
        ({"boxes": [SHIP]}, {"regions": (Region((1, 2, 3, 4), "ship", 0.5),)}),
        ({"boxes": []}, {"regions": ()}),
        ({"error": "broken"}, {"error": "broken"}),
        ({"text": "ab", "tokens": [["a", -1], ["b", 0]]}, {"tokens": (Token("a", -1), Token("b", 0))}),
        ({"text": "a", "frame": FRAME}, {"frame": Frame(8, 4, 4, 2, 0.5, 0.5)}),
        ({"text": "a", "seconds": 1.5, "tokens_in": 3, "unknown": [1]}, {"seconds": 1.5, "tokens_in": 3}),
    ],
)
def test_what_a_program_may_answer(row: dict[str, Any], expected: dict[str, Any]) -> None:
    row = {"key": "k", **row}
    schema("response").validate(row)
    response = response_of(row, Request("k", "s", (), Text("?")), False)
    assert {name: getattr(response, name) for name in expected} == expected
    assert (response.error is None) == ("error" not in row) and response.sample_id == "s"


@pytest.mark.parametrize(
    "row",
    [
        {}, {"text": 7}, {"label": None}, {"boxes": "none"}, {"boxes": [7]},
        {"boxes": [{**SHIP, "box": [1, 2]}]},
        {"boxes": [{**SHIP, "label": 3}]}, {"text": "a", "tokens": [["b", 1]]}, {"text": "a", "tokens": "a"},
        {"text": "a", "frame": {"width": 3}}, {"text": "a", "frame": {**FRAME, "scale_x": 0}},
        {"text": "a", "frame": {**FRAME, "x": 1}}, {"text": "a", "seconds": -1},
        {"text": "a", "tokens_in": "3"},
        {"masks": [{"size": [1], "counts": "1"}]},
    ],
)  # fmt: skip
def test_what_is_no_answer_is_an_error_that_says_so(row: dict[str, Any]) -> None:
    response = response_of({"key": "k", **row}, Request("k", "s", (), Text("?")), False)
    assert response.error and "cannot be used" in response.error and response.text is None


def test_texts_without_a_dialect() -> None:
    def answer(wants: Wants, spoken: bool) -> Response:
        return response_of({"key": "k", "text": "ship"}, Request("k", "s", (), wants), spoken)

    assert answer(Text("?"), False).text == "ship"
    assert (answer(WANTS[1], False).label, answer(WANTS[1], False).text) == ("ship", None)
    assert answer(WANTS[1], True).text == "ship"
    said = answer(WANTS[2], False).error
    assert said and "dialect=NAME" in said


def test_answers_in_any_order_and_noise(tmp_path: Path) -> None:
    body = """print("loading 50 %", flush=True)
print("[1]", flush=True)
print(json.dumps({"key": "another", "text": "x"}), flush=True)
kept = globals().setdefault("kept", [])
kept.append(row)
if len(kept) == 3:
    for row in reversed(kept):
        say(text=row["wants"]["question"])
"""
    model = program(tmp_path, body)
    responses = list(model.generate(asked(3)))
    assert [(r.key, r.text) for r in responses] == [("k2", "q2"), ("k1", "q1"), ("k0", "q0")]
    assert model.summary == "6 lines that are no JSON object, 3 answers to what was not asked"


def test_pictures_as_bytes(tmp_path: Path) -> None:
    body = 'say(text=",".join(i["bytes"] for i in row["images"]))'
    PIL.Image.new("RGB", (8, 4), "red").save(tmp_path / "a.png")
    (tmp_path / "b.png").write_bytes(b"broken")
    good = Image("a.png", str(tmp_path / "a.png"), window=(0, 0, 2, 3))
    requests = [
        Request("k", "s", (good,), Text("?")),
        Request("b", "b", (Image("b.png", str(tmp_path / "b.png")),), Text("?")),
    ]
    found = by_key(list(program(tmp_path, body, images="bytes").generate(requests)))
    picture = PIL.Image.open(io.BytesIO(base64.b64decode(found["k"].text or "")))
    assert (picture.size, picture.getpixel((0, 0))) == ((2, 3), (255, 0, 0))
    assert found["b"].error and "damaged" in found["b"].error


def test_a_crash_costs_the_request_that_causes_it_and_no_other(tmp_path: Path) -> None:
    body = """if question == "q2":
    print("out of memory at q2", file=sys.stderr)
    os._exit(3)
say(text=question)
"""
    model = program(tmp_path, body)
    found = by_key(list(model.generate(asked(6))))
    assert {k: r.text for k, r in found.items() if k != "k2"} == {f"k{i}": f"q{i}" for i in (0, 1, 3, 4, 5)}
    error = found["k2"].error
    assert error and "status 3" in error and "out of memory at q2" in error
    assert model.summary == "3 restarts"
    assert [r.text for r in model.generate(asked(1))] == ["q0"]


def test_a_crash_by_chance_costs_nothing(tmp_path: Path) -> None:
    body = f"""mark = {str(tmp_path / "crashed")!r}
if question == "q1" and not os.path.exists(mark):
    open(mark, "w").close()
    os.kill(os.getpid(), 9)
say(text=question)
"""
    found = by_key(list(program(tmp_path, body).generate(asked(4))))
    assert {k: r.text for k, r in found.items()} == {f"k{i}": f"q{i}" for i in range(4)}


def test_a_program_that_hangs_is_started_again(tmp_path: Path) -> None:
    body = """if question == "q1":
    time.sleep(60)
say(text=question)
"""
    started = time.monotonic()
    found = by_key(list(program(tmp_path, body, timeout="0.5", start="3", tries="1").generate(asked(3))))
    assert found["k0"].text == "q0" and found["k2"].text == "q2"
    assert found["k1"].error and "no answer within" in found["k1"].error and time.monotonic() - started < 20


def test_noise_is_no_sign_of_life(tmp_path: Path) -> None:
    body = """while True:
    print("still here", flush=True)
    time.sleep(0.05)
"""
    with pytest.raises(ModelError, match="no answer within"):
        list(program(tmp_path, body, timeout="0.2", start="1", restarts="1").generate(asked(1)))


def test_a_program_that_never_works_ends_the_run(tmp_path: Path) -> None:
    path = tmp_path / "m.py"
    path.write_text("import no_such_module_at_all\n")
    model = Command({"run": f"{sys.executable} {path}", "restarts": "2"}, Runtime())
    with pytest.raises(ModelError, match="no_such_module_at_all") as caught:
        list(model.generate(asked(3)))
    assert "failed 3 times" in str(caught.value) and caught.value.exit_code == 4
    with pytest.raises(ModelError, match="cannot be started"):
        list(Command({"run": "no-such-program-at-all x"}, Runtime()).generate(asked(1)))
    with pytest.raises(ModelError, match="ended with status 0"):
        list(Command({"run": f"{sys.executable} -c pass", "restarts": "1"}, Runtime()).generate(asked(1)))


def test_no_shell_and_the_end_of_the_input(tmp_path: Path) -> None:
    """The words reach the program as they are; when the adapter goes, its input ends and it finishes."""
    path = tmp_path / "m.py"
    path.write_text(
        LOOP + f"    say(text=' '.join(sys.argv[1:]))\nopen({str(tmp_path / 'done')!r}, 'w').close()\n"
    )
    model = Command({"run": f"{sys.executable} {path} '$HOME; ls' '*'"}, Runtime())
    assert [r.text for r in model.generate(asked(1))] == ["$HOME; ls *"]
    del model
    assert (tmp_path / "done").exists()


def test_more_than_pipes_hold_does_not_block(tmp_path: Path) -> None:
    """The program answers before it reads on, and all of it is longer than a pipe."""
    requests = [Request(f"k{i}", "s", (), Text("x" * 100_000)) for i in range(30)]
    assert len(list(program(tmp_path, 'say(text="y" * 100_000)').generate(requests))) == 30


def test_what_a_spec_keeps(tmp_path: Path) -> None:
    model = program(tmp_path, "pass", timeout="7", restarts="1")
    assert model.arguments == {"run": f"{Path(sys.executable).name} model.py", "images": "path"}
    before = model.checkpoint
    assert before == program(tmp_path, "pass").checkpoint and before
    assert program(tmp_path, "pass # changed").checkpoint != before
    assert Command({"run": "true --x"}, Runtime()).checkpoint is None


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"run": " "},
        {"run": "a 'b"},
        {"run": "a", "images": "url"},
        {"run": "a", "tries": "0"},
        {"x": "1"},
    ],
)
def test_options_that_cannot_be(options: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        Command(options, Runtime())


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    """Through the whole command; a damaged picture is one failed sample."""
    from rsbench.harness.cli import main

    run = f'command,run="{sys.executable} {EXAMPLE}"'
    for name, color in (("dark", "black"), ("bright", "white")):
        (tmp_path / "data" / name).mkdir(parents=True)
        for i in range(3):
            PIL.Image.new("RGB", (8, 8), color).save(tmp_path / "data" / name / f"{i}.png")
    (tmp_path / "data" / "dark" / "broken.png").write_bytes(b"none")
    where = ["--data", str(tmp_path / "data"), "--output", str(tmp_path / "runs")]
    main(["run", "--model", run, "--tasks", "images", *where])
    (path,) = (tmp_path / "runs").glob("images-command-*/report.json")
    report = json.loads(path.read_text())
    assert (report["samples"], report["failed"], report["unparsable"]) == (7, 1, 0)
    assert report["headline"]["value"] == 0  # the classes stand in the order bright, dark
    assert report["spec"]["arguments"]["run"].endswith("command_model.py")
    assert str(tmp_path) not in (path.parent / "spec.json").read_text()


def test_the_example_by_hand(tmp_path: Path) -> None:
    PIL.Image.new("RGB", (8, 4), "white").save(tmp_path / "a.png")
    request = Request("k", "s", (Image("a.png", str(tmp_path / "a.png")),), Label(("dark", "bright")))
    lines = json.dumps(row_of(request, None)) + "\n"
    done = subprocess.run(
        [sys.executable, str(EXAMPLE)], input=lines, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == {"key": "k", "label": "bright"}
    assert len(EXAMPLE.read_text().splitlines()) <= 33


def test_a_changed_picture_is_sent_as_a_file_of_its_own(tmp_path: Path) -> None:
    """The program reads it while it is asked; when the batch is answered it is gone."""
    pixels = np.random.default_rng(0).integers(0, 255, (4, 8, 3), np.uint8)
    PIL.Image.fromarray(pixels).save(tmp_path / "a.png")
    image = Image("a.png", str(tmp_path / "a.png"), window=(0, 0, 6, 4))
    images = [image, replace(image, change="rot90"), replace(image, change="rot90")]
    body = """import PIL.Image
shown = row["images"][0]
say(text=json.dumps([shown, PIL.Image.open(shown["path"]).size]))"""
    requests = [Request(f"k{i}", f"s{i}", (one,), Text("?")) for i, one in enumerate(images)]
    found = by_key(list(program(tmp_path, body).generate(requests)))
    said = [json.loads(found[f"k{i}"].text or "") for i in range(3)]
    assert said[0] == [{"path": str(tmp_path / "a.png"), "window": [0, 0, 6, 4]}, [8, 4]]
    assert said[1] == said[2] and said[1][1] == [4, 6]
    assert set(said[1][0]) == {"path"} and not Path(said[1][0]["path"]).exists()
    broken = Request("b", "b", (replace(image, path="gone.png", change="haze/1"),), Text("?"))
    (missing,) = program(tmp_path, body).generate([broken])
    assert missing.error is not None and "missing" in missing.error


def test_a_changed_picture_is_sent_in_bytes_as_it_is_shown(tmp_path: Path) -> None:
    PIL.Image.new("RGB", (8, 4)).save(tmp_path / "a.png")
    body = """import base64, io, PIL.Image
png = base64.b64decode(row["images"][0]["bytes"])
say(text=str(PIL.Image.open(io.BytesIO(png)).size))"""
    image = Image("a.png", str(tmp_path / "a.png"), change="flip rot90")
    asked_for = [Request("k", "s", (image,), Text("?"))]
    (found,) = program(tmp_path, body, images="bytes").generate(asked_for)
    assert found.text == "(4, 8)"
