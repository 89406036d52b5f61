"""SPICE without its jars and with stand-ins for them: the command, JSON in and out, and every refusal.

The real jars are not at hand: that the real program scores a caption is not tested here.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from rsbench.harness.errors import ModelError
from rsbench.harness.metrics import spice as module
from rsbench.harness.metrics.java import package_folder
from rsbench.harness.metrics.spice import NEEDS_ENGINE, NEEDS_JARS, NEEDS_JAVA, scores, spice, spice_needs
from rsbench.harness.metrics.spice_jars import NEEDED

# What SPICE 1.0 writes (its SpiceStats.toJSONArray and Evaluation.toJSONString), values made up.
RECORDED = {"tp": 2, "fp": 1, "fn": 3, "f": 0.5, "pr": 0.6666666666666666, "re": 0.4, "numImages": 1}

STAND_IN = """#!{python}
import json, sys
arguments = sys.argv[1:]
json.dump(arguments, open({log!r}, "w"))
asked = json.load(open(arguments[4]))
written = [{{"image_id": a["image_id"], "scores": {{"All": {{**{recorded}, "f": len(a["refs"]) / 10}}}}}}
           for a in reversed(asked)]
json.dump(written, open(arguments[6], "w"))
"""


@pytest.fixture
def jars(tmp_path: Path) -> Path:
    folder = tmp_path / "jars"
    folder.mkdir()
    for name, mark in NEEDED.items():
        with ZipFile(folder / name, "w") as jar:
            jar.writestr(mark, "")
    return folder


def java(folder: Path, monkeypatch: pytest.MonkeyPatch, text: str, version: int = 11) -> None:
    """A program that stands in for Java, of a version."""
    path = folder / "java"
    path.write_text(text)
    path.chmod(0o755)
    monkeypatch.setattr(module, "find_java", lambda: str(path))
    monkeypatch.setattr(module, "java_version", lambda _: version)


def test_the_whole_way(tmp_path: Path, jars: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = str(tmp_path / "log.json")
    java(tmp_path, monkeypatch, STAND_IN.format(python=sys.executable, log=log, recorded=RECORDED))
    assert spice(["a plane", "é"], [["x"], ["y", "机"]], jars) == [0.1, 0.2]
    assert spice([], [], jars) == []
    memory, flag, path, program, _, out, _, silent = json.loads(Path(log).read_text())
    assert (memory, flag, program) == ("-Xmx8G", "-cp", "edu.anu.spice.SpiceScorer")
    assert (out, silent) == ("-out", "-silent")
    package, library, own = path.split(os.pathsep)
    assert Path(package).is_file() and Path(own) == jars / "*"
    assert Path(library).parent == package_folder() / "spice" / "lib"


def test_recorded_output() -> None:
    answer = [{"image_id": 1, "scores": {"All": RECORDED, "Color": {**RECORDED, "f": None}}}]
    assert scores(answer, 2) == [None, 0.5]
    assert scores([{"image_id": 0, "scores": {"All": {"f": None}}}], 1) == [None]


def test_what_it_needs(tmp_path: Path, jars: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java(tmp_path, monkeypatch, "", version=17)
    assert spice_needs(tmp_path) == NEEDS_JARS
    assert spice_needs(jars) == NEEDS_ENGINE
    (jars / "nashorn-core-15.4.jar").touch()
    assert spice_needs(jars) is None
    monkeypatch.setattr(module, "find_java", lambda: None)
    assert spice_needs(jars) == NEEDS_JAVA
    with pytest.raises(ModelError, match="SPICE cannot be computed: it needs Java"):
        spice(["a"], [["a"]], jars)


def test_a_failure_is_told(tmp_path: Path, jars: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    java(tmp_path, monkeypatch, "#!/bin/sh\necho 'Error: Could not score batched file input:' >&2\nexit 1\n")
    with pytest.raises(ModelError, match="code 1: Error: Could not score"):
        spice(["a"], [["a"]], jars)
