"""An endpoint through the whole command: killed in mid-run, and asked again for what is missing alone."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from rsbench.harness.cli import main

from ..misbehaving_endpoint import Answer, Asked, Raw, serving

QUESTIONS = 12


def records(folder: Path) -> Path:
    """Questions whose answer is their number."""
    path = folder / "data.jsonl"
    rows = [
        {"id": str(i), "image": f"{i}.png", "question": f"Say {i}?", "truth": str(i)}
        for i in range(QUESTIONS)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def data(tmp_path: Path) -> Path:
    import PIL.Image

    for i in range(QUESTIONS):
        PIL.Image.new("RGB", (8, 8)).save(tmp_path / f"{i}.png")
    return records(tmp_path)


def said(asked: Asked) -> str:
    return asked.prompt.split("Say ")[1].split("?")[0]


def run(data: Path, url: str, *options: str) -> int:
    model = ",".join([f"openai,url={url},name=tiny", "backoff=0.01", "retries=1", *options])
    command = ["run", "--model", model, "--tasks", "vqa", "--data", str(data)]
    try:
        main([*command, "--output", str(data.parent / "runs")])
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0


def folder(data: Path) -> Path:
    (path,) = (data.parent / "runs").iterdir()
    return path


def test_a_killed_endpoint_loses_nothing(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It dies after five answers. The run stops with status 4 and no report; the same command, at another
    pace, asks for the rest and for nothing else."""
    gone = threading.Event()

    def dying(asked: Asked) -> Answer:
        if asked.number >= 5:
            gone.set()
        return Raw(b"", 503) if gone.is_set() else said(asked)

    with serving(dying) as endpoint:
        assert run(data, endpoint.url, "concurrency=1") == 4
    assert "answers no more" in capsys.readouterr().err and not (folder(data) / "report.json").exists()
    port = int(endpoint.url.rpartition(":")[2].partition("/")[0])
    assert run(data, endpoint.url) == 4  # nothing listens at all
    with serving(said, port=port) as again:
        assert run(data, again.url, "concurrency=4", "timeout=9", "price_in=1") == 0
    report = json.loads((folder(data) / "report.json").read_text())
    assert (report["samples"], report["failed"], report["headline"]["value"]) == (QUESTIONS, 0, 1.0)
    first = {said(asked) for asked in endpoint.asked[:5]}
    assert len(again.asked) == QUESTIONS - 5 and first.isdisjoint(said(asked) for asked in again.asked)


def test_what_fails_for_now_is_a_failed_sample_and_asked_again(
    data: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-not-to-be-seen")
    with serving(lambda asked: 429 if said(asked) in "37" else said(asked)) as endpoint:
        assert run(data, endpoint.url.replace("//", "//me:hidden@") + "?token=hidden") == 0
        report = json.loads((folder(data) / "report.json").read_text())
        assert report["failed"] == 2 and any("incomplete" in label for label in report["labels"])
        shown = capsys.readouterr()
        assert "10 answers, 100 tokens in, 30 out" in shown.err
        kept = [path.read_text() for path in folder(data).iterdir()]
        assert not any(str(data.parent) in text for text in kept)
        for text in (shown.out, shown.err, *kept):
            assert "sk-not" not in text and "hidden" not in text
        before = len(endpoint.asked)
        assert run(data, endpoint.url.replace("//", "//other:secret@")) == 0
    assert {said(asked) for asked in endpoint.asked[before:]} == {"3", "7"}
