"""`rsbench convert` as a user types it: a SPHINX-shaped model answers a benchmark; mistakes are sentences."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from click.testing import CliRunner

from rsbench.harness.cli import VERBS, main
from rsbench.harness.verbs.convert import _KINDS, convert
from rsbench.reference_model.convert.run import TARGETS, TYPES
from rsbench.reference_model.convert.sources import KINDS
from rsbench.reference_model.tokenizer import Tokenizer

from .accessory_writer import Shape, drawn_light, write


@pytest.fixture(scope="module")
def sphinx(tmp_path_factory: pytest.TempPathFactory, tokenizer: Tokenizer) -> Path:
    folder = tmp_path_factory.mktemp("sphinx") / "SPHINX"
    shape = Shape(vocab_size=400, n_layers=1)
    write(folder, drawn_light(shape, 3), 2, shape.params() | {"max_seq_len": 2048})
    (folder / "meta.json").write_text(json.dumps({"llama_type": "llama_ens_light"}))
    tokenizer.write(folder)
    return folder


def test_a_converted_sphinx_answers_a_benchmark(
    sphinx: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["convert", str(sphinx), str(tmp_path / "model"), "--dtype", "fp32"])
    said = capsys.readouterr().out
    assert "from   accessory" in said and "ConvNeXt" in said
    model = f"earthgpt,checkpoint={tmp_path / 'model'}"
    main(
        [
            "run",
            "--model",
            model,
            "--tasks",
            "clrs",
            "--data",
            "mini",
            "--limit",
            "2",
            "--output",
            str(tmp_path),
        ]
    )
    answers = [
        json.loads(line) for file in tmp_path.rglob("*.jsonl") for line in file.read_text().splitlines()
    ]
    texts = [answer["text"] for answer in answers if answer.get("text") is not None]
    assert len(texts) == 2 and not any(answer.get("error") for answer in answers)


def test_the_options_are_those_of_the_conversion() -> None:
    assert _KINDS == KINDS and _KINDS[:4] == TARGETS
    choices = {p.name: p.type.choices for p in convert.params if hasattr(p.type, "choices")}
    assert list(choices["dtype"]) == list(TYPES)
    assert (
        VERBS["convert"][0].endswith(":convert")
        and "[FROM] TO" in CliRunner().invoke(convert, ["--help"]).output
    )


def test_mistakes_are_sentences(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["convert", str(tmp_path / "absent"), str(tmp_path / "x")])
    said = capsys.readouterr().err
    assert caught.value.code == 4 and said.startswith("rsbench: There is no ") and "Traceback" not in said


def test_wrong_counts_of_paths(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["convert"])
    assert caught.value.code == 2 and "FROM and TO, not 0 paths" in capsys.readouterr().err


def test_a_trap_is_not_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (tmp_path / "mark",)

    (tmp_path / "a").mkdir()
    torch.save({"model": Trap()}, tmp_path / "a" / "consolidated.00-of-01.model.pth")
    with pytest.raises(SystemExit) as caught:
        main(["convert", str(tmp_path / "a"), str(tmp_path / "x")])
    assert caught.value.code == 4 and "would run code" in capsys.readouterr().err
    assert not (tmp_path / "mark").exists() and not (tmp_path / "x").exists()


def test_a_full_disk_leaves_nothing_half_written(sphinx: Path, tmp_path: Path) -> None:
    """A limit on the size of files fails a write as a full disk does, in the middle of a file."""
    code = (
        "import resource, sys\nfrom rsbench.harness.cli import main\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "for kind in ('ours', 'accessory', 'meta', 'hf'):\n"
        "    try:\n        main(['convert', *sys.argv[1:], '--to', kind])\n"
        "    except SystemExit as stop:\n        print(stop.code)\n"
    )
    command = [sys.executable, "-c", code, str(sphinx), str(tmp_path / "x")]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["3"] * 4, done.stderr
    assert done.stderr.count(f"Cannot write {tmp_path / 'x'}") == done.stderr.count("Make room") == 4
    assert "Traceback" not in done.stderr and not [*tmp_path.iterdir()]
