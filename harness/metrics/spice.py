"""SPICE by the jar of pycocoevalcap, where the user has given it Stanford CoreNLP."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import ModelError
from .java import find_java, java_version, package_folder
from .spice_jars import LAST_JAVA_WITH_ENGINE, has_engine, jar_folder, missing_jars

NEEDS_JAVA = "needs Java"
NEEDS_JARS = "needs Stanford CoreNLP, `rsbench data spice --from ...`"
NEEDS_ENGINE = (
    f"needs Java 8 to {LAST_JAVA_WITH_ENGINE}, or nashorn-core and asm jars, `rsbench data spice --from ...`"
)


def spice_needs(folder: Path | None = None) -> str | None:
    """What SPICE lacks here; None where it can run. `folder` holds the jars; rsbench's own if None."""
    where = folder or jar_folder()
    java = find_java()
    if java is None:
        return NEEDS_JAVA
    if missing_jars(where):
        return NEEDS_JARS
    version = java_version(java)
    if version is not None and version > LAST_JAVA_WITH_ENGINE and not has_engine(where):
        return NEEDS_ENGINE
    return None


def spice(
    captions: Sequence[str], references: Sequence[Sequence[str]], folder: Path | None = None
) -> list[float | None]:
    """SPICE of each tokenised caption against its references, in [0, 1]: F1 of the tuples of scene graphs.

    P. Anderson et al., SPICE, ECCV 2016. The scores are those of SPICE 1.0's program, started once for all.

    Raises:
        ModelError: something it needs is missing, or the program failed.
    """
    java = find_java()
    if (needs := spice_needs(folder)) or java is None:
        raise ModelError(f"SPICE cannot be computed: it {needs or NEEDS_JAVA}.")
    if not captions:
        return []
    with tempfile.TemporaryDirectory() as scratch:
        asked, answered = Path(scratch, "captions.json"), Path(scratch, "scores.json")
        asked.write_text(json.dumps(questions(captions, references)), encoding="ascii")
        command = spice_command(java, folder or jar_folder(), asked, answered)
        done = subprocess.run(command, capture_output=True, cwd=scratch)
        if done.returncode or not answered.is_file():
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise ModelError(
                f"SPICE's Java process failed with code {done.returncode}: {' '.join(last)[:300]}",
                "It needs Java 8 or newer, 8 GB of memory and the jars of Stanford CoreNLP 3.6.0.",
            )
        return scores(json.loads(answered.read_text(encoding="utf-8", errors="replace")), len(captions))


def spice_command(java: str, folder: Path, asked: Path, answered: Path) -> list[str]:
    """The command line: the user's jars stand on the class path beside those the package brings."""
    package = package_folder() / "spice"
    path = os.pathsep.join(
        str(part) for part in (package / "spice-1.0.jar", package / "lib" / "*", folder / "*")
    )
    program = "edu.anu.spice.SpiceScorer"
    return [java, "-Xmx8G", "-cp", path, program, str(asked), "-out", str(answered), "-silent"]


def questions(captions: Sequence[str], references: Sequence[Sequence[str]]) -> list[dict[str, Any]]:
    """SPICE's input: one object an image.

    >>> questions(["a plane"], [["one plane"]])
    [{'image_id': 0, 'test': 'a plane', 'refs': ['one plane']}]
    """
    pairs = enumerate(zip(captions, references, strict=True))
    return [{"image_id": i, "test": caption, "refs": list(true)} for i, (caption, true) in pairs]


def scores(answer: Any, images: int) -> list[float | None]:
    """The F1 over all tuples of every image, out of SPICE's output; None where it has none.

    >>> scores([{"image_id": 1, "scores": {"All": {"f": 0.5, "pr": 1.0, "re": 0.33}}}], 2)
    [None, 0.5]
    """
    found: list[float | None] = [None] * images
    for item in answer:
        value = item["scores"]["All"]["f"]
        if isinstance(value, (int, float)) and value == value:  # JSON holds null where Java had NaN
            found[int(item["image_id"])] = float(value)
    return found
