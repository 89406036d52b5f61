"""The one Java process of METEOR: what it is asked, that it agrees with our formula, and how it may die."""

from __future__ import annotations

import shutil
import stat
from pathlib import Path

import numpy as np
import pytest

from rsbench.harness.errors import ModelError
from rsbench.harness.metrics import meteor_process
from rsbench.harness.metrics.meteor import meteor, meteor_statistics
from rsbench.harness.metrics.meteor_process import Aligner, SharedAligner, aligner, score_line
from rsbench.harness.metrics.paraphrases import words_of

NEEDS_JAVA = pytest.mark.skipif(shutil.which("java") is None, reason="Java is not here")


def script(folder: Path, text: str) -> str:
    """A program that stands in for Java."""
    path = folder / "java"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_what_is_asked() -> None:
    assert score_line("a plane", ["x", ""]) == "SCORE ||| x |||  ||| a plane\n"
    assert score_line("a ||| b\nc", ["x ||||| y\r"]) == "SCORE ||| x || y  ||| a b c\n"


def test_many_long_lines_both_ways(tmp_path: Path) -> None:
    with Aligner(script(tmp_path, "exec cat")) as program:
        said = ["plane " * 2000 + str(i) for i in range(200)]  # far more than a pipe holds
        lines = program.statistics(said, [["é"]] * 200)
        assert lines == [score_line(text, ["é"]).strip() for text in said]
        assert program.statistics([], []) == []
    assert program._process.poll() is not None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("echo 'Error: no memory' >&2; exit 3", "ended with code 3: Error: no memory"),
        ("read line; echo $line; printf half", "ended with code 0"),
    ],
)
def test_a_dead_process_is_an_error_not_a_wait(tmp_path: Path, text: str, says: str) -> None:
    with Aligner(script(tmp_path, text)) as program, pytest.raises(ModelError, match=says) as raised:
        program.statistics(["a"] * 5000, [["b"]] * 5000)
    assert "Java" in str(raised.value)


def test_a_process_that_does_not_stop_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meteor_process, "STOP_SECONDS", 0.1)
    program = Aligner(script(tmp_path, "exec sleep 60"))
    program.close()
    assert program._process.poll() is not None
    program.close()


def test_no_java_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meteor_process, "find_java", lambda: None)
    assert aligner() is None


def test_one_process_until_other_words_come(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first process loads the paraphrases of its first texts, the second, if need be, all."""
    started: list[frozenset[str] | None] = []

    class Counted(Aligner):
        def __init__(self, java: str, words: frozenset[str] | None = None) -> None:
            started.append(words)
            super().__init__(java)  # the stand-in needs no table
            self._words = words

    monkeypatch.setattr(meteor_process, "Aligner", Counted)
    shared = SharedAligner(script(tmp_path, "exec cat"))
    shared.statistics(["a plane"], [["two planes"]])
    shared.statistics(["planes"], [["a two"]])
    assert started == [frozenset({"a", "plane", "two", "planes"})]
    shared.statistics(["river"], [["x"]])
    shared.statistics(["lake"], [["y"]])
    assert started[1:] == [None]
    shared.close()
    shared.close()


def test_a_new_process_after_a_death(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meteor_process, "shorten", lambda *_: None)
    shared = SharedAligner(script(tmp_path, "read line; echo $line"))
    for _ in range(2):
        assert shared.statistics(["a"], [["a"]]) == ["SCORE ||| a ||| a"]
        assert shared._program is not None
        shared._program._process.wait()
    shared.close()


@NEEDS_JAVA
def test_our_formula_is_the_jars_and_a_short_table_changes_nothing() -> None:
    """Random captions and a few awkward ones: the jar scores its own statistics, single and summed."""
    generator = np.random.default_rng(5)
    words = "a the planes plane parked near close to big large building of house's 3.5 café 机场".split()
    said, true = [], []
    for _ in range(150):
        said.append(" ".join(generator.choice(words, generator.integers(0, 9))))
        true.append([" ".join(generator.choice(words, generator.integers(0, 9))) for _ in range(3)])
    said.append("the plane")
    true.append(["the plane"])
    java = str(shutil.which("java"))
    with Aligner(java) as whole, Aligner(java, words_of([" ".join(words)])) as short:
        lines = whole.statistics(said, true)
        assert lines == short.statistics(said, true)
        whole._write(["EVAL ||| " + " ||| ".join(lines) + "\n"])
        theirs = [float(whole._read()) for _ in range(len(lines) + 1)]
    table = np.array([meteor_statistics(line) for line in lines])
    assert (table[:, 16:20].sum(axis=1) > 0).any()  # some words match as paraphrases
    assert np.abs(meteor(table) - theirs[:-1]).max() < 1e-12
    assert meteor(table.sum(axis=0)) == pytest.approx(theirs[-1], abs=1e-12)
    assert min(theirs) == 0 and max(theirs) == 1
