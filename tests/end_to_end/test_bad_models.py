"""Models that do not work, through the whole command: one clear message, its exit code, no half a report.

The adapters' own tests go further: tests/test_hf_loading.py (checkpoints), tests/test_openai.py and
tests/end_to_end/test_endpoint.py (endpoints), tests/test_guess.py (places), tests/test_command.py (programs).
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import PIL.Image
import pytest

from rsbench.harness.cli import main

from .. import tiny_models
from ..misbehaving_endpoint import Answer, Asked, Raw, chat, serving

QUESTIONS = 8
PAGE = Raw(b"<html><body>Bad gateway: ask your administrator</body></html>")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Questions whose answer is their number."""
    folder = tmp_path / "data"
    folder.mkdir()
    PIL.Image.new("RGB", (8, 8)).save(folder / "a.png")
    rows = [
        {"id": str(i), "image": "a.png", "question": f"Say {i}?", "truth": str(i)} for i in range(QUESTIONS)
    ]
    (folder / "data.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def llava(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.brief(tiny_models.llava(tmp_path_factory.mktemp("m") / "llava"))


@pytest.fixture
def copied(llava: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(llava, tmp_path / "copied"))


def run(model: str, data: Path, *options: str) -> int:
    """The exit code; anything but SystemExit would be a traceback."""
    command = ["run", "--model", model, "--tasks", "vqa", "--data", str(data), *options]
    try:
        main([*command, "--output", str(data.parent / "runs")])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def complaint(capsys: pytest.CaptureFixture[str], data: Path) -> str:
    """The one message, where no part of a report was written or printed."""
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.count("rsbench: ") == 1 and "Traceback" not in shown.err
    written = {path.name for path in (data.parent / "runs").rglob("*") if path.is_file()}
    assert not {name for name in written if name.startswith("report") or name.endswith((".tmp", ".part"))}
    return shown.err.partition("rsbench: ")[2]


def report(data: Path) -> dict[str, object]:
    (path,) = (data.parent / "runs").glob("*/report.json")
    found: dict[str, object] = json.loads(path.read_text())
    return found


def test_a_folder_without_a_chat_template(
    copied: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the message says to do is then enough."""
    template = (copied / "chat_template.jinja").rename(data.parent / "words.jinja")
    assert run(str(copied), data) == 4
    said = complaint(capsys, data)
    assert said.startswith("copied has no chat template.\nGive one with template=FILE")
    assert run(f"{copied},template={template}", data, "--limit", "2") == 0
    assert report(data)["failed"] == 0


@pytest.mark.parametrize(
    ("model", "module", "extra"),
    [
        ("hf,checkpoint=COPIED", "transformers", "models"),
        ("COPIED", "torch", "models"),
        ("grounding_dino,checkpoint=COPIED", "transformers", "models"),
        ("open_clip,checkpoint=COPIED", "open_clip", "models"),
        ("mmrotate,config=COPIED/a.py,checkpoint=COPIED/a.pth", "mmdet", "mmrotate"),
    ],
)
def test_an_extra_that_is_not_installed(
    model: str,
    module: str,
    extra: str,
    copied: Path,
    data: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    for name in ("a.py", "a.pth"):
        (copied / name).touch()
    monkeypatch.setitem(sys.modules, module, None)  # as if it were absent
    assert run(model.replace("COPIED", str(copied)), data) == 4
    said = complaint(capsys, data)
    assert "is not installed." in said and f"pip install 'rsbench[{extra}]'" in said


def test_code_of_a_checkpoint_is_refused_with_the_flag_that_allows_it(
    copied: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = copied / "config.json"
    config = json.loads(path.read_text())
    config |= {"model_type": "gull", "auto_map": {"AutoConfig": "gull.Config", "AutoModel": "gull.Model"}}
    path.write_text(json.dumps(config))
    (copied / "gull.py").write_text(f"open({str(data.parent / 'ran')!r}, 'w')\n")
    assert run(str(copied), data) == 4
    assert "remote_code=yes" in complaint(capsys, data)
    assert not (data.parent / "ran").exists()


def test_an_endpoint_that_is_down(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with serving(lambda asked: "yes") as endpoint:
        pass
    assert run(f"{endpoint.url},name=tiny", data) == 4
    said = complaint(capsys, data)
    assert "Nothing answers at" in said and "Start it, or correct url=." in said


def said(asked: Asked) -> str:
    return asked.prompt.split("Say ")[1].split("?")[0]


def no_choices(asked: Asked) -> Answer:
    return {"object": "chat.completion", "choices": []}


ILL: dict[str, Callable[[Asked], Answer]] = {
    "slow": lambda asked: Raw(json.dumps(chat("yes")).encode(), hang=0.6),
    "HTML": lambda asked: PAGE,
    "truncated JSON": lambda asked: Raw(json.dumps(chat("yes")).encode()[:40]),
    "a body that ends early": lambda asked: Raw(b'{"choices": [', length=500),
    "no choices": no_choices,
    "429": lambda asked: 429,
    "500": lambda asked: 500,
}


@pytest.mark.parametrize("illness", ILL)
def test_an_endpoint_that_falls_ill_stops_the_run_and_costs_nothing(
    illness: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Three answers, then the illness for long; well again, the same command asks for the other five."""
    options = "name=tiny,backoff=0.01,retries=1,concurrency=1,timeout=0.3"
    with serving(lambda asked: said(asked) if asked.number < 3 else ILL[illness](asked)) as endpoint:
        assert run(f"openai,url={endpoint.url},{options}", data) == 4
    message = complaint(capsys, data)
    assert "answers no more" in message and "the same command asks for the rest" in message
    port = int(endpoint.url.rpartition(":")[2].partition("/")[0])
    with serving(said, port=port) as again:
        assert run(f"openai,url={again.url},{options}", data) == 0
    found = report(data)
    assert (found["samples"], found["failed"]) == (QUESTIONS, 0)
    assert {said(a) for a in again.asked}.isdisjoint({said(a) for a in endpoint.asked[:3]})
    assert len(again.asked) == QUESTIONS - 3


@pytest.mark.parametrize("illness", ["HTML", "no choices", "truncated JSON"])
def test_half_of_the_answers_are_ill(illness: str, data: Path) -> None:
    """The rest counts; what failed is counted, told, and asked again."""
    options = "name=tiny,backoff=0.01,retries=0,concurrency=4"
    with serving(lambda a: said(a) if int(said(a)) % 2 else ILL[illness](a)) as endpoint:
        assert run(f"openai,url={endpoint.url},{options}", data) == 0
        first = report(data)
    assert first["failed"] == QUESTIONS // 2 and "incomplete" in str(first["labels"])
    port = int(endpoint.url.rpartition(":")[2].partition("/")[0])
    with serving(said, port=port) as again:
        assert run(f"openai,url={again.url},{options}", data) == 0
    assert sorted(map(said, again.asked)) == ["0", "2", "4", "6"] and report(data)["failed"] == 0


def test_429_for_a_while_is_waited_out(data: Path) -> None:
    """Twenty refusals among four requests, each with the wait that it asks for."""
    with serving(lambda a: Raw(b"{}", 429, {"Retry-After": "0.1"}) if a.number < 20 else said(a)) as endpoint:
        model = f"openai,url={endpoint.url},name=tiny,backoff=0.01,retries=9,concurrency=4"
        assert run(model, data) == 0
    assert report(data)["failed"] == 0 and len(endpoint.asked) == 20 + QUESTIONS
