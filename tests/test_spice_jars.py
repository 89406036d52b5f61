"""Taking SPICE's jars from a folder or an archive, and saying what is missing."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from click.testing import CliRunner

from rsbench.harness.errors import DataError
from rsbench.harness.metrics import spice as spice_module
from rsbench.harness.metrics import spice_jars
from rsbench.harness.metrics.spice_jars import NEEDED, has_engine, missing_jars, take_jars
from rsbench.harness.verbs.spice import spice

CODE, MODELS = NEEDED


def jar(name: str) -> bytes:
    """A jar that holds what the real one is known by."""
    store = BytesIO()
    with ZipFile(store, "w") as archive:
        archive.writestr(NEEDED.get(name, "x"), "")
    return store.getvalue()


def archive(path: Path, names: list[str]) -> Path:
    with ZipFile(path, "w") as whole:
        for name in names:
            whole.writestr(name, jar(name.rpartition("/")[2]))
    return path


def test_from_an_archive_nothing_else_comes_and_nothing_lands_elsewhere(tmp_path: Path) -> None:
    names = [f"corenlp/{CODE}", f"../../{MODELS}", "corenlp/other.jar", "/etc/asm-9.jar", "run.sh"]
    target = tmp_path / "deep" / "jars"
    assert set(take_jars(archive(tmp_path / "all.zip", names), target)) == {CODE, MODELS, "asm-9.jar"}
    assert {path.name for path in target.iterdir()} == {CODE, MODELS, "asm-9.jar"}
    assert {path.name for path in tmp_path.rglob("*")} == {
        "all.zip",
        "deep",
        "jars",
        CODE,
        MODELS,
        "asm-9.jar",
    }
    assert missing_jars(target) == ()


def test_from_a_folder(tmp_path: Path) -> None:
    source, target = tmp_path / "source" / "lib", tmp_path / "jars"
    source.mkdir(parents=True)
    (source / CODE).write_bytes(jar(CODE))
    (source / "nashorn-core-15.4.jar").write_bytes(jar("n"))
    (source / "junit.jar").write_bytes(jar("j"))
    assert take_jars(tmp_path / "source", target) == ("nashorn-core-15.4.jar", CODE)
    assert missing_jars(target) == (MODELS,)
    assert has_engine(target)


def test_a_damaged_jar_is_missing(tmp_path: Path) -> None:
    (tmp_path / CODE).write_bytes(jar(MODELS))  # another jar under its name
    (tmp_path / MODELS).write_bytes(b"half")
    assert missing_jars(tmp_path) == (CODE, MODELS)


@pytest.mark.parametrize("what", ["text", "folder", "nothing", "archive"])
def test_what_holds_no_jars(tmp_path: Path, what: str) -> None:
    source = tmp_path / what
    if what == "text":
        source.write_text("not an archive")
    elif what == "folder":
        source.mkdir()
    elif what == "archive":
        archive(source, ["junit.jar"])
    with pytest.raises(DataError):
        take_jars(source, tmp_path / "jars")


def test_a_damaged_archive(tmp_path: Path) -> None:
    source = archive(tmp_path / "all.zip", [CODE])
    whole = bytearray(source.read_bytes())
    whole[60:90] = bytes(30)
    source.write_bytes(whole)
    with pytest.raises(DataError):
        take_jars(source, tmp_path / "jars")
    assert not list((tmp_path / "jars").iterdir())


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "home"
    monkeypatch.setattr(spice_jars, "jar_folder", lambda: folder)
    monkeypatch.setattr(spice_module, "jar_folder", lambda: folder)
    monkeypatch.setattr(spice_module, "find_java", lambda: "java")
    monkeypatch.setattr(spice_module, "java_version", lambda _: 11)
    first = CliRunner().invoke(spice, [])
    assert first.exit_code == 3
    assert f"missing  {CODE}" in first.output and "needs Stanford CoreNLP" in first.output
    source = archive(tmp_path / "all.zip", [CODE, MODELS])
    second = CliRunner().invoke(spice, ["--from", str(source)])
    assert second.exit_code == 0
    assert f"took     {CODE}" in second.output and "SPICE can run" in second.output
