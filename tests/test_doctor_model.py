"""What the doctor says of a model: healthy tiny ones, and ones that are ill in one way each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from rsbench.harness.adapters.hf import HuggingFace, Shown
from rsbench.harness.cli import main
from rsbench.harness.contract import Label, Request, Response, Runtime, Token
from rsbench.harness.dialects.plain import Plain
from rsbench.harness.dialects.rscovlm import RSCoVLM
from rsbench.harness.doctor_model import Examined, Transparent, examine

from . import tiny_models


@pytest.fixture(scope="module")
def qwen(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_models.qwen2_5_vl(tmp_path_factory.mktemp("m") / "qwen")


class Patient:
    """Answers with its prompt's length; falls ill by being told."""

    name = "patient"
    dialect: str | None = None
    checkpoint: str | None = None

    def __init__(self, gap: float = 0.0, behind: int = 0, words: bool = False, broken: bool = False) -> None:
        self._gap, self._behind, self._words, self._broken = gap, behind, words, broken

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        many = len(requests) > 1
        for request in requests:
            if self._broken:
                yield Response(request.key, request.sample_id, error="no memory")
                continue
            text = f"{len(request.prompt)}{' or so' if many and self._words else ''}"
            tokens = (Token(text, -1.0 - (self._gap if many else 0.0)),)
            yield Response(request.key, request.sample_id, text=text, tokens=tokens)

    def shown(self, requests: Sequence[Request]) -> list[Shown]:
        return [Shown(r.prompt, (1, 2, 3), i, self._behind, None) for i, r in enumerate(requests)]


def examined(patient: Patient, tmp_path: Path, dtype: str = "float32") -> Examined:
    return examine(patient, Plain(), tmp_path, dtype, 8)


def test_a_healthy_model(qwen: Path, tmp_path: Path) -> None:
    adapter = HuggingFace({"checkpoint": str(qwen)}, Runtime())
    assert isinstance(adapter, Transparent)
    found = examine(adapter, Plain(), tmp_path, "float32", 6)
    assert found.faults == ()
    text = "\n".join(found.lines)
    assert "4 of 4 answers are the same" in text and ", 0 behind" in text
    assert "300 x 200 pixels, seen as 112 x 84 (scale 0.3733, 0.42)" in text
    assert "  | <|vision_start|><|image_pad|><|vision_end|>Is there a ship in the image?" in text
    ids = list(adapter.shown([request_of(adapter, tmp_path)])[0].ids)
    assert sha256(json.dumps(ids, separators=(",", ":")).encode()).hexdigest() in text


def request_of(adapter: HuggingFace, tmp_path: Path) -> Request:
    """The first question, asked again."""
    from rsbench.harness.contract import Image, Text

    image = Image("a", str(tmp_path / "300x200.png"), size=(300, 200))
    request = Request("k", "s", (image,), Text("Is there a ship in the image?"))
    return replace(request, prompt=Plain().render(request))


@pytest.mark.parametrize(
    ("patient", "dtype", "fault"),
    [
        (Patient(), "float32", None),
        (Patient(gap=0.01), "float32", "changes log-probabilities by 1.0e-02"),
        (Patient(gap=0.01), "bfloat16", None),
        (Patient(gap=0.5), "bfloat16", "changes log-probabilities by 5.0e-01"),
        (Patient(words=True), "float32", "changes 4 of 4 answers"),
        (Patient(words=True), "bfloat16", None),  # rounding may decide between two equal tokens
        (Patient(behind=3), "float32", "padded on the right"),
        (Patient(broken=True), "float32", "question 1: no memory"),
    ],
)
def test_each_illness_is_named(patient: Patient, dtype: str, fault: str | None, tmp_path: Path) -> None:
    found = examined(patient, tmp_path, dtype)
    assert bool(found.faults) == (fault is not None)
    assert fault is None or fault in found.faults[0]


def test_an_adapter_that_shows_nothing_is_looked_at_from_outside(tmp_path: Path) -> None:
    class Closed:
        name = "closed"
        dialect: str | None = None
        checkpoint: str | None = None

        def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
            return (Response(r.key, r.sample_id, text="yes") for r in requests)

    found = examine(Closed(), RSCoVLM(text="plain"), tmp_path, "float32", 8)
    text = "\n".join(found.lines)
    assert found.faults == () and "closed does not show" in text and "none to compare" in text
    assert "the model does not say how it saw it" in text
    assert "  | As an AI assistant, you specialize in accurate image object detection" in text


def test_the_verb(qwen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["doctor", "model", "--model", str(qwen), "--max-new-tokens", "4"])
    said = capsys.readouterr()
    assert said.out.startswith(
        "hf, dialect qwen,generation=2.5,min_pixels=3136,max_pixels=12544, checkpoint "
    )
    assert said.out.endswith("All is well.\n") and f"--model hf,checkpoint={qwen}" in said.err
    with pytest.raises(SystemExit) as stop:
        main(["doctor", "model", "--model", f"hf,checkpoint={qwen.parent / 'none'}"])
    assert stop.value.code == 4 and "There is no folder" in capsys.readouterr().err


def test_the_verb_fails_where_a_question_does(qwen: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The oracle has no truth of drawn pictures to tell."""
    with pytest.raises(SystemExit) as stop:
        main(["doctor", "model", "--model", "oracle,dialect=plain"])
    assert stop.value.code == 4 and "FAULT     question 1" in capsys.readouterr().out


class Classifier(Patient):
    """Answers one kind of question, without words."""

    def generate(self, requests: Sequence[Request]) -> Iterator[Response]:
        for request in requests:
            mine = isinstance(request.wants, Label) and not self._broken
            yield Response(
                request.key,
                request.sample_id,
                label="ship" if mine else None,
                error=None if mine else "it picks one of several classes",
            )


@pytest.mark.parametrize("broken", [False, True])
def test_a_model_without_words_may_leave_what_is_not_its_own(broken: bool, tmp_path: Path) -> None:
    found = examine(Classifier(broken=broken), None, tmp_path, "float32", 8)
    assert len(found.faults) == (4 if broken else 0)
