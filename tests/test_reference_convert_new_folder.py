"""A folder that appears whole or not at all."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from rsbench.harness.errors import DataError, UsageError
from rsbench.reference_model.convert.new_folder import new_folder


def test_it_takes_its_name_when_all_went_well(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "target"
    with new_folder(target, force=False) as folder:
        (folder / "a.json").write_text("1")
        assert not target.exists() and folder.parent == target.parent
    assert (target / "a.json").read_text() == "1" and [*target.parent.iterdir()] == [target]


@pytest.mark.parametrize("fault", [RuntimeError("no"), KeyboardInterrupt()])
def test_nothing_is_left_of_a_failure(tmp_path: Path, fault: BaseException) -> None:
    with pytest.raises(type(fault)), new_folder(tmp_path / "target", force=False) as folder:
        (folder / "a.json").write_text("1")
        raise fault
    assert not [*tmp_path.iterdir()]


def test_a_full_disk_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(DataError, match="Cannot write .*target: No space left") as caught,
        new_folder(tmp_path / "target", force=False),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert "Make room" in str(caught.value) and not [*tmp_path.iterdir()]


def test_weights_are_replaced_by_force_only(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (target / "model.safetensors").write_text("old")
    with pytest.raises(UsageError, match="target exists") as caught, new_folder(target, force=False):
        pass
    assert "--force" in str(caught.value) and (target / "model.safetensors").read_text() == "old"
    with pytest.raises(RuntimeError), new_folder(target, force=True):
        raise RuntimeError
    assert (target / "model.safetensors").read_text() == "old"
    with new_folder(target, force=True) as folder:
        (folder / "config.json").write_text("new")
    assert [p.name for p in target.iterdir()] == ["config.json"] and [*tmp_path.iterdir()] == [target]


@pytest.mark.parametrize("strange", ["photo.jpg", "folder/photo.jpg"])
def test_force_replaces_nothing_but_weights(tmp_path: Path, strange: str) -> None:
    target = tmp_path / "target"
    (target / strange).parent.mkdir(parents=True)
    (target / strange).write_text("mine")
    for path in (target, target / strange):
        with pytest.raises(UsageError, match="holds more than weights"), new_folder(path, force=True):
            (tmp_path / "unreached").touch()
    assert (target / strange).read_text() == "mine" and not (tmp_path / "unreached").exists()
