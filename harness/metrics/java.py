"""Where Java is on this machine, which version it is, and where pycocoevalcap keeps its jars."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import lru_cache
from pathlib import Path


def find_java() -> str | None:
    """The `java` on the path; None where there is none."""
    return shutil.which("java")


@lru_cache(maxsize=4)
def java_version(java: str) -> int | None:
    """The major version of a `java` (8, 11, 17 ...); None where it does not say."""
    try:
        said = subprocess.run(
            [java, "-version"], capture_output=True, text=True, errors="replace", timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return major_version(said.stderr + said.stdout)


def major_version(text: str) -> int | None:
    """The major version in what `java -version` prints; up to Java 8 it is the second number.

    >>> major_version('openjdk version "17.0.15"'), major_version('java version "1.8.0_101"')
    (17, 8)
    """
    found = re.search(r'version "(?:1\.)?(\d+)', text)
    return int(found[1]) if found else None


def package_folder() -> Path:
    """The folder of pycocoevalcap, which brings METEOR's and SPICE's jars."""
    import pycocoevalcap

    return Path(next(iter(pycocoevalcap.__path__)))
