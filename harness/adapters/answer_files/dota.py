"""DOTA's submission: a folder or zip of Task1_<class>.txt (oriented) or Task2_<class>.txt (horizontal).

A line is `image score x1 y1 x2 y2 x3 y3 x4 y4`, or `image score x1 y1 x2 y2`, pixels of the whole picture
(DOTA_devkit, dota_evaluation_task1.py and task2.py; mmrotate DOTAMetric writes the same, merged).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator

from ...errors import DataError
from ..said_regions import box_of
from .said import Answers, Content, Said, names

_FILE = re.compile(r"Task([12])_(.+)\.txt", re.I)
LARGEST = 2**30  # bytes of a zip's file, unpacked


def recognises(content: Content) -> bool:
    """By the names of the files."""
    if content.path.is_dir():
        return any(_FILE.fullmatch(path.name) for path in content.path.iterdir())
    if not zipfile.is_zipfile(content.path):
        return False
    with zipfile.ZipFile(content.path) as packed:
        return any(_FILE.fullmatch(name.rpartition("/")[2]) for name in packed.namelist())


def read(content: Content) -> Answers:
    """The boxes of every image, under the class in the file's name.

    Raises:
        DataError: files of both tasks, or a zip that is damaged or unpacks to too much.
    """
    faults: list[str] = []
    found: dict[str, list[object]] = {}
    tasks = set()
    for task, label, text, file in _files(content):
        tasks.add(task)
        for number, line in enumerate(text.splitlines(), 1):
            parts = line.split()
            if not parts:
                continue
            region = _region(parts, label, {"1": 8, "2": 4}[task])
            if region is None:
                faults.append(f"line {number} of {file} is no box")
            else:
                found.setdefault(parts[0], []).append(region)
    if len(tasks) > 1:
        raise DataError(f"{content.path.name} holds files of Task1 and of Task2.", "Give one of them.")
    said = (
        Said(f"image {key}", {"regions": tuple(regions)}, key, names(key), place=place)
        for place, (key, regions) in enumerate(found.items())
    )
    return Answers(tuple(said), tuple(faults), complete=True)


def _region(parts: list[str], label: str, count: int) -> object | None:
    try:
        score, *points = [float(v) for v in parts[1:]]
    except ValueError:
        return None
    return box_of({"box": points, "label": label, "score": score}) if len(points) == count else None


def _files(content: Content) -> Iterator[tuple[str, str, str, str]]:
    """(task, class, text, name) of every file, in the order of names."""
    if content.path.is_dir():
        for path in sorted(content.path.iterdir()):
            if match := _FILE.fullmatch(path.name):
                yield match[1], match[2], path.read_text(encoding="utf-8", errors="replace"), path.name
        return
    try:
        with zipfile.ZipFile(content.path) as packed:
            for info in sorted(packed.infolist(), key=lambda i: i.filename):
                if match := _FILE.fullmatch(info.filename.rpartition("/")[2]):
                    if info.file_size > LARGEST:
                        raise DataError(f"{info.filename} unpacks to {info.file_size:,} bytes.")
                    yield match[1], match[2], packed.read(info).decode("utf-8", "replace"), info.filename
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{content.path.name} cannot be unpacked: {error}.") from error
