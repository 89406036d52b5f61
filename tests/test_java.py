"""Java's version, however it is printed, and where the jars lie."""

from __future__ import annotations

from pathlib import Path

import pytest

from rsbench.harness.metrics.java import java_version, major_version, package_folder


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ('openjdk version "17.0.15" 2025-04-15', 17),
        ('java version "1.8.0_402"', 8),
        ('openjdk version "21" 2023-09-19', 21),
        ("no java here", None),
    ],
)
def test_versions(said: str, version: int | None) -> None:
    assert major_version(said) == version


def test_what_cannot_be_run_has_no_version(tmp_path: Path) -> None:
    assert java_version(str(tmp_path / "java")) is None


def test_the_jars_are_there() -> None:
    for jar in ("meteor/meteor-1.5.jar", "spice/spice-1.0.jar"):
        assert (package_folder() / jar).is_file()
