"""`rsbench train` from the command line: recipes by name, overrides, kills, two processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

import rsbench
from rsbench.harness.errors import ModelError, UsageError
from rsbench.harness.verbs.train import train

TALK = [{"from": "human", "value": "Is there a ship?"}, {"from": "gpt", "value": "no"}]


@pytest.fixture(scope="module")
def recipe(text_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe of forty short steps on text alone."""
    folder = tmp_path_factory.mktemp("recipe")
    items = [{"conversations": [*TALK, *TALK][: 2 + 2 * (n % 2)]} for n in range(9)]
    for number, item in enumerate(items):
        item["conversations"] = [
            {**said, "value": f"{said['value']} {number}"} for said in item["conversations"]
        ]
    (folder / "talk.json").write_text(json.dumps(items), encoding="utf-8")
    text = {
        "stage": "align",
        "start": str(text_folder),
        "data": [{"mmrs": str(folder / "talk.json")}],
        "optimiser": {"learning_rate": 1e-3},
        "steps": 40,
        "batch": 6,
        "save_every": 4,
        "max_tokens": 100,
        "tensorboard": False,
        "trainer": {"use_cpu": True},
    }
    (folder / "talk.yaml").write_text(json.dumps(text), encoding="utf-8")
    return folder / "talk.yaml"


def started(recipe: Path, output: Path, *launcher: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, *launcher, "-m", "rsbench", "train", str(recipe), "--output", str(output)]
    paths = os.pathsep.join([str(Path(rsbench.__file__).parents[1]), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": paths}
    return subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, cwd=recipe.parent)


def ended(process: subprocess.Popen[bytes]) -> None:
    _, said = process.communicate(timeout=600)
    assert process.returncode == 0, said.decode()


def losses(folder: Path) -> list[float]:
    lines = (folder / "losses.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)["loss"] for line in lines]


@pytest.fixture(scope="module")
def whole(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a training that nothing disturbed."""
    folder = tmp_path_factory.mktemp("whole")
    ended(started(recipe, folder))
    return folder


def test_killed_and_continued(recipe: Path, whole: Path, tmp_path: Path) -> None:
    process = started(recipe, tmp_path)
    while process.poll() is None and not (tmp_path / "checkpoint-8").exists():
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL and 7 < len(losses(tmp_path)) < 40
    ended(started(recipe, tmp_path))
    for file in ("losses.jsonl", "checkpoint/model.safetensors"):
        assert (tmp_path / file).read_bytes() == (whole / file).read_bytes()


def test_two_processes_take_the_same_steps(recipe: Path, whole: Path, tmp_path: Path) -> None:
    ended(started(recipe, tmp_path, "-m", "torch.distributed.run", "--nproc-per-node", "2"))
    assert losses(tmp_path) == pytest.approx(losses(whole), abs=1e-4)
    assert losses(whole)[-1] < losses(whole)[0]


def test_the_outline_and_overrides(recipe: Path) -> None:
    done = CliRunner().invoke(train, [str(recipe), "--dry-run", "--set", "steps=3", "--set", "batch=9"])
    assert done.exit_code == 0 and "3 steps of 9 conversations, 3.00 passes" in done.output


def test_what_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"There is no recipe nowhere(.|\n)*7b_align"):
        CliRunner().invoke(train, ["nowhere"], catch_exceptions=False)
    with pytest.raises(UsageError, match="--set 'x' is not key=value"):
        CliRunner().invoke(train, ["7b_align", "--set", "x"], catch_exceptions=False)
    with pytest.raises(ModelError, match=r"There is no tokenizer\.json"):
        CliRunner().invoke(train, ["7b_align", "--dry-run"], catch_exceptions=False)
